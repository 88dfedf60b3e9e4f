import { rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import {
  bioClass,
  hang,
  keysOf,
  openTestEngine,
  randomFile,
  signal,
  toBio,
  type TestEngine,
} from '../support/engine.ts';
import { openServer, type S3Access } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';

const kinds = (app: TestEngine) =>
  app.engine.jobs.list(undefined, -1).map(({ state }) => state.kind);

test('while the storage is down the files wait and cost no attempt, one job asks for them all, and then all go', async () => {
  await using dir = await tempDir();
  await using folder = await tempDir();
  for (let n = 0; n < 12; n++) await randomFile(join(folder.path, `${n}.mp3`), 2_000);
  const dataDir = join(dir.path, 's3');
  const first = await startEmbeddedS3({ dataDir });
  const access: S3Access = { ...first, name: 'embedded' };
  const port = Number(new URL(first.endpoint).port);
  await first.close();

  let asking = 0;
  let mostAtOnce = 0;
  let isKnown = false;
  await using app = openTestEngine(access, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      async head(...args) {
        asking += 1;
        if (isKnown) mostAtOnce = Math.max(mostAtOnce, asking);
        try {
          return await remote.head(...args);
        } finally {
          asking -= 1;
        }
      },
    }),
  });
  const troubles = () =>
    app.heard.flatMap((event) => (event.type === 'storage' ? [event.state] : []));
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  await expect.poll(troubles).toEqual(['waiting']);
  // Of those that were claimed before it was known, the last may not even have been read yet.
  const underWay = () => kinds(app).filter((kind) => kind === 'uploading').length;
  await expect.poll(underWay).toBeLessThanOrEqual(1);
  isKnown = true;
  await expect.poll(troubles).toEqual(['waiting', 'waiting', 'waiting']);
  expect(mostAtOnce).toBe(1);
  expect(app.engine.queue.trouble).toMatchObject({ code: 'offline' });
  await expect.poll(() => kinds(app).filter((kind) => kind === 'queued').length).toBe(12);
  const attempts = app.engine.jobs
    .list('queued', -1)
    .map(({ state }) => state.kind === 'queued' && state.attempts);
  expect(new Set(attempts)).toEqual(new Set([0]));
  isKnown = false;

  await using again = await startEmbeddedS3({ dataDir, port });
  await expect.poll(() => kinds(app)).toEqual(Array(12).fill('verified'));
  expect(await keysOf(app.remote)).toHaveLength(12);
  expect(troubles().at(-1)).toBe('reachable');
  expect(again.bucket).toBe(access.bucket);
});

test.each<[string, Partial<StorageSettings>]>([
  ['wrong-secret', { credentials: { accessKeyId: '', secretAccessKey: 'not the secret' } }],
  ['wrong-access-key', { credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' } }],
  ['no-bucket', { bucket: 'not-there' }],
])('%s ends a sync with its reason, and every file stays queued', async (code, settings) => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  for (let n = 0; n < 6; n++) await randomFile(join(folder.path, `${n}.mp3`), 2_000);
  const { credentials } = settings;
  const keys = credentials && {
    ...credentials,
    accessKeyId: credentials.accessKeyId || s3.accessKeyId,
  };
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    settings: { ...settings, ...(keys ? { credentials: keys } : {}) },
  });
  await app.engine.addFolder(folder.path, bioClass);
  await expect(app.engine.syncOnce(signal())).rejects.toMatchObject({ code });
  await app.engine.stop();
  expect(kinds(app)).toEqual(Array(6).fill('queued'));
  expect(app.engine.jobs.list('queued', 1)[0]?.state).toMatchObject({ attempts: 0 });
});

test('one file that fails keeps no other waiting, and is tried again when somebody asks', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const paths = Array.from({ length: 6 }, (_, n) => join(dir.path, `${n}.mp3`));
  for (const path of paths) await randomFile(path, 2_000);
  let poison = '';
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    wrap: (remote) => ({
      ...remote,
      putObject(...args) {
        const name = args[3].metadata['original_filename'];
        if (name === '0.mp3') poison = args[0];
        return name === '0.mp3' && isPoisoned
          ? Promise.reject(new AppError('upload-denied', 'not this one'))
          : remote.putObject(...args);
      },
    }),
  });
  let isPoisoned = true;
  const outcomes = await app.engine.uploadNow(paths, toBio, signal());
  expect(outcomes).toMatchObject([
    { key: poison, state: { kind: 'failed', code: 'upload-denied', stored: false } },
    ...Array.from({ length: 5 }, () => ({ state: { kind: 'verified' } })),
  ]);
  isPoisoned = false;
  expect(await app.engine.uploadNow([paths[0]!], toBio, signal())).toMatchObject([
    { key: poison, state: { kind: 'verified' } },
  ]);
});

const isRead = ({ fingerprint }: Job) => fingerprint !== undefined;

test('files that are gone say nothing about the storage: trouble lasts until the storage itself answers', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  // More than run at a time: those behind the trouble have not been read when they go.
  const paths = Array.from({ length: 600 }, (_, n) => join(dir.path, `${n}.mp3`));
  for (const path of paths) await randomFile(path, 2_000);
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      head: () => Promise.reject(new AppError('offline')),
      putObject: (...args) => remote.putObject(...args),
    }),
  });
  const upload = app.engine.uploadNow(paths, toBio, signal()).catch((error: unknown) => error);
  await expect.poll(() => app.engine.queue.trouble?.code).toBe('offline');
  for (const path of paths) await rm(path);
  await upload;
  app.engine.queue.tryNow();
  // Of those that were read an object may be there already: that is not known before the storage answers.
  await expect
    .poll(() => app.engine.jobs.list(undefined, -1).filter((job) => !isRead(job)))
    .toSatisfy((unread: Job[]) => unread.every(({ state }) => state.kind === 'failed'));
  const jobs = app.engine.jobs.list(undefined, -1);
  expect(jobs.filter((job) => !isRead(job)).length).toBeGreaterThan(0);
  expect(jobs.filter(isRead).map(({ state }) => state.kind)).not.toContain('failed');
  expect(
    app.heard.filter((event) => event.type === 'storage' && event.state === 'reachable'),
  ).toEqual([]);
});

