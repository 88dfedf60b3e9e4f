/** @file Promise: many small files, which a thread reads, are read as carefully as one. */
import {
  mkdir,
  readdir,
  readlink,
  rename,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { look } from '../../electron/engine/watch/scan.ts';
import { createSmallFiles } from '../../electron/engine/files/small-files.ts';
import { bioClass, countingServer, keysOf, openTestEngine, randomFile } from '../support/engine.ts';
import { openHungShare, whyNoHungShare } from '../support/hung-share.ts';
import { tempDir } from '../support/temp-dir.ts';

const MANY = 40;
const past = new Date('2026-01-02T03:04:05Z');
const forever = new AbortController().signal;
type Version = Parameters<ReturnType<typeof createSmallFiles>['open']>[0];

async function versionOf(path: string): Promise<Version> {
  const found = await look(path);
  if (found.kind !== 'file') throw new Error(found.reason);
  const { device, inode, ctimeNs, ...version } = found.sighting;
  return { ...version, file: { device, inode, ctimeNs } };
}

/** Enough of them for a thread. */
async function manyFiles(folder: string): Promise<Version[]> {
  const paths = Array.from({ length: MANY }, (_, n) => join(folder, `${n}.mp3`));
  for (const [n, path] of paths.entries()) await randomFile(path, 1_000 + n);
  return Promise.all(paths.map(versionOf));
}

/** The threads that are started meanwhile. */
function threads(): Disposable & { started: Worker[] } {
  const started: Worker[] = [];
  const note = (worker: Worker) => void started.push(worker);
  process.on('worker', note);
  return { started, [Symbol.dispose]: () => void process.off('worker', note) };
}

const told = (error: unknown) => {
  const { code, message } = error as { code?: string; message: string };
  return { code, message };
};

/** What came of each: its bytes and prints, or what is wrong with it. */
async function openAll(all: readonly Version[]) {
  using small = createSmallFiles();
  const opened = await Promise.allSettled(all.map((each) => small.open(each, forever)));
  return opened.map((one) => {
    if (one.status === 'rejected') return told(one.reason);
    void one.value[Symbol.asyncDispose]();
    const { body, fingerprint } = one.value;
    return { bytes: body.toString('hex'), fingerprint };
  });
}

test('what a thread reads of many, and what is wrong with them, is what is read of each by itself', async () => {
  await using dir = await tempDir();
  using workers = threads();
  const versions = await manyFiles(dir.path);
  const at = (n: number) => versions[n]!.path;
  await rename(at(1), join(dir.path, 'elsewhere.mp3'));
  await writeFile(at(2), 'another version');
  await utimes(at(3), past, past);
  await rename(at(4), join(dir.path, 'real.mp3'));
  await symlink(join(dir.path, 'real.mp3'), at(4));
  await rename(at(5), join(dir.path, 'file'));
  await mkdir(at(5));
  await truncate(at(6), 10);
  const alone = await openAll(versions.map((version) => ({ ...version, file: undefined })));
  expect(workers.started).toHaveLength(0);
  expect(await openAll(versions)).toEqual(alone);
  expect(workers.started).toHaveLength(1);
  const codes = alone.map((one) => ('code' in one ? one.code : 'read'));
  const wrong = ['file-gone', 'file-changed', 'file-changed', 'not-a-file', 'not-a-file'];
  expect(codes.slice(0, 8)).toEqual(['read', ...wrong, 'file-changed', 'read']);
});

test('memory is used again once it is given back, and no sooner', async () => {
  await using dir = await tempDir();
  const versions = await manyFiles(dir.path);
  using small = createSmallFiles();
  const openThem = () => Promise.all(versions.map((version) => small.open(version, forever)));
  const expected = (await openThem()).map(({ body }) => Buffer.from(body));
  const kept = await openThem();
  for (const source of await openThem()) {
    source.giveBack();
    await source[Symbol.asyncDispose]();
    // What goes back to the thread cannot be read here any more: nobody sends another file’s bytes.
    await expect.poll(() => source.body.length).toBe(0);
  }
  for (const round of [await openThem(), kept])
    expect(round.map(({ body }, n) => body.equals(expected[n]!))).not.toContain(false);
});

test('a file that changes after a thread has read it is not sent; one that is only renamed is', async () => {
  await using dir = await tempDir();
  const versions = await manyFiles(dir.path);
  using small = createSmallFiles();
  const sources = await Promise.all(versions.map((version) => small.open(version, forever)));
  const { mtimeNs } = versions[0]!;
  await writeFile(versions[0]!.path, Buffer.alloc(1_000));
  await utimes(versions[0]!.path, Number(mtimeNs) / 1e9, Number(mtimeNs) / 1e9);
  await rename(versions[1]!.path, join(dir.path, 'renamed.mp3'));
  const looked = await Promise.allSettled(sources.map((source) => source.assertUnchanged()));
  expect(looked.map(({ status }) => status)).toEqual([
    'rejected',
    ...Array.from({ length: MANY - 1 }, () => 'fulfilled'),
  ]);
  expect(looked[0]).toMatchObject({ reason: { code: 'file-changed' } });
  await expect(sources[1]!.assertInPlace()).rejects.toMatchObject({ code: 'file-changed' });
  await expect(sources[2]!.assertInPlace()).resolves.toBeUndefined();
});

const noProc = existsSync('/proc/self/fd') ? undefined : 'no /proc';
test.skipIf(noProc)(
  `what a thread holds open is closed with its upload, also when that is stopped (skipped: ${noProc})`,
  async () => {
    await using dir = await tempDir();
    const openHere = async () => {
      const numbers = await readdir('/proc/self/fd');
      const links = numbers.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      return (await Promise.all(links)).filter((path) => path.startsWith(dir.path)).length;
    };
    const versions = await manyFiles(dir.path);
    using small = createSmallFiles();
    const stop = new AbortController();
    const sources = await Promise.all(versions.map((each) => small.open(each, stop.signal)));
    expect(await openHere()).toBe(MANY);
    for (const source of sources.slice(0, 30)) await source[Symbol.asyncDispose]();
    await expect.poll(openHere).toBe(MANY - 30);
    const late = Promise.allSettled(versions.map((each) => small.open(each, stop.signal)));
    stop.abort(new Error('stopped'));
    expect((await late).map(({ status }) => status)).not.toContain('fulfilled');
    await expect.poll(openHere).toBe(0);
  },
);

test('a thread that dies loses nothing: its files are read again and sent', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  await manyFiles(folder.path);
  using workers = threads();
  let isKilled = false;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      async head(...args) {
        // The files of those that are asked about are open, and not yet looked at for the last time.
        const [worker] = isKilled ? [] : workers.started;
        isKilled ||= worker !== undefined;
        await worker?.terminate();
        return remote.head(...args);
      },
    }),
  });
  await app.engine.addFolder(folder.path, bioClass);
  const count = await app.engine.syncOnce(AbortSignal.timeout(40_000));
  expect(isKilled).toBe(true);
  expect(count).toMatchObject({ found: MANY, verified: MANY, failed: 0 });
  expect(await keysOf(app.remote)).toHaveLength(MANY);
  expect(s3.count('PutObject')).toBe(MANY);
});

