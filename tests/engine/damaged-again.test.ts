import DatabaseConstructor from 'better-sqlite3';
import { cpSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome, type Home } from '../../electron/engine/home/home.ts';
import { readRecovery } from '../../electron/engine/home/recovery-record.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { meanwhile } from '../../electron/engine/test-hooks.ts';
import type { JobEvent } from '../../shared/job.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const PAGE = 4_096;

/** Writes nonsense over the first page of a table or index, as a broken disk does. */
async function wreck(home: string, name: string): Promise<void> {
  const file = join(home, 'ledger.db');
  const db = new DatabaseConstructor(file, { readonly: true });
  const find = db.prepare<[string], number>(`SELECT rootpage FROM sqlite_schema WHERE name = ?`);
  const root = find.pluck().get(name)!;
  db.close();
  const bytes = await readFile(file);
  bytes.fill(0xff, (root - 1) * PAGE, root * PAGE);
  await writeFile(file, bytes);
}

const jobsOf = ({ database }: Home) => jobStore(database, Date.now);
const pathsIn = (home: Home) =>
  jobsOf(home)
    .list(undefined, -1)
    .map(({ path }) => path);
const asides = (home: string) =>
  readdirSync(home)
    .filter((name) => name.startsWith('damaged-'))
    .map((name) => join(home, name));

function addTo(home: Home, path: string, folderId?: number): void {
  jobsOf(home).enqueue({
    path,
    sizeBytes: 1_000,
    mtimeNs: '1',
    name: 'lecture.mp4',
    folderId,
    contentType: 'video/mp4',
    destination: { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' },
    key: `audio/bio-101${path}`,
    token: `token-${path}`,
    state: { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
  });
}

/** A home whose ledger was damaged and rebuilt, which nobody could note any more: a kill, or a full disk. */
async function rebuiltHome(path: string): Promise<void> {
  const first = lockHome({ path });
  addTo(first, '/first.mp4');
  first.close();
  await wreck(path, 'jobs_by_kind');
  const second = lockHome({ path });
  addTo(second, '/second.mp4');
  second.close();
  await rm(join(asides(path)[0]!, 'read-me.txt'));
}

test('a ledger that is damaged once more is salvaged itself, and nothing of the former one is left beside the new one', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  await rebuiltHome(path);
  await writeFile(join(asides(path)[0]!, 'ledger.db-wal'), 'of the former one');
  await wreck(path, 'jobs_by_kind');
  const damaged = await readFile(join(path, 'ledger.db'));
  const third = lockHome({ path });
  expect(pathsIn(third)).toEqual(['/first.mp4', '/second.mp4']);
  const kept = asides(path).map((aside) => readFile(join(aside, 'ledger.db')));
  expect((await Promise.all(kept)).some((bytes) => bytes.equals(damaged))).toBe(true);
  third.close();
});

test('a kill right after a ledger was rebuilt does not make it one that is older than what was there', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  await rebuiltHome(path);
  // As whoever is killed leaves it, and before there is a log.
  await writeFile(join(path, 'lock.txt'), 'process 1');
  const home = lockHome({ path });
  expect(readRecovery(home.database)?.reason).toBe('damaged');
  expect(pathsIn(home)).toEqual(['/first.mp4', '/second.mp4']);
  home.close();
});

test('nor does it where its settings, with the number of its opening, could not be read', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  const killed = join(dir.path, 'killed');
  const first = lockHome({ path });
  addTo(first, '/first.mp4');
  first.close();
  await wreck(path, 'settings');
  meanwhile((point) => {
    // As a kill at that moment leaves it.
    if (point === 'ledger-rebuilt') cpSync(path, killed, { recursive: true });
  });
  lockHome({ path }).close();
  meanwhile(undefined);
  const home = lockHome({ path: killed });
  expect(readRecovery(home.database)).toMatchObject({
    reason: 'damaged',
    folder: expect.stringContaining('damaged-'),
  });
  home.close();
});

test('what was moved aside is not made a ledger of once more, when the one that was made of it is gone', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  await rebuiltHome(path);
  lockHome({ path }).close();
  await rm(join(path, 'ledger.db'));
  const home = lockHome({ path });
  expect(readRecovery(home.database)).toMatchObject({ reason: 'lost', jobs: 0 });
  home.close();
});

test('a rebuilding that was killed before anything was made is ended by the next start, also without a readable copy', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  const home = lockHome({ path });
  addTo(home, '/first.mp4');
  home.close();
  await wreck(path, 'jobs_by_kind');
  await writeFile(join(path, 'ledger-copy.json'), '{');
  const aside = join(path, 'damaged-2026-01-01T00-00-00');
  await mkdir(aside);
  await rename(join(path, 'ledger.db'), join(aside, 'ledger.db'));
  const next = lockHome({ path });
  expect(pathsIn(next)).toEqual(['/first.mp4']);
  next.close();
});

