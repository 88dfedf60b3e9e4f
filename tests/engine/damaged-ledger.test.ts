import DatabaseConstructor from 'better-sqlite3';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lockHome, openHome, type Home } from '../../electron/engine/home/home.ts';
import { readCopy } from '../../electron/engine/home/home-copy.ts';
import { readRecovery } from '../../electron/engine/home/recovery-record.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore, type NewJob } from '../../electron/engine/store/jobs.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { restoreStore } from '../../electron/engine/store/restores.ts';
import { returnStore } from '../../electron/engine/store/returns.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { noteStanding, standsFor } from '../../electron/engine/queue/pause.ts';
import { bioClass } from '../support/engine.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

const JOBS = 60;

const newJob = (n: number, folderId: number): NewJob => ({
  ...queuedJob(n),
  path: `/r/lecture number ${n}.mp4`,
  sizeBytes: 1_000 + n,
  name: `lecture number ${n}.mp4`,
  folderId,
  contentType: 'video/mp4',
  destination: { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' },
  key: `audio/bio-101/01900000-0000-7000-8000-${String(n).padStart(12, '0')}.mp4`,
});

/** A home that was in use: watched folders, settings, a link, verified and waiting recordings. */
async function usedHome(path: string): Promise<string> {
  const recordings = join(path, 'recordings');
  await mkdir(recordings, { recursive: true });
  const home = lockHome({ path: join(path, 'home') });
  const { database } = home;
  const folder = folderStore(database, Date.now).put(recordings, bioClass);
  const jobs = jobStore(database, Date.now);
  settingStore(database).set('connection', { bucket: 'b' });
  const linked = { place: 'b at AWS', key: 'k', name: 'n', mode: 'watch', note: null } as const;
  linkStore(database).insert({ ...linked, mayEndSooner: true, createdAtMs: 1, expiresAtMs: 2 });
  returnStore(database).begin('deleted', linked.place, 3);
  restoreStore(database).begun({ ...linked, speed: 'bulk', askedAtMs: 4 });
  for (let n = 0; n < JOBS; n++) {
    const { job } = jobs.enqueue(newJob(n, folder.id));
    jobs.setFingerprint(job, { sha256: 'a'.repeat(64), crc32: 5, sizeBytes: 1_000 + n });
    if (n % 4 === 0) continue;
    const verified = { type: 'verified', proof: 'checksum', atMs: 7 } as const;
    jobs.apply(job.id, [{ type: 'claimed' }, { type: 'stored' }, verified]);
  }
  home.close();
  return home.path;
}

const kinds = ({ database }: Home) =>
  Object.fromEntries(
    jobStore(database, Date.now)
      .tally()
      .map(({ kind, count }) => [kind, count]),
  );
const folders = ({ database }: Home) =>
  folderStore(database, Date.now)
    .list()
    .map(({ path, rule }) => [path, rule]);
const asides = (path: string) => readdirSync(path).filter((name) => name.startsWith('damaged-'));

describe('a ledger that is damaged', () => {
  test('in any of its pages is found out or harmless; nothing verified is made up, and folders stay', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    const file = join(path, 'ledger.db');
    const good = await readFile(file);
    const copy = await readFile(join(path, 'ledger-copy.json'));
    let rebuilt = 0;
    for (let page = 0; page * 4_096 < good.length; page += 1) {
      // The header of each page, and its far end, where the rows are.
      for (const at of [page === 0 ? 20 : 0, 3, 4_000]) {
        for (const name of asides(path)) await rm(join(path, name), { recursive: true });
        const bad = Buffer.from(good);
        bad[page * 4_096 + at]! ^= 0x55;
        await writeFile(file, bad);
        await writeFile(join(path, 'ledger-copy.json'), copy);
        const home = lockHome({ path });
        const isRebuilt = readRecovery(home.database)?.reason !== 'new';
        expect(folders(home)).toEqual([[join(dir.path, 'recordings'), bioClass]]);
        expect(home.database.pragma('integrity_check', { simple: true })).toBe('ok');
        rebuilt += isRebuilt ? 1 : 0;
        const [aside] = asides(path);
        const moved =
          aside === undefined ? undefined : readFileSync(join(path, aside, 'ledger.db'));
        expect({ verified: kinds(home)['verified'], isKeptWhole: moved?.equals(bad) }).toEqual(
          isRebuilt
            ? { verified: undefined, isKeptWhole: true }
            : { verified: (JOBS * 3) / 4, isKeptWhole: undefined },
        );
        home.close();
      }
    }
    expect(rebuilt).toBeGreaterThan(20);
  }, 120_000);

  test.each([
    ['cut off in the middle', async (file: string) => truncate(file, 20_480)],
    ['cut to its first page', async (file: string) => truncate(file, 4_096)],
    ['emptied', async (file: string) => truncate(file, 0)],
    ['overwritten with something else', async (file: string) => writeFile(file, 'x'.repeat(9_000))],
    ['deleted', async (file: string) => rm(file)],
    [
      'another program’s',
      async (file: string) => {
        await rm(file);
        const other = new DatabaseConstructor(file);
        other.exec('CREATE TABLE accounts (iban TEXT)');
        other.close();
      },
    ],
  ])('or %s is rebuilt with its folders, settings and links', async (_, harm) => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    await harm(join(path, 'ledger.db'));
    const home = lockHome({ path });
    expect(readRecovery(home.database)).toMatchObject({ isListed: false, adopted: 0 });
    expect(folders(home)).toEqual([[join(dir.path, 'recordings'), bioClass]]);
    expect(settingStore(home.database).get('connection', z.unknown())).toEqual({ bucket: 'b' });
    expect(linkStore(home.database).list()).toMatchObject([
      { place: 'b at AWS', key: 'k', expiresAtMs: 2, mayEndSooner: true },
    ]);
    expect(kinds(home)['verified']).toBeUndefined();
    home.close();
    // Once is enough: the next start finds a sound ledger.
    const before = asides(path);
    lockHome({ path }).close();
    expect(asides(path)).toEqual(before);
  });

  test('that is made anew from its copy does not say what uploads stood for before', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    const before = lockHome({ path });
    noteStanding(before.database, { by: 'person', untilMs: null });
    before.close();
    await rm(join(path, 'ledger.db'));
    const home = lockHome({ path });
    expect(standsFor(home.database)).toBeUndefined();
    expect(settingStore(home.database).isSet('connection')).toBe(true);
    home.close();
  });

  test('is rebuilt also when the copy beside it is gone, from what can be read of it', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    await rm(join(path, 'ledger-copy.json'));
    const db = new DatabaseConstructor(join(path, 'ledger.db'));
    const root = db
      .prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'jobs_by_kind'`)
      .pluck()
      .get() as number;
    db.close();
    const bytes = await readFile(join(path, 'ledger.db'));
    bytes.fill(0xff, (root - 1) * 4_096, root * 4_096);
    await writeFile(join(path, 'ledger.db'), bytes);
    const home = lockHome({ path });
    expect(readRecovery(home.database)).toMatchObject({ reason: 'damaged', jobs: JOBS });
    expect(kinds(home)).toEqual({ queued: JOBS / 4, uploaded: (JOBS * 3) / 4 });
    expect(folders(home)).toHaveLength(1);
    // What is under way in the storage is still asked for there.
    expect(returnStore(home.database).open('b at AWS')).toEqual([{ key: 'deleted', begunAtMs: 3 }]);
    expect(restoreStore(home.database).open('b at AWS')).toMatchObject([
      { key: 'k', askedAtMs: 4 },
    ]);
    home.close();
  });

  test('and cannot be rebuilt for now is rebuilt the next time, from the same damaged files', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    const bytes = await readFile(join(path, 'ledger.db'));
    bytes.fill(0, 4_096, 8_192);
    await writeFile(join(path, 'ledger.db'), bytes);
    // As after a kill between moving aside and the new ledger's name.
    await mkdir(join(path, 'ledger.rebuilt.db'));
    expect(() => lockHome({ path })).toThrow(expect.objectContaining({ code: 'home-unusable' }));
    await rm(join(path, 'ledger.rebuilt.db'), { recursive: true });
    const home = lockHome({ path });
    expect(asides(path)).toHaveLength(1);
    expect(readFileSync(join(path, asides(path)[0]!, 'ledger.db')).equals(bytes)).toBe(true);
    expect(folders(home)).toHaveLength(1);
    home.close();
  });

  test('beside a running engine is left to it', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    const engine = lockHome({ path });
    const bytes = await readFile(join(path, 'ledger.db'));
    await rm(join(path, 'ledger.db'));
    expect(() => openHome({ path })).toThrow(expect.objectContaining({ code: 'home-damaged' }));
    await writeFile(join(path, 'ledger.db'), bytes);
    expect(asides(path)).toEqual([]);
    engine.close();
  });
});

describe('a ledger that is older than what was there', () => {
  test('is told by its number: folders come from the copy, and the bucket is asked before anything is sent', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    await copyFile(join(path, 'ledger.db'), join(dir.path, 'yesterday.db'));
    const today = lockHome({ path });
    const second = join(dir.path, 'second');
    await mkdir(second);
    folderStore(today.database, Date.now).put(second, bioClass);
    today.close();
    await copyFile(join(dir.path, 'yesterday.db'), join(path, 'ledger.db'));
    const home = lockHome({ path });
    expect(readRecovery(home.database)).toMatchObject({ reason: 'older', isListed: false });
    expect(folders(home)).toHaveLength(2);
    expect(kinds(home)).toEqual({ queued: JOBS / 4, verified: (JOBS * 3) / 4 });
    expect(asides(path)).toEqual([]);
    home.close();
  });

  test('because its last commits were taken away with the -wal file is told too', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    const cut = lockHome({ path });
    folderStore(cut.database, Date.now).put(join(dir.path, 'recordings'), {
      ...bioClass,
      classId: 'chem-7',
    });
    // The copy follows each change by itself.
    await expect.poll(() => readCopy(path)?.folders[0]?.rule.classId).toBe('chem-7');
    const files = ['ledger.db', 'ledger-copy.json', 'lock.txt'];
    const later = join(dir.path, 'later');
    await mkdir(later);
    for (const name of files) await copyFile(join(path, name), join(later, name));
    cut.close();
    const home = lockHome({ path: later });
    expect(readRecovery(home.database)).toMatchObject({ reason: 'older' });
    expect(folders(home)).toMatchObject([[expect.anything(), { classId: 'chem-7' }]]);
    home.close();
  });

  test('is not suspected after a kill that left everything in place, nor with another computer’s -shm', async () => {
    await using dir = await tempDir();
    const path = await usedHome(dir.path);
    const killed = lockHome({ path });
    const { job } = jobStore(killed.database, Date.now).enqueue(newJob(999, 1));
    const later = join(dir.path, 'later');
    await mkdir(later);
    for (const name of ['ledger.db', 'ledger.db-wal', 'ledger-copy.json', 'lock.txt'])
      await copyFile(join(path, name), join(later, name));
    await writeFile(join(later, 'ledger.db-shm'), Buffer.alloc(32_768, 0xa5));
    killed.close();
    const home = lockHome({ path: later });
    expect(readRecovery(home.database)?.reason).toBe('new');
    expect(jobStore(home.database, Date.now).get(job.id)).toBeDefined();
    home.close();
  });
});

test('home, ledger and copy are for their owner’s eyes only, also when they were not', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  lockHome({ path }).close();
  await writeFile(join(path, 'ledger-copy.json.new'), '', { mode: 0o666 });
  const home = lockHome({ path });
  const modes = ['.', 'ledger.db', 'ledger.db-wal', 'ledger-copy.json', 'lock.txt'].map(
    async (name) => (await stat(join(path, name))).mode & 0o777,
  );
  expect(await Promise.all(modes)).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
  home.close();
  expect(existsSync(join(path, 'lock.txt'))).toBe(false);
});