test('a thread that dies before it has read anything is done without', async () => {
  await using dir = await tempDir();
  const versions = await manyFiles(dir.path);
  process.once('worker', (worker) => void worker.terminate());
  using small = createSmallFiles();
  const sources = await Promise.all(versions.map((version) => small.open(version, forever)));
  expect(sources.map(({ body }) => body.length)).toEqual(
    versions.map(({ sizeBytes }) => sizeBytes),
  );
  for (const source of sources) await source[Symbol.asyncDispose]();
});

const noShare = whyNoHungShare();
test.skipIf(noShare)(
  `a disk that does not answer keeps only its own files waiting, and no longer than they are wanted (skipped: ${noShare})`,
  async () => {
    await using share = await openHungShare();
    await using dir = await tempDir();
    const versions = await manyFiles(dir.path);
    const hung = versions.map((version, n) => ({
      ...version,
      path: join(share.path, `${n}.mp3`),
      file: { ...version.file!, device: 'hung' },
    }));
    const small = createSmallFiles();
    const stop = new AbortController();
    const waiting = Promise.allSettled(hung.map((each) => small.open(each, stop.signal)));
    const others = await Promise.all(versions.map((each) => small.open(each, forever)));
    expect(others.map(({ fingerprint }) => fingerprint.sizeBytes)).toEqual(
      versions.map(({ sizeBytes }) => sizeBytes),
    );
    stop.abort(new Error('stopped'));
    for (const outcome of await waiting)
      expect(outcome).toMatchObject({ reason: { message: 'stopped' } });
    small[Symbol.dispose]();
  },
);
