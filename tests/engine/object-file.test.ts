/** @file The file of the index: a cache that is made anew by itself, and that nothing waits for. */
import DatabaseConstructor from 'better-sqlite3';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  existsSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { takeInListing } from '../../electron/engine/library/browse.ts';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import type { ListPage } from '../../electron/engine/s3/remote.ts';
import { objectFileOf } from '../../electron/engine/store/object-file.ts';
import { objectIndex, type ObjectIndex } from '../../electron/engine/store/objects.ts';
import { tempDir } from '../support/temp-dir.ts';

const object = (n: number, ending = '') => ({
  key: `audio/bio-101/01890a5d-ac96-774b-bcce-${String(n).padStart(12, '0')}${ending}.mp3`,
  sizeBytes: 1,
  lastModifiedMs: n,
  storageClass: null,
});

/** Lists so many objects, 1,000 a page. */
function list(
  index: ObjectIndex,
  count: number,
  { before = () => {}, ending }: { before?: (from: number) => void; ending?: string } = {},
) {
  const page = (next: string | undefined): Promise<ListPage> => {
    const from = Number(next ?? 0);
    before(from);
    const to = Math.min(from + 1_000, count);
    const objects = Array.from({ length: to - from }, (_, i) => object(from + i, ending));
    return Promise.resolve({ objects, next: to < count ? String(to) : undefined });
  };
  return takeInListing(index, { page, nowMs: () => 1_234, place: 'here' });
}

const total = (index: ObjectIndex) => [
  index.newest(null, 0, 1).total,
  index.search(['bio-101'], 1).total,
  index.owners()[0]?.objects ?? 0,
];

const PAGE_BYTES = 4_096;
const fileOf = (home: string) => join(home, 'object-index.db');

test('a listing is written by its thread alone, and its log stays short', async () => {
  await using dir = await tempDir();
  using home = open(dir.path);
  const changes = () =>
    objectFileOf(home.database).read((db) => db.prepare(`SELECT total_changes()`).pluck().get());
  const before = changes();
  await list(home.index, 30_000, { ending: 'long'.repeat(200) });
  expect(total(home.index)).toEqual([30_000, 30_000, 30_000]);
  expect(changes()).toBe(before);
  expect(statSync(fileOf(dir.path)).size).toBeGreaterThan(8_000 * PAGE_BYTES);
  expect(statSync(`${fileOf(dir.path)}-wal`).size).toBeLessThan(6_000 * PAGE_BYTES);
});

test('to open the index, begin, ask, read and hand over are turns of the event loop of their own', async () => {
  await using dir = await tempDir();
  using home = open(dir.path);
  const order: string[] = [];
  const page = async (next = '1') => {
    order.push(`ask ${next}`);
    await stat(dir.path); // Heard of where answers are read.
    void setImmediate()
      .then(() => setImmediate())
      .then(() => order.push(`turn after read ${next}`));
    return { objects: [object(Number(next))], next: next === '3' ? undefined : `${+next + 1}` };
  };
  const index: ObjectIndex = {
    ...home.index,
    mark() {
      order.push('open');
      void setImmediate().then(() => order.push('turn after open'));
      return home.index.mark();
    },
    nextListing(isOfAll) {
      order.push('begin');
      void setImmediate().then(() => order.push('turn after begin'));
      return home.index.nextListing(isOfAll);
    },
    put(objects, seen) {
      order.push(`put ${objects[0]?.lastModifiedMs}`);
      return home.index.put(objects, seen);
    },
  };
  await takeInListing(index, { page, nowMs: () => 1, place: 'here' });
  const start = ['open', 'turn after open', 'begin', 'turn after begin'];
  const pages = ['1', '2', '3'].flatMap((n) => [`ask ${n}`, `turn after read ${n}`, `put ${n}`]);
  expect(order).toEqual([...start, ...pages]);
});

test('a few rows are written without a thread; many, or what another writer is in the way of, by one', async () => {
  await using dir = await tempDir();
  using home = open(dir.path);
  let threads = 0;
  const count = () => void (threads += 1);
  subscribe('worker_threads', count);
  try {
    const ofClass = { page: () => Promise.resolve({ objects: [object(0)], next: undefined }) };
    await takeInListing(home.index, { ...ofClass, nowMs: undefined, place: 'here' });
    for (let n = 1; n < 90; n += 1) await home.index.add({ ...object(n), name: null });
    expect([threads, ...total(home.index)]).toEqual([0, 90, 90, 90]);
    for (let n = 90; n < 100; n += 1) await home.index.add({ ...object(n), name: null });
    expect([threads, ...total(home.index)]).toEqual([1, 100, 100, 100]);
    home.close();
    using again = open(dir.path);
    const other = new DatabaseConstructor(fileOf(dir.path));
    other.exec('BEGIN IMMEDIATE');
    const adding = again.index.add({ ...object(100), name: null });
    await expect.poll(() => threads).toBe(2);
    other.exec('COMMIT');
    other.close();
    await adding;
    await list(again.index, 1);
    expect([threads, ...total(again.index)]).toEqual([2, 1, 1, 1]);
  } finally {
    unsubscribe('worker_threads', count);
  }
});

test('what a complete listing did not see is forgotten, and not what came meanwhile', async () => {
  await using dir = await tempDir();
  using home = open(dir.path);
  await list(home.index, 5_000);
  const fresh = { ...object(9_000), name: 'Cells.mp3' };
  let adding: Promise<unknown> | undefined;
  await list(home.index, 2_000, { before: () => void (adding ??= home.index.add(fresh)) });
  await adding;
  expect(total(home.index)).toEqual([2_001, 2_001, 2_001]);
  expect(home.index.nameOf(fresh.key)).toBe('Cells.mp3');
});

