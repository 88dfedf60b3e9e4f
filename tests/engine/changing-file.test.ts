import { appendFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { look } from '../../electron/engine/watch/scan.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { MIB } from '../../shared/parts.ts';
import {
  bioClass,
  hang,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  toBio,
  unfinishedUploads,
} from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const past = new Date('2026-01-02T03:04:05Z');

/** Does something to the file at the moment when its bytes are on their way, once. */
function during(method: 'putPart' | 'head', act: () => Promise<void>) {
  return (remote: Remote): Remote => {
    let acting: Promise<void> | undefined;
    const meanwhile = async (...args: unknown[]) => {
      await (acting ??= act());
      return (remote[method] as (...all: unknown[]) => Promise<unknown>)(...args);
    };
    return { ...remote, [method]: meanwhile };
  };
}

/** Uploads in parts that are never completed, until their engine stops. */
const stuckAtCompletion = (remote: Remote): Remote => ({
  ...remote,
  completeUpload: (...args) => hang(args[4]),
});

const changes: Record<string, (path: string, bytes: Buffer) => Promise<void>> = {
  'made shorter': (path) => truncate(path, 1_000),
  'written on': (path) => appendFile(path, 'more'),
  'overwritten by as many bytes': (path, bytes) => writeFile(path, bytes.toReversed()),
  'overwritten, with its time put back': async (path, bytes) => {
    await writeFile(path, bytes.toReversed());
    await utimes(path, past, past);
  },
};

/** Small files go up in one request, which is sent after the look for the key; large ones in parts. */
const sizes = [
  ['small', 200_000, 'head'],
  ['large', 20 * MIB, 'putPart'],
] as const;

describe.each(sizes)('a %s file', (_, sizeBytes, method) => {
  test.each(Object.keys(changes))(
    'that is %s while it is sent is not published: only the new version is',
    async (change) => {
      await using s3 = await openServer('embedded');
      await using dir = await tempDir();
      await using folder = await tempDir();
      const path = join(folder.path, 'a.mp4');
      const bytes = await randomFile(path, sizeBytes);
      await utimes(path, past, past);
      const published = new Set<string>();
      await using app = openTestEngine(s3, dir.path, {
        quietMs: 50,
        random: () => 0,
        wrap: during(method, () => changes[change]!(path, bytes)),
      });
      app.engine.events.on((event) => {
        if (event.type === 'job' && ['verifying', 'verified'].includes(event.job.state.kind))
          published.add(event.job.mtimeNs);
      });
      await app.engine.addFolder(folder.path, bioClass);
      const count = await app.engine.syncOnce(AbortSignal.timeout(30_000));
      expect(count).toMatchObject({ found: 1, uploaded: 1, verified: 1, failed: 0 });
      const now = await stat(path, { bigint: true });
      expect([...published]).toEqual([String(now.mtimeNs)]);
      const [key, ...others] = await keysOf(app.remote);
      expect(others).toEqual([]);
      const stored = await objectBytes(app.remote, key!);
      const expected = {
        shorter: bytes.subarray(0, 1_000),
        on: Buffer.concat([bytes, Buffer.from('more')]),
      };
      const whole = change.includes('shorter')
        ? expected.shorter
        : change.includes('on') && change.startsWith('written')
          ? expected.on
          : bytes.toReversed();
      expect(stored.equals(Buffer.from(whole))).toBe(true);
      await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
    },
  );
});

test('a file that another replaces while it is sent is published as it was opened, and then the other one', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'a.mp4');
  const first = await randomFile(path, 20 * MIB);
  const second = await randomFile(join(dir.path, 'next.mp4'), 500);
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 50,
    rescanMs: 200,
    wrap: during('putPart', () => rename(join(dir.path, 'next.mp4'), path)),
  });
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const verified = () => app.engine.jobs.list('verified', -1);
  await expect.poll(() => verified().length).toBe(2);
  const stored = await Promise.all(verified().map(({ key }) => objectBytes(app.remote, key!)));
  expect(stored.map((bytes) => bytes.equals(first) || bytes.equals(second))).toEqual([true, true]);
  expect(stored.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([500, 20 * MIB]);
});

test('an upload that was interrupted gives way when its file has changed meanwhile, and leaves nothing behind', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'a.mp4');
  await randomFile(path, 20 * MIB);
  {
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 50,
      wrap: stuckAtCompletion,
    });
    await app.engine.addFolder(folder.path, bioClass);
    app.engine.start();
    const sent = () =>
      app.engine.jobs
        .list('uploading', -1)
        .map(({ state }) => 'sentBytes' in state && state.sentBytes);
    await expect.poll(sent).toEqual([20 * MIB]);
  }
  expect(await unfinishedUploads(s3)).toHaveLength(1);
  const bytes = await randomFile(path, 3_000);
  await using app = openTestEngine(s3, dir.path, { quietMs: 50 });
  const count = await app.engine.syncOnce(AbortSignal.timeout(50_000));
  expect(count).toMatchObject({ uploaded: 1, verified: 1, failed: 0 });
  const [key, ...others] = await keysOf(app.remote);
  expect(others).toEqual([]);
  expect((await objectBytes(app.remote, key!)).equals(bytes)).toBe(true);
  await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
});

