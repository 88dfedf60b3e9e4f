/** @file Promise: a recording that is deleted before it was sent is told, only when that is certain, and comes back by itself. */
import { appendFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noteOf, troubleOf } from '../../electron/engine/window/views.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { AppError } from '../../shared/errors.ts';
import { MIB, SINGLE_PUT_BYTES } from '../../shared/parts.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import {
  bioClass,
  countingServer,
  hang,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  signal,
  toBio,
} from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const quick = { quietMs: 50, rescanMs: 60_000, random: () => 0 };

const { classId: _, ...withoutClass } = bioClass;

/** An engine with one recording that waits for a class. */
async function withWaiting() {
  const s3 = await openServer('embedded');
  const dir = await tempDir();
  const folder = join(dir.path, 'recordings');
  const path = join(folder, 'week 1', 'lecture.mp3');
  await randomFile(path, 1_000);
  const app = openTestEngine(s3, join(dir.path, 'app'), quick);
  await app.engine.addFolder(folder, withoutClass);
  await app.engine.syncOnce(signal());
  return {
    app,
    dir: dir.path,
    folder,
    path,
    sync: () => app.engine.syncOnce(signal()),
    job: () => app.engine.jobs.list(undefined, 1)[0]!,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

test('after two complete scans of its folder, with its last path; back at its place it goes on', async () => {
  await using at = await withWaiting();
  await rename(at.path, join(at.dir, 'lecture.mp3'));
  await at.sync();
  expect(at.job()).toMatchObject({ absences: 1, state: { kind: 'held' } });
  await at.sync();
  expect(at.job().state).toMatchObject({ kind: 'failed', code: 'file-gone' });
  expect(troubleOf(at.job())?.title).toBe('The file was moved or deleted before it was uploaded');
  expect(noteOf(at.job())).toBe(`It was ${at.path}`);
  await rename(join(at.dir, 'lecture.mp3'), at.path);
  await at.sync();
  expect(at.job().state).toEqual({ kind: 'held', reason: 'needs-class' });
  await at.app.engine.addFolder(at.folder, bioClass);
  await at.sync();
  expect(at.job().state.kind).toBe('verified');
});

test('is not so after one scan that missed it', async () => {
  await using at = await withWaiting();
  await rename(at.path, join(at.dir, 'lecture.mp3'));
  await at.sync();
  await rename(join(at.dir, 'lecture.mp3'), at.path);
  await at.sync();
  expect(at.job()).toMatchObject({ absences: 0, state: { kind: 'held' } });
  await rm(at.path);
  await at.sync();
  expect(at.job()).toMatchObject({ absences: 1, state: { kind: 'held' } });
});

test.each(['is away', 'is an empty mount point', 'is another one'])(
  'is never so while the folder %s: its recordings wait, and it goes on when it is back',
  async (how) => {
    await using at = await withWaiting();
    await rename(at.folder, join(at.dir, 'unplugged'));
    if (how !== 'is away') await mkdir(at.folder);
    if (how === 'is another one') await randomFile(join(at.folder, 'other.mp3'), 1_000);
    for (let scans = 0; scans < 3; scans += 1)
      expect(await at.sync()).toMatchObject({ found: 0, notConnected: 1 });
    expect(at.job()).toMatchObject({ absences: 0, state: { kind: 'held' } });
    expect(at.app.engine.jobs.list(undefined, -1)).toHaveLength(1);
    await rm(at.folder, { recursive: true, force: true });
    await rename(join(at.dir, 'unplugged'), at.folder);
    expect(await at.sync()).toMatchObject({ found: 1, notConnected: 0 });
  },
);

test('another disk in a folder’s place is refused until a person says that it is meant', async () => {
  await using at = await withWaiting();
  await rename(at.folder, join(at.dir, 'unplugged'));
  await randomFile(join(at.folder, 'of another.mp3'), 1_000);
  expect(await at.sync()).toMatchObject({ found: 0, notConnected: 1 });
  const [folder] = folderStore(at.app.home.database, Date.now).list();
  expect(await at.app.engine.presence(folder!)).toBe('other');
  await at.app.engine.addFolder(at.folder, bioClass);
  expect(await at.sync()).toMatchObject({ found: 1, verified: 1 });
});

test('what waits is not claimed while its disk is away, and costs no attempt when it is pulled out', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const folder = join(dir.path, 'usb');
  // Large ones: of small ones all would be in memory at once.
  for (const n of [1, 2, 3, 4, 5, 6])
    await randomFile(join(folder, `${n}.mp3`), SINGLE_PUT_BYTES + 1);
  const pulling = async () => {
    await expect.poll(() => app.engine.jobs.list(undefined, -1).length).toBe(6);
    await rename(folder, join(dir.path, 'pulled')); // The first few are open, the others not.
  };
  let pull: Promise<void> | undefined;
  await using app = openTestEngine(s3, join(dir.path, 'app'), {
    ...quick,
    wrap: (remote) => ({
      ...remote,
      async head(...args) {
        await (pull ??= pulling());
        return remote.head(...args);
      },
    }),
  });
  await app.engine.addFolder(folder, bioClass);
  app.engine.start();
  const waiting = () => app.engine.jobs.list('queued', -1).map(({ state }) => state);
  await expect.poll(() => app.engine.jobs.list('verified', -1).length).toBeGreaterThan(0);
  await expect.poll(() => app.engine.outside().notConnected).toBe(1);
  const away = waiting();
  expect(away.length).toBeGreaterThan(0);
  expect(away.every((state) => 'attempts' in state && state.attempts === 0)).toBe(true);
  await rename(join(dir.path, 'pulled'), folder);
  await expect.poll(() => app.engine.jobs.list('verified', -1).length).toBe(6);
});

test('what a person has sent by hand out of a followed folder is not called gone while that folder is away', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const [folder, away] = [join(dir.path, 'recordings'), join(dir.path, 'away')];
  const path = join(folder, 'lecture.mp3');
  await randomFile(path, 1_000);
  await using app = openTestEngine(s3, join(dir.path, 'app'), quick);
  const { engine } = app;
  await engine.addFolder(folder, withoutClass);
  engine.queue.setPaused(true);
  engine.start();
  await engine.takeIn([path], toBio, signal());
  await rename(folder, away);
  engine.queue.setPaused(false);
  const states = () => engine.jobs.ofPath(path).map(({ state }) => state);
  await expect.poll(states).toMatchObject([{ kind: 'queued', code: 'file-away' }]);
  await rename(away, folder);
  await expect.poll(states).toMatchObject([{ kind: 'verified' }]);
});