test.each<[what: string, harm: (file: string) => void]>([
  ['is gone', (file) => rmSync(file)],
  ['is not a database', (file) => writeFileSync(file, 'x'.repeat(100_000))],
  ['ends in the middle', (file) => truncateSync(file, 20 * PAGE_BYTES)],
  [
    'is damaged behind its first pages',
    (file) => writeFileSync(file, 'x'.repeat(900_000), { flag: 'r+', encoding: 'latin1' }),
  ],
  ['is of another version', (file) => change(file, `PRAGMA user_version = 99`)],
  [
    'cannot be opened',
    (file) => {
      rmSync(file);
      symlinkSync(join(file, 'nowhere'), file);
    },
  ],
  ['has lost a table', (file) => change(file, `DROP TABLE objects_text`)],
])('an index that %s is made anew, and the next listing fills it', async (_, harm) => {
  await using dir = await tempDir();
  {
    using home = open(dir.path);
    await list(home.index, 3_000);
  }
  harm(fileOf(dir.path));
  using home = open(dir.path);
  home.index.newest(null, 0, 3_000);
  home.index.search(['bio-101'], 10);
  expect(home.index.nameOf('none')).toBeNull();
  await list(home.index, 3_000);
  expect(total(home.index)).toEqual([3_000, 3_000, 3_000]);
  expect(home.index.indexedAtMs()).toBe(1_234);
});

test('an index that is deleted or damaged while it is open is made anew, in the middle of a listing, too', async () => {
  await using dir = await tempDir();
  using home = open(dir.path);
  await list(home.index, 3_000);
  const first = home.index.mark().id;
  rmSync(fileOf(dir.path));
  expect(total(home.index)).toEqual([0, 0, 0]);
  expect(home.index.indexedAtMs()).toBeUndefined();
  await list(home.index, 3_000);
  const second = home.index.mark().id;
  const marks = [first, second];
  for (const harm of [
    () => change(fileOf(dir.path), `DROP TABLE objects_text`),
    () => rmSync(fileOf(dir.path)),
  ]) {
    let isHarmed = false;
    const before = (from: number) => {
      if (from !== 7_000 || isHarmed) return;
      isHarmed = true;
      harm();
    };
    await list(home.index, 9_000, { before });
    expect(total(home.index)).toEqual([9_000, 9_000, 9_000]);
    marks.push(home.index.mark().id);
  }
  expect(new Set(marks).size).toBe(4);
});

test('a listing that began earlier takes nothing from a later one, and ends in no other file than its own', async () => {
  await using dir = await tempDir();
  using home = open(dir.path);
  const [earlier, later] = [await home.index.nextListing(), await home.index.nextListing()];
  const page = [object(1), object(2)];
  await home.index.put(page, later);
  await home.index.put([object(1), { ...object(2), sizeBytes: 2 }], earlier);
  await home.index.finish(later, { atMs: 1, place: 'here' });
  expect(total(home.index)).toEqual([2, 2, 2]);
  rmSync(fileOf(dir.path));
  await home.index.put(page, later);
  await expect(home.index.finish(later, { atMs: 2, place: 'here' })).rejects.toThrow('made anew');
  expect([total(home.index), home.index.indexedAtMs()]).toEqual([[0, 0, 0], undefined]);
});

test.each([
  ['the other way round', ['c.mp3', 'b.mp3', 'a.mp3']],
  ['as JavaScript orders them, which is not by bytes', ['\u{1f399}.mp3', '\uff5e.mp3']],
])('what a page names %s is known again', async (_, keys) => {
  await using dir = await tempDir();
  using home = open(dir.path);
  const objects = keys.map((key) => ({ ...object(1), key }));
  const page = () => Promise.resolve({ objects, next: undefined });
  for (const nowMs of [1, 2])
    await takeInListing(home.index, { page, nowMs: () => nowMs, place: 'here' });
  expect(home.index.newest(null, 0, 9).rows.map(({ key }) => key)).toEqual(keys);
});

test('two that work in one home see what the other has listed, and neither makes the file anew', async () => {
  await using dir = await tempDir();
  using home = open(dir.path);
  const beside = openHome({ path: dir.path });
  const other = objectIndex(beside.database);
  await Promise.all([list(home.index, 3_000), list(other, 3_000)]);
  await other.add({ ...object(5_000), name: 'Cells.mp3' });
  await home.index.remove(object(0).key);
  expect([total(home.index), total(other)]).toEqual([Array(3).fill(3_000), Array(3).fill(3_000)]);
  expect(other.mark().id).toBe(home.index.mark().id);
  beside.close();
});

test('a home that is closed or moved away while it is listed keeps nothing open, and gets nothing in its old place', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  {
    using home = open(path);
    const listing = list(home.index, 1_000_000);
    await expect.poll(() => home.index.newest(null, 0, 1).total).toBeGreaterThan(1_000);
    home.close();
    await expect(listing).rejects.toThrow(/ended|not open|closed/);
    expect(() => home.index.mark()).toThrow('closed');
  }
  expect(existsSync(`${fileOf(path)}-wal`)).toBe(false);
  using home = open(path);
  const before = home.index.newest(null, 0, 1).total;
  expect(before).toBeGreaterThan(1_000);
  renameSync(path, `${path}-elsewhere`);
  expect(home.index.newest(null, 0, 1).total).toBe(before);
  await expect(list(home.index, 1_000)).rejects.toThrow('Cannot open');
  expect(existsSync(path)).toBe(false);
});

function open(path: string) {
  const home = lockHome({ path });
  return { ...home, index: objectIndex(home.database), [Symbol.dispose]: () => home.close() };
}

function change(file: string, sql: string): void {
  const db = new DatabaseConstructor(file);
  db.exec(sql);
  db.close();
}
