import DatabaseConstructor from 'better-sqlite3';
/** @file The ledger is lost in every way there is, with a real bucket beside it: nothing is stored twice, nothing is deleted. */
import { readdirSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { openIn } from '../../shared/job.ts';
import {
  bioClass,
  countingServer,
  hang,
  keysOf,
  openRemote,
  randomFile,
  unfinishedUploads,
  type Counted,
} from '../support/engine.ts';
import { start } from '../support/started-home.ts';
import { tempDir } from '../support/temp-dir.ts';

const MIB = 1024 * 1024;
const SIZES = [40_000, 40_000, 70_000, 6 * MIB];
const soon = () => AbortSignal.timeout(60_000);

/** Recordings that went up and were verified; the app is closed. */
async function uploaded(access: Counted, dir: string) {
  const homePath = join(dir, 'home');
  const folder = join(dir, 'Recordings');
  for (const [n, size] of SIZES.entries()) await randomFile(join(folder, `${n}.mp4`), size);
  await using first = start(access, homePath);
  await first.engine.addFolder(folder, bioClass);
  await first.engine.syncOnce(soon());
  expect(first.states()).toEqual(SIZES.map(() => 'verified'));
  return { homePath, folder, ledger: join(homePath, 'ledger.db') };
}

const isWrite = (operation: string) => /^(Put|Create|Upload|Complete|Delete|Abort)/.test(operation);

test.each([
  ['deleted', (ledger: string) => rm(ledger)],
  ['emptied', (ledger: string) => truncate(ledger, 0)],
  ['cut off', (ledger: string) => truncate(ledger, 8_192)],
  [
    'deleted with its copy',
    async (ledger: string) => {
      await rm(ledger);
      await rm(join(ledger, '..', 'ledger-copy.json'));
    },
  ],
  [
    'overwritten page by page',
    async (ledger: string) => {
      const bytes = await readFile(ledger);
      for (let at = 8_192; at < bytes.length; at += 8_192) bytes.fill(0xa5, at, at + 4_096);
      await writeFile(ledger, bytes);
    },
  ],
])(
  'a ledger that was %s: every recording is found in the bucket, and none is sent twice',
  async (_, harm) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const { homePath, folder, ledger } = await uploaded(s3, dir.path);
    const before = await keysOf(openRemote(s3));
    await harm(ledger);
    s3.requests.length = 0;
    await using again = start(s3, homePath);
    // Without ledger and copy nobody knows what was watched: a person says it again.
    await again.engine.addFolder(folder, bioClass);
    await again.engine.syncOnce(soon());
    expect(await keysOf(again.remote)).toEqual(before);
    expect(s3.requests.filter(({ operation }) => isWrite(operation))).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(SIZES.length);
    await randomFile(join(folder, 'new.mp4'), 40_000);
    await again.engine.syncOnce(soon());
    expect(await keysOf(again.remote)).toHaveLength(SIZES.length + 1);
  },
  120_000,
);

test('a first ledger reads what a class has once, and not again with each file that it stores', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const folder = join(dir.path, 'Recordings');
  for (let n = 0; n < 12; n += 1) await randomFile(join(folder, `${n}.mp4`), 40_000 + n);
  await using it = start(s3, join(dir.path, 'home'));
  await it.engine.addFolder(folder, bioClass);
  await it.engine.syncOnce(soon());
  expect(it.states()).toEqual(Array.from({ length: 12 }, () => 'verified'));
  expect(it.reads()).toBe(1);
});

/** An index: all rows are still there. */
function rootPage(ledger: string, index: string): number {
  const db = new DatabaseConstructor(ledger, { readonly: true });
  try {
    return db
      .prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?')
      .pluck()
      .get(index)!;
  } finally {
    db.close();
  }
}

test('what is not proven is not called verified: an object that is gone needs a person, one that differs is sent anew', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const { homePath, ledger } = await uploaded(s3, dir.path);
  const bytes = await readFile(ledger);
  const page = rootPage(ledger, 'jobs_by_kind');
  bytes.fill(0xff, (page - 1) * 4_096, page * 4_096);
  await writeFile(ledger, bytes);
  const remote = openRemote(s3);
  const [gone] = await keysOf(remote);
  await remote.deleteObject(gone!, soon());
  await using again = start(s3, homePath);
  expect(again.states()).not.toContain('verified');
  expect(again.told()).toMatch(
    /was damaged and is being rebuilt\. 0 of 4 files looked at again so far/,
  );
  again.engine.start();
  await expect
    .poll(() => again.engine.jobs.tally().map(({ kind, count }) => [kind, count]), {
      timeout: 60_000,
    })
    .toEqual(
      expect.arrayContaining([
        ['verified', 3],
        ['failed', 1],
      ]),
    );
  const [job] = again.engine.jobs.list('failed', 5);
  expect(job!.state).toMatchObject({ code: 'object-missing', stored: false });
  expect(await keysOf(remote)).not.toContain(gone);
  // A person decides: Retry sends it again.
  again.engine.jobs.apply(job!.id, [{ type: 'retried', atMs: 0 }]);
  again.engine.queue.pump();
  await expect
    .poll(() => again.states().filter((kind) => kind === 'verified').length, { timeout: 30_000 })
    .toBe(4);
  remote.close();
}, 120_000);

