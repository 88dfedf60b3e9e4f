import { mkdir, open, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import type { Destination } from '../../shared/recording.ts';
import { ledgerOf } from '../../electron/engine/library/bring-back.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { openTestEngine, signal, type TestEngine } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const to: Destination = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' };
const ruleOf = (classId: string, exclude: string[] = []) => ({
  kind: 'audio' as const,
  classId,
  userId: 'teacher-7',
  include: [],
  exclude,
});
const keysOf = async ({ remote }: TestEngine) =>
  (await remote.list('', 100, undefined, signal())).objects.map(({ key }) => key);

test('a recording whose object was deleted is not called verified any more, and goes up again when it is sent again', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using app = openTestEngine(s3, dir.path);
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'sound');
  const send = async () => (await app.engine.uploadNow([path], to, signal()))[0];
  const first = await send();
  if (!first || first instanceof AppError || !first.key) throw new Error('Not uploaded');

  const { database } = app.home;
  const { jobs } = app.engine;
  const ledger = ledgerOf(database, jobs, Date.now);
  await removeObject(app.remote, ledger, first.key, Date.now(), signal());
  expect(jobs.get(first.id)?.state).toEqual({ kind: 'dropped', why: 'deleted' });
  expect(await send()).toMatchObject({ id: first.id, state: { kind: 'verified' } });

  // Deleted by somebody else, which nobody told us: asking again looks.
  const second = jobs.get(first.id)!.key!;
  expect(second).not.toBe(first.key);
  await app.remote.deleteObject(second, signal());
  expect(await send()).toMatchObject({ state: { kind: 'verified' } });
  expect(await keysOf(app)).toEqual([jobs.get(first.id)!.key]);
});

test('a class that is corrected before anything was stored counts for what waits and for what is on its way', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  let isOpen = false;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putPart(...args) {
      if (isOpen) return remote.putPart(...args);
      return new Promise((_resolve, reject) => {
        args[5].addEventListener('abort', () => reject(args[5].reason), { once: true });
      });
    },
  });
  await using app = openTestEngine(s3, dir.path, { wrap });
  await writeFile(join(folder.path, 'long.mp4'), Buffer.alloc(12_000_000, 'x'));
  await writeFile(join(folder.path, 'left out.mp4'), Buffer.alloc(12_000_000, 'y'));
  await app.engine.addFolder(folder.path, ruleOf('wrong-1'));
  app.engine.start();
  const kinds = () => app.engine.jobs.list(undefined, 10).map(({ state }) => state.kind);
  await expect.poll(kinds).toEqual(['uploading', 'uploading']);

  isOpen = true;
  await app.engine.addFolder(folder.path, ruleOf('bio-101', ['left*']));
  await expect.poll(kinds).toEqual(expect.arrayContaining(['verified', 'dropped']));
  expect(await keysOf(app)).toEqual([expect.stringMatching(/^audio\/bio-101\//)]);
});

test('what refuses without being a storage fails no file: they wait, and go when the storage is back', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  for (const status of [400, 403, 404]) {
    await using home = await tempDir();
    const proxy = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Blocked</h1>');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const path = join(folder.path, `${status}.mp3`);
    await writeFile(path, `sound ${status}`);
    {
      await using blocked = openTestEngine(
        { ...s3, endpoint: `http://127.0.0.1:${port}` },
        home.path,
      );
      const upload = blocked.engine.uploadNow([path], to, signal());
      await expect(upload).rejects.toMatchObject({ code: 'not-storage' });
      expect(blocked.engine.jobs.list(undefined, 10)).toMatchObject([
        { state: { kind: 'queued', attempts: 0, code: 'not-storage' } },
      ]);
    }
    proxy.closeAllConnections();
    proxy.close();
    await using back = openTestEngine(s3, home.path);
    const results = await back.engine.uploadNow([path], to, signal());
    expect(results).toMatchObject([{ state: { kind: 'verified' } }]);
  }
  expect(dir.path).not.toBe(folder.path);
});

test('a sync ends although a file goes on growing, and says that it is left for the next time', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path, { quietMs: 400 });
  await writeFile(join(folder.path, 'done.mp3'), 'sound');
  await using growing = await open(join(folder.path, 'growing.mp3'), 'w');
  const writer = setInterval(() => void growing.write('more'), 100);
  try {
    await growing.write('first');
    await app.engine.addFolder(folder.path, ruleOf('bio-101'));
    const count = await app.engine.syncOnce(signal());
    expect(count).toMatchObject({ found: 2, verified: 1, failed: 0, stillWriting: 1 });
  } finally {
    clearInterval(writer);
  }
});

