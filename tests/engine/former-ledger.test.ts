/** @file A ledger that version 19 of the schema wrote, when what is searched was computed from each row's JSON. */
import DatabaseConstructor from 'better-sqlite3';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { readRecovery } from '../../electron/engine/home/recovery-record.ts';
import { jobStore, type Job } from '../../electron/engine/store/jobs.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { migrations } from '../../electron/engine/store/migrations.ts';
import { tempDir } from '../support/temp-dir.ts';

const FORMER = join(import.meta.dirname, '..', 'support', 'ledger-19.db.gz');

/** @param harm What stands in the file once, and what of the same length stands there then. */
async function formerHome(dir: string, harm?: readonly [from: string, to: string]) {
  const path = join(dir, 'home');
  await mkdir(path);
  const bytes = gunzipSync(await readFile(FORMER));
  if (harm) {
    const at = bytes.indexOf(harm[0]);
    if (at < 0 || bytes.includes(harm[0], at + 1)) throw new Error(`Not there once: ${harm[0]}`);
    bytes.write(harm[1], at);
  }
  await writeFile(join(path, 'ledger.db'), bytes);
  return path;
}

const namesOf = (jobs: readonly Job[]) => jobs.map(({ name }) => name.replace('.mp4', ''));

test('a ledger of a former version keeps every row and its state, and is searched as a new one is', async () => {
  await using dir = await tempDir();
  const path = await formerHome(dir.path);
  const before = new DatabaseConstructor(join(path, 'ledger.db'));
  const states = before.prepare(`SELECT id, state, fingerprint, key FROM jobs`).all();
  expect([before.pragma('user_version', { simple: true }), states.length]).toEqual([19, 10]);
  before.close();

  const home = lockHome({ path });
  const { database } = home;
  expect(database.pragma('user_version', { simple: true })).toBe(migrations.length);
  expect(readRecovery(database)).toMatchObject({ reason: 'new' }); // Not made anew.
  expect(database.prepare(`SELECT id, state, fingerprint, key FROM jobs`).all()).toEqual(states);
  const strays = `SELECT id FROM jobs WHERE kind IS NOT state ->> 'kind'
    OR not_before_ms IS NOT state ->> 'notBeforeMs' OR same_as IS NOT state ->> 'sameAs'`;
  expect(database.prepare(strays).all()).toEqual([]);

  // The index of listings, which was in it, has a file of its own.
  expect(
    database
      .prepare(`SELECT name FROM sqlite_schema WHERE name IN ('objects', 'objects_text')`)
      .all(),
  ).toEqual([]);
  expect(objectIndex(database).newest(null, 0, 1).total).toBe(0);

  const jobs = jobStore(database, Date.now);
  const parts = jobs.list('uploading', -1).map(({ id }) => jobs.parts(id, 'upload-1'));
  expect(parts).toMatchObject([[{ number: 1, etag: 'e' }]]);
  expect(jobs.tally().map(({ kind, count }) => `${kind} ${count}`)).toEqual([
    'dropped 1',
    'held 1',
    'queued 4',
    'uploaded 1',
    'uploading 1',
    'verified 2',
  ]);
  for (const { kind, count } of jobs.tally()) expect(jobs.list(kind, -1)).toHaveLength(count);
  expect(namesOf(jobs.ofContent('a'.repeat(64), 0))).toEqual(['verified', 'same bytes']);
  expect(jobs.ofContent(`${'a'.repeat(63)}b`, 0)).toEqual([]);
  expect(namesOf(jobs.ofObject('audio/bio-101/verified.mp4'))).toEqual(['verified', 'same bytes']);
  jobs.bringForward(Number.MAX_SAFE_INTEGER, 1);
  expect(namesOf(jobs.claim('small', 3_000_000_000_000, 9))).toEqual(['failed', 'waits', 'stored']);
  expect(namesOf(jobs.claim('large', 3_000_000_000_000, 9))).toEqual(['waits long']);
  expect(database.prepare(strays).all()).toEqual([]);
  home.close();
  lockHome({ path }).close();
});

test('of a former version, a time that has a decimal point is a time, and one that is none stops no others', async () => {
  await using dir = await tempDir();
  const path = await formerHome(dir.path, [':4000000000000,', ':40000000000.0,']);
  const home = lockHome({ path });
  expect(readRecovery(home.database)).toMatchObject({ reason: 'new' });
  const jobs = jobStore(home.database, Date.now);
  const timeOf = home.database.prepare(`SELECT not_before_ms FROM jobs WHERE id = 3`).pluck();
  expect(timeOf.get()).toBe(40_000_000_000);
  jobs.bringForward(0, 1_000);
  const times = `SELECT count(*) FROM jobs WHERE state LIKE '%.0%'`;
  expect(home.database.prepare(times).pluck().get()).toBe(0);
  home.database.exec(`UPDATE jobs SET not_before_ms = NULL WHERE id = 3`);
  expect(jobs.hasRunnable('small', 3_000_000_000_000)).toBe(true);
  home.close();
});

test.each([
  ['a state', 3, ':4000000000000,', ':4000000000000;', undefined],
  ['a time', 3, ':4000000000000,', ':"soon"       ,', 'queued'],
  ['a hash', 6, '{"sha256":"bb', '{"sha256";"bb', 'queued'],
] as const)(
  'of a former version in which %s cannot be read, that row is begun anew, or left out, and no other',
  async (_, id, from, to, kind) => {
    await using dir = await tempDir();
    const home = lockHome({ path: await formerHome(dir.path, [from, to]) });
    const jobs = jobStore(home.database, Date.now);
    // Number 5 has no object of its own: whatever is made anew finds it by its bytes.
    const left = [1, 2, 3, 4, 6, 7, 8, 9, 10].filter((n) => n !== id || kind !== undefined);
    expect(jobs.list(undefined, -1).map((job) => job.id)).toEqual(left);
    expect(jobs.get(id)?.state.kind).toBe(kind);
    expect(readRecovery(home.database)).toMatchObject({ reason: 'damaged', jobs: left.length });
    home.close();
  },
);