test('what another home has sent meanwhile is taken over, and the upload of it that was begun here is ended', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const [homePath, folder] = [join(dir.path, 'home'), join(dir.path, 'Recordings')];
  await randomFile(join(folder, 'a.mp4'), 12 * MIB);
  {
    await using first = start(s3, homePath, (remote) => ({
      ...remote,
      putPart: (...args) => hang(args[5]),
    }));
    await first.engine.addFolder(folder, bioClass);
    first.engine.start();
    const begun = () => first.engine.jobs.list('uploading', 1).map(({ state }) => openIn(state));
    await expect.poll(begun).toEqual([expect.any(String)]);
  }
  {
    await using other = start(s3, join(dir.path, 'other'));
    await other.engine.addFolder(folder, bioClass);
    await other.engine.syncOnce(soon());
  }
  expect(await unfinishedUploads(s3)).toHaveLength(1);
  const ledger = join(homePath, 'ledger.db');
  const bytes = await readFile(ledger);
  const page = rootPage(ledger, 'jobs_by_kind');
  bytes.fill(0xff, (page - 1) * 4_096, page * 4_096);
  await writeFile(ledger, bytes);
  await using again = start(s3, homePath);
  await again.engine.syncOnce(soon());
  expect(again.states()).toEqual(['verified']);
  expect(await keysOf(again.remote)).toHaveLength(1);
  await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
}, 120_000);

test('nothing is sent before the bucket could be asked, and then the person is told how it went', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const { homePath, folder, ledger } = await uploaded(s3, dir.path);
  await rm(ledger);
  await randomFile(join(folder, 'new.mp4'), 50_000);
  let answers = 'offline' as 'offline' | 'access-denied' | 'all';
  const before = await keysOf(openRemote(s3));
  await using again = start(s3, homePath, (remote) => ({
    ...remote,
    bucket: remote.bucket,
    list: (...args) =>
      answers === 'all' ? remote.list(...args) : Promise.reject(new AppError(answers)),
  }));
  s3.requests.length = 0;
  again.engine.start();
  await expect.poll(() => again.engine.queue.trouble?.code, { timeout: 30_000 }).toBe('offline');
  expect(again.told()).toMatch(
    /was missing and is being rebuilt\. Nothing is sent before the storage has said/,
  );
  answers = 'access-denied';
  await expect
    .poll(
      () => {
        again.engine.queue.tryNow();
        return again.engine.queue.trouble?.code;
      },
      { timeout: 30_000 },
    )
    .toBe('cannot-list');
  expect(s3.requests.filter(({ operation }) => isWrite(operation))).toEqual([]);
  answers = 'all';
  await expect
    .poll(
      () => {
        again.engine.queue.tryNow();
        return again.states().filter((kind) => kind === 'verified').length;
      },
      { timeout: 30_000 },
    )
    .toBe(SIZES.length + 1);
  expect(await keysOf(again.remote)).toEqual(expect.arrayContaining(before));
  expect(await keysOf(again.remote)).toHaveLength(SIZES.length + 1);
  expect(again.told()).toBe(
    'The list of recordings was missing and has been rebuilt. 4 files looked at again, nothing deleted.',
  );
}, 120_000);

test('a ledger restored from an old copy takes over what went up since', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const { homePath, folder, ledger } = await uploaded(s3, dir.path);
  await copyFile(ledger, join(dir.path, 'yesterday.db'));
  for (const n of [7, 8]) await randomFile(join(folder, `${n}.mp4`), 30_000 + n);
  {
    await using today = start(s3, homePath);
    await today.engine.syncOnce(soon());
  }
  const before = await keysOf(openRemote(s3));
  expect(before).toHaveLength(SIZES.length + 2);
  await copyFile(join(dir.path, 'yesterday.db'), ledger);
  await using again = start(s3, homePath);
  await again.engine.syncOnce(soon());
  expect(await keysOf(again.remote)).toEqual(before);
  expect(again.states()).toEqual(before.map(() => 'verified'));
  expect(again.told()).toBe(
    'The list of recordings was older than the storage. Recovered 2 uploads from it, nothing was sent twice.',
  );
}, 120_000);

test('bytes that look alike are not taken for each other: other class, other bytes, no token', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const { homePath, folder, ledger } = await uploaded(s3, dir.path);
  await rm(ledger);
  // Same size as a stored one, other bytes; and a stored one's bytes in a folder of another class.
  await randomFile(join(folder, '2.mp4'), 70_000);
  const chemistry = join(dir.path, 'Chemistry');
  await mkdir(chemistry);
  await rename(join(folder, '1.mp4'), join(chemistry, '1.mp4'));
  await using again = start(s3, homePath);
  await again.engine.addFolder(chemistry, { ...bioClass, classId: 'chem-7' });
  await again.engine.syncOnce(soon());
  const keys = await keysOf(again.remote);
  expect(keys.filter((key) => key.startsWith('audio/chem-7/'))).toHaveLength(1);
  expect(keys).toHaveLength(SIZES.length + 2);
  expect(again.states()).toEqual(SIZES.map(() => 'verified'));
}, 120_000);