test('a file that is named as what was moved aside, and a note that cannot be written, keep nobody from the home', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  await rebuiltHome(path);
  const unnotable = join(path, 'damaged-2026-01-01T00-00-00');
  await mkdir(unnotable);
  await symlink(join(dir.path, 'nowhere', 'note.txt'), join(unnotable, 'read-me.txt'));
  await writeFile(join(path, 'damaged-for-support.7z'), 'packed for somebody who helps');
  const sound = lockHome({ path });
  expect(pathsIn(sound)).toEqual(['/first.mp4', '/second.mp4']);
  sound.close();
  await wreck(path, 'jobs_by_kind');
  const rebuilt = lockHome({ path });
  expect(pathsIn(rebuilt)).toEqual(['/first.mp4', '/second.mp4']);
  rebuilt.close();
});

test('each recording stays with its own folder, whatever number that has in the new ledger', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  const home = lockHome({ path });
  const folders = folderStore(home.database, Date.now);
  const [gone, ...kept] = ['gone', 'biology', 'chemistry'].map((name) => join(dir.path, name));
  const all = [gone!, ...kept].map((folder) => folders.put(folder, bioClass));
  folders.remove(gone!);
  for (const { id, path: folder } of all.slice(1)) addTo(home, join(folder, 'lecture.mp4'), id);
  home.close();
  await wreck(path, 'folders');
  const anew = lockHome({ path });
  const now = folderStore(anew.database, Date.now);
  const found = jobsOf(anew)
    .list(undefined, -1)
    .map((job) => [job.path, now.get(job.folderId)?.path]);
  expect(found).toEqual(kept.map((folder) => [join(folder, 'lecture.mp4'), folder]));
  anew.close();
});

test('a recording whose state cannot be read is not forgotten: neither that a person has sent it, nor that one let it go', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  const home = lockHome({ path });
  for (const name of ['queued', 'failed', 'verified', 'dropped', 'deleted', 'replaced'])
    addTo(home, `/${name}.mp4`);
  const [, failed, verified, dropped, deleted, replaced] = jobsOf(home).list(undefined, -1);
  const stored: JobEvent[] = [{ type: 'claimed' }, { type: 'stored' }];
  const broke = { type: 'broke', code: 'file-unreadable', notBeforeMs: 0 } as const;
  jobsOf(home).apply(failed!.id, [{ type: 'claimed' }, broke]);
  jobsOf(home).setFingerprint(verified!, { sha256: 'a'.repeat(64), crc32: 5, sizeBytes: 1_000 });
  jobsOf(home).apply(verified!.id, [...stored, { type: 'verified', proof: 'checksum', atMs: 7 }]);
  jobsOf(home).apply(dropped!.id, [{ type: 'cancelled' }]);
  jobsOf(home).apply(deleted!.id, [{ type: 'deleted' }]);
  // It would be sent when it came back.
  jobsOf(home).apply(replaced!.id, [{ type: 'superseded' }]);
  // Such as a code that another version of the program has written.
  home.database.exec(`UPDATE jobs SET state = json_set(state, '$.kind', 'unheard-of')`);
  home.close();
  const anew = lockHome({ path });
  const found = jobsOf(anew)
    .list(undefined, -1)
    .map(({ path: file, state }) => [file, 'why' in state ? state.why : state.kind]);
  expect(found).toEqual([
    ['/queued.mp4', 'queued'],
    ['/failed.mp4', 'queued'],
    ['/verified.mp4', 'uploaded'],
    ['/dropped.mp4', 'cancelled'],
    // Its object may come back, which a dismissed one has none of.
    ['/deleted.mp4', 'deleted'],
  ]);
  anew.close();
});

test('what was stored or let go stays so when its bytes or its place cannot be read', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  const home = lockHome({ path });
  for (const name of ['stored', 'bytes', 'place']) addTo(home, `/${name}.mp4`);
  const [stored, ...gone] = jobsOf(home).list(undefined, -1);
  const verified = { type: 'verified', proof: 'checksum', atMs: 7 } as const;
  jobsOf(home).apply(stored!.id, [{ type: 'claimed' }, { type: 'stored' }, verified]);
  for (const { id } of gone) jobsOf(home).apply(id, [{ type: 'cancelled' }]);
  home.database.exec(`UPDATE jobs SET fingerprint = '{' WHERE path <> '/place.mp4'`);
  home.database.exec(`UPDATE jobs SET destination = '{' WHERE path = '/place.mp4'`);
  home.close();
  const anew = lockHome({ path });
  expect(jobsOf(anew).list(undefined, -1)).toMatchObject([
    // Read once more, and found again in the storage by its key and token.
    { path: '/stored.mp4', state: { kind: 'queued' }, key: stored!.key, token: stored!.token },
    { path: '/bytes.mp4', state: { kind: 'dropped', why: 'cancelled' } },
    { path: '/place.mp4', state: { kind: 'dropped', why: 'cancelled' } },
  ]);
  anew.close();
});