/** A home with one folder whose one file is queued, before any engine is at work. */
async function queuedFile(homePath: string, folderPath: string): Promise<string> {
  const path = join(folderPath, 'a.mp3');
  await writeFile(path, 'recording');
  await utimes(path, past, past);
  const home = openHome({ path: join(homePath, 'home') });
  const folder = folderStore(home.database, Date.now).put(folderPath, bioClass);
  const found = await look(path);
  if (found.kind !== 'file') throw new Error(found.reason);
  createIntake(jobStore(home.database, Date.now), Date.now).accept(found.sighting, folder);
  home.close();
  return path;
}

test.each([
  ['the same', past],
  ['a new version of it', new Date('2026-02-03T00:00:00Z')],
])('a file deleted before it was sent is missed, and sent when it is back: %s', async (_, when) => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = await queuedFile(dir.path, folder.path);
  await rm(path);
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 100 });
  app.engine.start();
  await expect
    .poll(() => app.engine.jobs.list('failed', 1)[0]?.state)
    .toMatchObject({ code: 'file-gone', stored: false });
  expect(await keysOf(app.remote)).toEqual([]);
  await writeFile(path, 'recording');
  await utimes(path, when, when);
  await expect.poll(() => app.engine.jobs.list('verified', -1).length).toBe(1);
  expect(app.engine.jobs.list('failed', -1)).toEqual([]);
  expect(await keysOf(app.remote)).toEqual([app.engine.jobs.list('verified', 1)[0]?.key]);
});

test('an empty file is held, and its recording is sent when there is one', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'a.mp3');
  await writeFile(path, '');
  await using app = openTestEngine(s3, dir.path, { quietMs: 50 });
  await app.engine.addFolder(folder.path, bioClass);
  const signal = AbortSignal.timeout(50_000);
  expect(await app.engine.syncOnce(signal)).toMatchObject({ uploaded: 0, held: 1, failed: 0 });
  expect(app.engine.jobs.list('held', 1)[0]?.state).toEqual({ kind: 'held', reason: 'empty' });
  expect(await app.engine.uploadNow([path], toBio, signal)).toMatchObject([{ code: 'empty-file' }]);
  expect(await keysOf(app.remote)).toEqual([]);
  await writeFile(path, 'sound');
  expect(await app.engine.syncOnce(signal)).toMatchObject({ uploaded: 1, verified: 1, held: 0 });
});

test('a file that was sent by hand, and changed when nobody waited for it any more, is sent as it is now', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, 20 * MIB);
  {
    await using app = openTestEngine(s3, dir.path, { quietMs: 50, wrap: stuckAtCompletion });
    const leaving = new AbortController();
    const upload = app.engine.uploadNow([path], toBio, leaving.signal);
    await expect.poll(() => app.engine.jobs.list('uploading', -1).length).toBe(1);
    leaving.abort(new Error('The person leaves'));
    await expect(upload).rejects.toThrow('The person leaves');
  }
  await appendFile(path, 'more');
  await using app = openTestEngine(s3, dir.path, { quietMs: 50 });
  app.engine.start();
  await expect.poll(() => app.engine.jobs.list('verified', -1).length).toBe(1);
  expect(app.engine.jobs.list(undefined, -1).map(({ state }) => state)).toMatchObject([
    { kind: 'dropped', why: 'superseded' },
    { kind: 'verified' },
  ]);
  const [key] = await keysOf(app.remote);
  const stored = await objectBytes(app.remote, key!);
  expect(stored.equals(Buffer.concat([bytes, Buffer.from('more')]))).toBe(true);
});

test('a file that changes while it is sent, and is deleted before it is quiet, is missed', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'a.mp4');
  await randomFile(path, 20 * MIB);
  const act = async () => {
    await appendFile(path, 'more');
    setTimeout(() => void rm(path), 100); // In the quiet time that follows.
  };
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 1_000,
    rescanMs: 200,
    random: () => 0,
    wrap: during('putPart', act),
  });
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  await expect
    .poll(() => app.engine.jobs.list(undefined, -1).map(({ state }) => state))
    .toMatchObject([{ kind: 'failed', code: 'file-gone' }]);
  expect(await keysOf(app.remote)).toEqual([]);
});

test.each([
  ['first seen', false, 1],
  ['taken in', true, 2],
])(
  'what a person sends to another class is sent there, also when its newer version is %s in a watched folder',
  async (_, isPaused, known) => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using folder = await tempDir();
    const path = join(folder.path, 'a.mp4');
    await randomFile(path, 20 * MIB);
    const other = { ...toBio, classId: 'chem-2' };
    {
      await using app = openTestEngine(s3, dir.path, { quietMs: 50, wrap: stuckAtCompletion });
      const leaving = new AbortController();
      const upload = app.engine.uploadNow([path], other, leaving.signal);
      await expect.poll(() => app.engine.jobs.list('uploading', -1).length).toBe(1);
      leaving.abort(new Error('The person leaves'));
      await expect(upload).rejects.toThrow('The person leaves');
      await app.engine.addFolder(folder.path, bioClass);
    }
    await appendFile(path, 'more');
    await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 100 });
    app.engine.queue.setPaused(isPaused);
    app.engine.start();
    const versions = () => app.engine.jobs.list(undefined, -1).length;
    await expect.poll(versions).toBeGreaterThanOrEqual(known);
    app.engine.queue.setPaused(false);
    const verified = () => app.engine.jobs.list('verified', -1);
    await expect.poll(() => verified().map(({ destination }) => destination)).toContainEqual(other);
  },
);