test('when the last that waited for the storage is gone, its trouble is said no longer', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const file = join(dir.path, 'a.mp3');
  await randomFile(file, 2_000);
  let isDown = true;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    wrap: (remote) => ({
      ...remote,
      head: (...args) => (isDown ? Promise.reject(new AppError('offline')) : remote.head(...args)),
    }),
  });
  const { engine, heard } = app;
  const states = () => heard.flatMap((event) => (event.type === 'storage' ? [event.state] : []));
  const upload = engine.uploadNow([file], toBio, signal()).catch((error: unknown) => error);
  await expect.poll(() => engine.queue.trouble?.code).toBe('offline');
  const [{ id }] = engine.jobs.list(undefined, -1) as [Job];
  await engine.queue.change([id], () => engine.jobs.apply(id, [{ type: 'cancelled' }]));
  await upload;
  expect([engine.queue.trouble, states().at(-1)]).toEqual([undefined, 'unasked']);

  isDown = false;
  await randomFile(join(dir.path, 'b.mp3'), 2_000);
  await engine.uploadNow([join(dir.path, 'b.mp3')], toBio, signal());
  expect(states().at(-1)).toBe('reachable');
});

/** Speaks just enough S3 to be sent parts, and answers none of them. */
async function swallowingServer() {
  let swallowed = 0;
  let begun = 0;
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    request.resume();
    open.add(response);
    if (request.method === 'HEAD')
      return response.writeHead(404, { 'x-amz-request-id': 'test' }).end();
    if (request.method === 'POST')
      return response.end(
        `<InitiateMultipartUploadResult><UploadId>u${(begun += 1)}</UploadId></InitiateMultipartUploadResult>`,
      );
    swallowed += 1;
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const keys = { region: 'us-east-1', accessKeyId: 'k', secretAccessKey: 's', bucket: 'bucket' };
  return {
    access: { name: 'embedded', endpoint: `http://127.0.0.1:${port}`, ...keys } as S3Access,
    swallowed: () => swallowed,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('the app stops within five seconds although the storage never answers, and everything can go on', async () => {
  await using s3 = await swallowingServer();
  await using dir = await tempDir();
  const paths = [0, 1, 2].map((n) => join(dir.path, `${n}.mp4`));
  for (const path of paths) await randomFile(path, 20 * MIB);
  await using app = openTestEngine(s3.access, dir.path, { quietMs: 30 });
  app.engine.uploadNow(paths, toBio, signal()).catch(() => {});
  const begun = () =>
    app.engine.jobs
      .list('uploading', -1)
      .filter(({ state }) => state.kind === 'uploading' && state.upload !== null).length;
  // Three parts of each: what has gone out keeps no other waiting.
  await expect.poll(() => [begun(), s3.swallowed()]).toEqual([3, 9]);
  const beganMs = performance.now();
  await app.engine.stop();
  expect(performance.now() - beganMs).toBeLessThan(STOP_LIMIT_MS);
  expect(app.engine.jobs.list(undefined, -1).map(({ state }) => state)).toEqual(
    paths.map(() => ({
      kind: 'queued',
      attempts: 0,
      notBeforeMs: expect.any(Number),
      code: null,
      upload: { id: expect.stringMatching(/^u\d$/), partBytes: 8 * MIB },
    })),
  );
  await app.engine.stop();
});

test('an upload that is cancelled while it runs stops, and stays cancelled', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await randomFile(path, 12 * MIB);
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    wrap: (remote) => ({ ...remote, putPart: (...args) => hang(args[5]) }),
  });
  const upload = app.engine.uploadNow([path], toBio, signal());
  const running = () => app.engine.jobs.list('uploading', 1)[0];
  await expect.poll(() => running()?.state).toMatchObject({ upload: { partBytes: 8 * MIB } });
  const { id } = running()!;
  app.engine.jobs.apply(id, [{ type: 'cancelled' }]);
  await app.engine.queue.change([id], () => {});
  expect(await upload).toMatchObject([{ state: { kind: 'dropped', why: 'cancelled' } }]);
  expect(await keysOf(app.remote)).toEqual([]);
});

test('what a host hears of a file is each step once, in order', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const [small, large] = [join(dir.path, 'a.mp3'), join(dir.path, 'b.mp4')];
  await randomFile(small, 2_000);
  await randomFile(large, 12 * MIB);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  await app.engine.uploadNow([small, large], toBio, signal());
  const steps = (path: string) =>
    app.heard.flatMap((event) =>
      event.type === 'job' && event.job.path === path ? [event.job.state] : [],
    );
  // The answer to a small file's upload is its proof.
  expect(steps(small).map(({ kind }) => kind)).toEqual(['queued', 'uploading', 'verified']);
  const all = steps(large).map(({ kind }) => kind);
  expect(all.filter((kind, i) => kind !== all[i - 1])).toEqual([
    'queued',
    'uploading',
    'verifying',
    'verified',
  ]);
});
