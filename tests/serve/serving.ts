/** @file The HTTP host in this process, on a storage and a home of the test's own. */
import { randomBytes } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { createDeletions } from '../../electron/engine/library/deletions.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { openHome, type Home } from '../../electron/engine/home/home.ts';
import type { Log } from '../../electron/engine/log.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import type { WindowApp } from '../../electron/serve/call.ts';
import { startServer } from '../../electron/serve/server.ts';
import { openRemote } from '../support/engine.ts';
import { openServer, type S3Access, type ServerName } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

export type RawAnswer = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string }>;
export type RawRequest = Readonly<{
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}>;
// oxlint-disable-next-line typescript/no-explicit-any -- each test knows what it asked for
type Json = any;
export type TestServing = Readonly<{
  s3: S3Access;
  url: string;
  token: string;
  remote: Remote;
  home: Home;
  /** With the token, as `fetch` sends it. */
  ask: (path: string, init?: RequestInit) => Promise<Response>;
  json: (path: string, init?: RequestInit) => Promise<Json>;
  close: () => Promise<void>;
}> &
  AsyncDisposable;

export async function openServing(
  options: Readonly<{
    name?: ServerName;
    maxFileBytes?: number;
    settings?: Partial<StorageSettings>;
    wrap?: (remote: Remote) => Remote;
    /** What it serves, instead of its own. */
    of?: Readonly<{ remote: Remote; home: Home; queue: Engine['queue'] }>;
    /** The window's side, for tests of its doors. */
    window?: WindowApp;
    log?: Log;
  }> = {},
): Promise<TestServing> {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer(options.name ?? 'embedded'));
  const dir = stack.use(await tempDir());
  const plain = stack.use(openRemote(s3, options.settings));
  const own = stack.adopt(openHome({ path: join(dir.path, 'home') }), (opened) => opened.close());
  const { home, queue } = options.of ?? { home: own, queue: undefined };
  const remote = options.of?.remote ?? options.wrap?.(plain) ?? plain;
  const deletions = createDeletions();
  const app = {
    storage: () => ({ remote, database: home.database, queue, deletions }),
    window: options.window ?? {
      serve: () => Promise.resolve({ ok: true as const, value: null }),
      onEvent: () => () => {},
      preview: () => undefined,
      page: () => Promise.resolve(undefined),
    },
    homePath: home.path,
    clientVersion: 'test',
    userId: 'teacher-7',
    nowMs: Date.now,
    maxFileBytes: options.maxFileBytes ?? 100_000_000,
    log: options.log ?? (() => {}),
  };
  const { url, token, close } = await startServer(app, 0);
  stack.defer(close);
  const ask = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(`${url}${path}`, { ...init, headers });
  };
  return {
    s3,
    url,
    token,
    remote,
    home,
    ask,
    json: async (path, init) => (await ask(path, init)).json(),
    close,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A request byte for byte as given: `fetch` would set headers and tidy paths up. */
export function raw(url: string, { method, path, headers, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

export type FormPart = Readonly<{ name: string; value: string | Buffer; fileName?: string }>;

/** The bytes of a form, to be sent whole or not. */
export function formBytes(parts: readonly FormPart[]): { type: string; bytes: Buffer } {
  const boundary = `----${randomBytes(12).toString('hex')}`;
  const pieces = parts.flatMap(({ name, value, fileName }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
    fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: audio/mpeg`,
    '\r\n\r\n',
    value,
    '\r\n',
  ]);
  const bytes = Buffer.concat(
    [...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)),
  );
  return { type: `multipart/form-data; boundary=${boundary}`, bytes };
}
