import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readCopy } from '../../electron/engine/home/home-copy.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { keepWalShort, walOf } from '../../electron/engine/store/wal.ts';
import { MIN_FREE_BYTES } from '../../electron/engine/queue/space.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { groupOf } from '../../electron/engine/store/together.ts';
import { tempDir } from '../support/temp-dir.ts';

const PAGE_BYTES = 4_096;

function pagesOf(db: Database) {
  const [{ log, checkpointed }] = db.pragma('wal_checkpoint(NOOP)') as [Record<string, number>];
  return { log: log!, left: log! - checkpointed! };
}

/** Some pages of the log each. */
const fill = (db: Database, from: number) =>
  settingStore(db).set(`filler-${from}`, 'x'.repeat(10 * PAGE_BYTES));

test('what many commits have written is moved into the file, and no commit does it', async () => {
  await using dir = await tempDir();
  const home = lockHome({ path: dir.path });
  const { database } = home;
  const { together } = groupOf(database);
  // In one group, so that nobody has looked at the log before its end.
  await Promise.all(Array.from({ length: 200 }, (_, i) => together(() => fill(database, i))));
  expect(pagesOf(database).log).toBeGreaterThan(1_000);
  await expect.poll(() => pagesOf(database).left).toBeLessThan(1_000);
  // SQLite itself would have moved it within the commit; nothing is lost by that this one does not.
  expect(database.pragma('wal_autocheckpoint', { simple: true })).toBeGreaterThan(5_000);
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  home.close();
  expect(existsSync(join(dir.path, 'ledger.db-wal'))).toBe(false);
});

test('a log that is written while it is moved begins anew all the same, and does not grow', async () => {
  await using dir = await tempDir();
  const home = lockHome({ path: dir.path });
  const { database } = home;
  const other = new DatabaseConstructor(database.name);
  database.transaction(() => {
    for (let i = 0; i < 200; i += 1) fill(database, i);
  })();
  // Until here the log is moved, and no further while this one reads.
  other.exec('BEGIN; SELECT count(*) FROM settings');
  fill(database, 200);
  walOf(database).look();
  const still = new Int32Array(new SharedArrayBuffer(4));
  // The thread is at work, and nobody hears of it: the loop stands still.
  while (pagesOf(database).left > 100) Atomics.wait(still, 0, 0, 5);
  expect(pagesOf(database).left).toBeGreaterThan(0);
  other.close();
  await expect.poll(() => pagesOf(database).left).toBe(0);
  expect(pagesOf(database).log).toBeGreaterThan(1_000);
  fill(database, 201);
  expect(pagesOf(database).log).toBeLessThan(100);
  home.close();
});

test('however fast commits come, the log takes no more than what is kept free for it', async () => {
  await using dir = await tempDir();
  const home = lockHome({ path: dir.path });
  const { together } = groupOf(home.database);
  home.database.exec(`CREATE TABLE filler (text TEXT)`);
  const add = home.database.prepare<[string]>(`INSERT INTO filler VALUES (?)`);
  const text = 'x'.repeat(100 * PAGE_BYTES);
  const wal = join(dir.path, 'ledger.db-wal');
  let most = 0;
  for (let round = 0; round < 100; round += 1) {
    await Promise.all([1, 2, 3].map(() => together(() => add.run(text))));
    most = Math.max(most, statSync(wal).size);
  }
  expect(most).toBeGreaterThan(1_000 * PAGE_BYTES);
  expect(most).toBeLessThan(MIN_FREE_BYTES / 2);
  home.close();
});

test('a home that is closed while its log is moved is whole, and free at once', async () => {
  await using dir = await tempDir();
  for (const round of [0, 1, 2]) {
    const home = lockHome({ path: dir.path });
    const { together } = groupOf(home.database);
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => together(() => fill(home.database, round * 1_000 + i))),
    );
    home.close();
    // Nothing of it is written any more: by then the last connection has closed.
    expect(existsSync(join(dir.path, 'ledger.db-wal'))).toBe(false);
  }
  const home = lockHome({ path: dir.path });
  const filled = home.database
    .prepare(`SELECT count(*) FROM settings WHERE name LIKE 'filler-%'`)
    .pluck()
    .get();
  expect(filled).toBe(600);
  expect(home.database.pragma('integrity_check', { simple: true })).toBe('ok');
  home.close();
});

test.each([
  ['is not there for it', 'nowhere.node', () => {}],
  ['was moved away', undefined, (file: string) => renameSync(file, `${file}.moved`)],
])(
  'where the thread cannot, as what it needs %s, SQLite moves the log as it does by itself',
  async (_, native, prepare) => {
    await using dir = await tempDir();
    const file = join(dir.path, 'ledger.db');
    const database = openDatabase(file);
    const warnings: unknown[] = [];
    let nowMs = 0;
    const log = keepWalShort(database, {
      onWarning: (error) => void warnings.push(error),
      monotonicMs: () => nowMs,
      nativeBinding: native === undefined ? undefined : join(dir.path, native),
    });
    database.transaction(() => {
      for (let i = 0; i < 200; i++) fill(database, i);
    })();
    prepare(file);
    const wasThere = existsSync(file);
    log.look();
    await expect.poll(() => database.pragma('wal_autocheckpoint', { simple: true })).toBe(1_000);
    expect(existsSync(file)).toBe(wasThere);
    expect(warnings).toHaveLength(1);
    fill(database, 200);
    expect(pagesOf(database).left).toBe(0);
    log.look();
    expect(database.pragma('wal_autocheckpoint', { simple: true })).toBe(1_000);
    nowMs += 60_000;
    log.look();
    expect(database.pragma('wal_autocheckpoint', { simple: true })).toBe(6_000);
    log.end();
    database.close();
  },
);

test('what belongs to the ledger alone, such as a listing, is no reason for a new copy of what does not', async () => {
  await using dir = await tempDir();
  const home = lockHome({ path: dir.path });
  const file = join(dir.path, 'ledger-copy.json');
  const { ino } = statSync(file);
  const index = objectIndex(home.database);
  await index.finish(await index.nextListing(), { atMs: 1_234, place: 'here' });
  await setImmediate();
  expect(statSync(file).ino).toBe(ino);
  settingStore(home.database).set('theme', 'dark');
  await setImmediate();
  const { settings } = readCopy(dir.path)!;
  expect(settings).toEqual({ theme: '"dark"' });
  home.close();
});
