/** @file The window's host for tests: the built page, the real engine and a real storage, on loopback. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { openAppHost, type AppHost, type HostOptions } from '../../electron/engine/window/host.ts';
import { openPage } from '../../electron/page.ts';
import { startServer } from '../../electron/serve/server.ts';
import { createClient, type Api } from '../../shared/api.ts';
import { mustSayNoKey } from './canary-traces.ts';
import { storageEnv } from './cli.ts';
import { openServer, type S3Access } from './s3-servers.ts';
import { tempDir } from './temp-dir.ts';

export type TestAppHost = Readonly<{
  /** With the token: what a browser is pointed at. */
  url: string;
  token: string;
  host: AppHost;
  s3: S3Access;
  homePath: string;
  /** An empty folder to watch, outside the home. */
  folder: string;
}> &
  AsyncDisposable;

/** The calls as a window makes them; what a process border could not carry fails here as well. */
export const apiOf = ({ host }: Pick<TestAppHost, 'host'>): Api =>
  createClient(async (name, input) =>
    structuredClone(await host.serve(name, structuredClone(input))),
  );

/** @param options Overrides; `env: {}` for a window without settings. */
export async function openTestAppHost(options: Partial<HostOptions> = {}): Promise<TestAppHost> {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer('embedded'));
  const dir = stack.use(await tempDir());
  const folder = join(dir.path, 'Recordings');
  const homePath = join(dir.path, 'home');
  // The server leaves its token in the home, also when the library is another's or cannot be opened.
  for (const path of [folder, homePath]) await mkdir(path);
  const opened = await openAppHost({
    env: storageEnv(s3),
    homePath,
    version: packageJson.version,
    userId: 'teacher-7',
    quietMs: 500,
    graceMs: 0,
    rescanMs: 60_000,
    desktop: {
      chooseSavePath: (name) => Promise.resolve(join(dir.path, name)),
    },
    ...options,
  });
  stack.defer(() => opened.stop());
  const host = watched(opened);
  const server = await startServer(
    {
      storage: host.storage,
      window: {
        serve: host.serve,
        onEvent: host.onEvent,
        preview: host.preview,
        page: openPage(join(import.meta.dirname, '../../out/renderer')),
      },
      homePath,
      clientVersion: packageJson.version,
      userId: 'teacher-7',
      nowMs: Date.now,
      maxFileBytes: 100_000_000,
      log: () => {},
    },
    0,
  );
  stack.defer(() => server.close());
  return {
    url: `${server.url}/#token=${server.token}`,
    token: server.token,
    host,
    s3,
    homePath,
    folder,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What reaches a window holds no key. */
function watched(host: AppHost): AppHost {
  return {
    ...host,
    async serve(name, input) {
      const reply = await host.serve(name, input);
      mustSayNoKey(
        JSON.stringify(reply),
        `the answer to ${typeof name === 'string' ? name : 'a call'}`,
      );
      return reply;
    },
    onEvent: (listener) =>
      host.onEvent((event) => {
        mustSayNoKey(JSON.stringify(event), `an event about ${event.type}`);
        listener(event);
      }),
  };
}