test('a sync leaves no file that does not change, however slow the machine is to look at it', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  let hours = 0;
  const monotonicMs = () => 3_600_000 * (hours += 1); // Gone by since the last look at the clock.
  await using app = openTestEngine(s3, dir.path, { quietMs: 100, monotonicMs });
  for (let n = 0; n < 20; n += 1) await writeFile(join(folder.path, `${n}.mp3`), `sound ${n}`);
  await app.engine.addFolder(folder.path, ruleOf('bio-101'));
  const count = await app.engine.syncOnce(signal());
  expect(count).toMatchObject({ found: 20, verified: 20, failed: 0, stillWriting: 0 });
});

test('a file that changes under an upload by hand is sent in its newer version', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await writeFile(path, Buffer.alloc(20_000_000, 'old'));
  let changed = false;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async createUpload(...args) {
      if (!changed) await writeFile(path, Buffer.alloc(20_000_001, 'new'));
      changed = true;
      return remote.createUpload(...args);
    },
  });
  await using app = openTestEngine(s3, dir.path, { wrap });
  const results = await app.engine.uploadNow([path], to, signal());
  expect(results).toMatchObject([{ sizeBytes: 20_000_001, state: { kind: 'verified' } }]);
  expect(await keysOf(app)).toHaveLength(1);
});

test('parts that were sent are kept while the file was away, so that nothing of the upload is left behind', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'long.mp4');
  await writeFile(path, Buffer.alloc(30_000_000, 'long '));
  let isCut = true;
  let sent = 0;
  const firstSent = Promise.withResolvers<void>();
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putPart(...args) {
      if (isCut && args[2] > 1) {
        await firstSent.promise;
        throw new AppError('server-error', 'cut');
      }
      const etag = await remote.putPart(...args);
      sent += 1;
      firstSent.resolve();
      return etag;
    },
  });
  await using app = openTestEngine(s3, dir.path, { wrap });
  await app.engine.addFolder(folder.path, ruleOf('bio-101'));
  app.engine.start();
  const states = () => app.engine.jobs.list(undefined, 10).map(({ state }) => state);
  await expect.poll(() => sent).toBe(1);
  await rename(path, join(dir.path, 'away.mp4'));
  await expect
    .poll(states, { timeout: 30_000 })
    .toMatchObject([{ kind: 'failed', code: 'file-gone', upload: { id: expect.any(String) } }]);
  isCut = false;
  await rename(join(dir.path, 'away.mp4'), path);
  await expect.poll(states, { timeout: 30_000 }).toMatchObject([{ kind: 'verified' }]);
  expect(sent).toBe(4); // 30 MB are four parts; the first was not sent again.
});

test('a watched folder that is a link is followed like any other', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const real = join(dir.path, 'real');
  const link = join(dir.path, 'link');
  await mkdir(real);
  await symlink(real, link);
  await using app = openTestEngine(s3, join(dir.path, 'app'));
  await app.engine.addFolder(link, ruleOf('bio-101'));
  app.engine.start();
  await expect.poll(() => app.heard.some((event) => event.type === 'folder')).toBe(true);
  await writeFile(join(real, 'a.mp3'), 'sound');
  const done = () => app.engine.jobs.list('verified', 10).map(({ path }) => path);
  await expect.poll(done).toEqual([join(link, 'a.mp3')]);
});

test('a disk that fails while it is read is named as such, with the place, and nothing is stored', async () => {
  const { toReadError } = await import('../../electron/engine/files/file-errors.ts');
  const error = Object.assign(new Error('EIO'), { code: 'EIO' });
  expect(toReadError(error, '/rec/a.mp4', 1_200)).toMatchObject({
    code: 'disk-error',
    message: '/rec/a.mp4 at byte 1200',
  });
  await using dir = await tempDir();
  const { openSource } = await import('../../electron/engine/files/source.ts');
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'sound');
  const { lstat } = await import('node:fs/promises');
  const stats = await lstat(path, { bigint: true });
  const source = await openSource(
    { path, sizeBytes: 5, mtimeNs: String(stats.mtimeNs) },
    new AbortController().signal,
  );
  await source[Symbol.asyncDispose]();
  await expect(source.file.read(Buffer.alloc(5), 0, 5, 0)).rejects.toThrow(/closed|EBADF/);
  expect(await readFile(path, 'utf8')).toBe('sound');
  await rm(path);
});