test('what is thrown into the trash of its own disk is not sent from there, and is told as gone', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const folder = join(dir.path, 'usb');
  const trash = join(folder, '.Trash-1000', 'files');
  await mkdir(trash, { recursive: true });
  const path = join(folder, 'a.mp3');
  await randomFile(path, 1_000);
  let isOffline = true;
  await using app = openTestEngine(s3, join(dir.path, 'app'), {
    ...quick,
    wrap: (remote) => ({
      ...remote,
      head: (...args) =>
        isOffline ? Promise.reject(new AppError('offline', 'none')) : remote.head(...args),
    }),
  });
  await app.engine.addFolder(folder, bioClass);
  app.engine.start();
  const states = () =>
    app.engine.jobs.list(undefined, -1).map(({ path: at, state }) => [at, state]);
  await expect.poll(states).toMatchObject([[path, { kind: 'queued' }]]);
  await rename(path, join(trash, 'a.mp3'));
  await randomFile(join(trash, 'b.mp3'), 1_000);
  isOffline = false;
  app.engine.queue.tryNow();
  await expect.poll(states).toMatchObject([[path, { kind: 'failed', code: 'file-gone' }]]);
  expect(await keysOf(app.remote)).toEqual([]);
});

/** Completes uploads, and never says so. */
const unheard = (remote: Remote): Remote => ({
  ...remote,
  completeUpload: (...args) => remote.completeUpload(...args).then(() => hang(args[4])),
});

test.each(['is deleted', 'goes on'])(
  'when the completion was not heard of before a kill, and the file %s, it counts as uploaded all the same',
  async (what) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    const bytes = await randomFile(path, 12 * MIB);
    {
      await using app = openTestEngine(s3, dir.path, { quietMs: 30, wrap: unheard });
      app.engine.uploadNow([path], toBio, signal()).catch(() => {});
      await expect.poll(() => s3.count('CompleteMultipartUpload')).toBe(1);
    }
    if (what === 'is deleted') await rm(path);
    else await appendFile(path, 'more');
    await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
    app.engine.start();
    const [key] = await keysOf(app.remote);
    await expect
      .poll(() => app.engine.jobs.list('verified', -1).find((job) => job.key === key)?.state)
      .toMatchObject({ proof: 'checksum' });
    expect((await objectBytes(app.remote, key!)).equals(bytes)).toBe(true);
    expect(app.engine.jobs.list('failed', -1)).toEqual([]);
  },
);

test('what was stored unheard and deleted then is looked for in the bucket, however many scans miss it before its turn', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const folder = join(dir.path, 'recordings');
  const path = join(folder, 'a.mp4');
  await randomFile(path, 12 * MIB);
  {
    await using app = openTestEngine(s3, dir.path, { ...quick, wrap: unheard });
    await app.engine.addFolder(folder, bioClass);
    app.engine.start();
    await expect.poll(() => s3.count('CompleteMultipartUpload')).toBe(1);
  }
  await rm(path);
  await using app = openTestEngine(s3, dir.path, quick);
  app.engine.queue.setPaused(true);
  app.engine.start();
  const job = () => app.engine.jobs.list(undefined, -1)[0]!;
  await expect.poll(() => job().absences).toBeGreaterThan(1);
  app.engine.queue.setPaused(false);
  const kind = () => job().state.kind;
  await expect.poll(kind).toMatch(/verified|failed/);
  expect(kind()).toBe('verified');
});
