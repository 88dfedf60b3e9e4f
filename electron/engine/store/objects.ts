import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { parseObjectKey, type DestinationKind } from '#shared/recording.ts';
import { walOf } from './wal.ts';
import { foundBy, objectSearch } from './object-search.ts';
import { settingStore } from './settings.ts';
import { groupOf } from './together.ts';

/** What a listing showed of an object, and its human name where that is known. */
export type IndexedObject = Readonly<{
  key: string;
  sizeBytes: number;
  lastModifiedMs: number;
  storageClass: string | null;
  name: string | null;
}>;

/** A class's or user's part of the bucket; nulls stand for the keys of others. */
export type Owner = Readonly<{ kind: DestinationKind | null; ownerId: string | null }>;
export type OwnerTotal = Owner & Readonly<{ objects: number; sizeBytes: number }>;

type Listed = Omit<IndexedObject, 'name'>;
type Noted = IndexedObject & Readonly<{ id: number }>;
type Unseen = Readonly<{ seen: number; after: number; upTo: number }>;

/** When a listing has ended: to go through all in one go would keep the loop for 20 ms of 100,000. */
const LOOKED_AT_TOGETHER = 2_000;

export type ObjectIndex = ReturnType<typeof objectIndex>;

/** The local, searchable memory of the bucket's listings. A cache: never evidence that an object exists or not. */
export function objectIndex(db: Database) {
  const settings = settingStore(db);
  const columns = `key, size_bytes AS sizeBytes, last_modified_ms AS lastModifiedMs, storage_class AS storageClass, name`;
  const insert = db.prepare(
    `INSERT INTO objects (key, size_bytes, last_modified_ms, storage_class, kind, owner_id, name, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = db.prepare(
    `UPDATE objects SET size_bytes = ?, last_modified_ms = ?, storage_class = ?, name = ?, seen = ? WHERE id = ?`,
  );
  // Many at a time: to begin a statement costs more than a row of it.
  const among = `key IN (SELECT value FROM json_each(?))`;
  const noted = db.prepare<[string], Noted>(`SELECT ${columns}, id FROM objects WHERE ${among}`);
  const namesFromLedger = db.prepare<[string], { key: string; name: string }>(
    `SELECT key, name FROM jobs WHERE ${among}`,
  );
  const seeAgain = db.prepare<[number, string]>(
    `UPDATE objects SET seen = ? WHERE id IN (SELECT value FROM json_each(?))`,
  );
  const byKey = db.prepare<[string], IndexedObject>(`SELECT ${columns} FROM objects WHERE key = ?`);
  const nameFromLedger = db
    .prepare<[string], string>(`SELECT name FROM jobs WHERE key = ?`)
    .pluck();
  const unclaimed = db
    .prepare<[number, string | null, string | null], string>(
      `SELECT key FROM objects INDEXED BY objects_by_owner WHERE size_bytes = ? AND kind IS ? AND owner_id IS ?
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.key = objects.key)`,
    )
    .pluck();
  const unclaimedSizes = db
    .prepare<[string | null, string | null], number>(
      `SELECT DISTINCT size_bytes FROM objects INDEXED BY objects_by_owner WHERE kind IS ? AND owner_id IS ?
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.key = objects.key)`,
    )
    .pluck();
  const unnamed = db
    .prepare<[number], string>(`SELECT key FROM objects WHERE name IS NULL LIMIT ?`)
    .pluck();
  const countUnnamed = db
    .prepare<[], number>(`SELECT count(*) FROM objects WHERE name IS NULL`)
    .pluck();
  const setName = db.prepare<[string, number]>(`UPDATE objects SET name = ? WHERE id = ?`);
  const lastId = db.prepare<[], number>(`SELECT coalesce(max(id), 0) FROM objects`).pluck();
  const unseen = `WHERE id > @after AND id <= @upTo AND seen < @seen`;
  const dropUnseen = db.prepare<[Unseen]>(`DELETE FROM objects ${unseen}`);
  const dropOne = db.prepare<[string]>(`DELETE FROM objects WHERE key = ?`);
  const owners = db.prepare<[], OwnerTotal>(
    `SELECT kind, owner_id AS ownerId, count(*) AS objects, sum(size_bytes) AS sizeBytes FROM objects
     GROUP BY kind, owner_id ORDER BY kind IS NULL, kind, owner_id`,
  );
  const ofOwner = db.prepare<unknown[], IndexedObject>(
    `SELECT ${columns} FROM objects WHERE kind IS ? AND owner_id IS ? ORDER BY last_modified_ms DESC, id LIMIT ? OFFSET ?`,
  );
  const ofAll = db.prepare<unknown[], IndexedObject>(
    `SELECT ${columns} FROM objects ORDER BY last_modified_ms DESC, id LIMIT ? OFFSET ?`,
  );
  const countAll = db.prepare<[], number>(`SELECT count(*) FROM objects`).pluck();
  const countOfOwner = db
    .prepare<unknown[], number>(`SELECT count(*) FROM objects WHERE kind IS ? AND owner_id IS ?`)
    .pluck();
  const textOf = `INTO objects_text (rowid, words) SELECT id, ${foundBy} FROM objects`;
  const addTexts = db.prepare<[number]>(`INSERT ${textOf} WHERE id >= ?`);
  const setText = db.prepare<[number]>(`REPLACE ${textOf} WHERE id = ?`);
  // SQLite merges words 64 pages at a time, within the commit of whoever adds some: of 4 KiB that takes 10 ms.
  const useSmallPages = db.prepare(
    `INSERT INTO objects_text (objects_text, rank) VALUES ('pgsz', 500)`,
  );
  const dropUnseenText = db.prepare<[Unseen]>(
    `DELETE FROM objects_text WHERE rowid IN (SELECT id FROM objects ${unseen})`,
  );
  const dropText = db.prepare<[string]>(
    `DELETE FROM objects_text WHERE rowid = (SELECT id FROM objects WHERE key = ?)`,
  );

  const notedOf = (key: string): Noted | undefined => noted.get(JSON.stringify([key]));

  /** What is known of them and does not change is only seen again. A name that they do not bring is kept. */
  function store(objects: readonly (Listed & { name?: string | null })[], seen: number): void {
    const keys = JSON.stringify(objects.map(({ key }) => key));
    const before = byKeyOf(noted.all(keys));
    const ours = byKeyOf(namesFromLedger.all(keys));
    const same: number[] = [];
    let firstNew: number | undefined;
    // A page may name one twice.
    for (const object of byKeyOf(objects).values()) {
      const known = before.get(object.key);
      const name = object.name ?? known?.name ?? ours.get(object.key)?.name ?? null;
      if (known === undefined) {
        const id = add(object, name, seen);
        firstNew ??= id;
      } else if (isSame(known, object, name)) same.push(known.id);
      else change(known, object, name, seen);
    }
    if (same.length > 0) seeAgain.run(seen, JSON.stringify(same));
    // Each new number is higher than all before it.
    if (firstNew !== undefined) addTexts.run(firstNew);
  }

  /** @returns Its number. */
  function add(object: Listed, name: string | null, seen: number): number {
    const { key, sizeBytes, lastModifiedMs, storageClass } = object;
    const parsed = parseObjectKey(key);
    const owner = [parsed?.kind ?? null, parsed?.ownerId ?? null];
    const row = [key, sizeBytes, lastModifiedMs, storageClass, ...owner, name, seen];
    return Number(insert.run(row).lastInsertRowid);
  }

  function change(known: Noted, now: Listed, name: string | null, seen: number): void {
    const { sizeBytes, lastModifiedMs, storageClass } = now;
    update.run([sizeBytes, lastModifiedMs, storageClass, name, seen, known.id]);
    if (name !== known.name || lastModifiedMs !== known.lastModifiedMs) setText.run(known.id);
  }
  const put = db.transaction(store);
  const drop = db.transaction((those: Unseen) => {
    dropUnseenText.run(those);
    dropUnseen.run(those);
  });
  const rest = () => walOf(db).rest();
  const listingNumber = (): number => settings.getIfReadable('listing_number', z.int()) ?? 0;

  return {
    get: (key: string) => byKey.get(key),
    nameOf: (key: string): string | null => byKey.get(key)?.name ?? nameFromLedger.get(key) ?? null,
    /** Takes in some of listing number `seen`. */
    put: (page: readonly Listed[], seen: number) => withoutWaiting(db, () => put(page, seen)),
    /** Takes in an object that was just uploaded. It outlives the listing that runs meanwhile. */
    add: db.transaction((object: IndexedObject) => store([object], listingNumber())),
    setName: db.transaction((key: string, name: string) => {
      const known = notedOf(key);
      if (known === undefined) return;
      setName.run(name, known.id);
      setText.run(known.id);
    }),
    /** Objects of one owner and size that no job is known for. */
    unclaimed: ({ kind, ownerId }: Owner, sizeBytes: number) =>
      unclaimed.all(sizeBytes, kind, ownerId).toSorted(),
    /** In bytes. Reads all of that owner's objects, as `unclaimed` does. */
    unclaimedSizes: ({ kind, ownerId }: Owner): ReadonlySet<number> =>
      new Set(unclaimedSizes.iterate(kind, ownerId)),
    unnamed: (limit: number) => unnamed.all(limit),
    countUnnamed: () => countUnnamed.get() ?? 0,
    together: groupOf(db).together,
    rest,
    remove: db.transaction((key: string) => {
      dropText.run(key);
      dropOne.run(key);
    }),
    /** Ends a complete listing: what it did not see is forgotten. */
    async finish(seen: number, atMs: number): Promise<{ unnamed: number }> {
      const last = lastId.get() ?? 0;
      for (let after = 0; after < last; after += LOOKED_AT_TOGETHER) {
        withoutWaiting(db, () => drop({ seen, after, upTo: after + LOOKED_AT_TOGETHER }));
        await rest();
      }
      settings.set('indexed_at_ms', atMs);
      await rest();
      return { unnamed: countUnnamed.get() ?? 0 };
    },
    /** When the last complete listing ended, Unix milliseconds. */
    indexedAtMs: (): number | undefined => settings.getIfReadable('indexed_at_ms', z.int()),
    /** Each number is given once, so that what a listing saw that broke off does not pass for seen later. */
    nextListing: (): number => {
      const next = listingNumber() + 1;
      settings.set('listing_number', next);
      useSmallPages.run();
      return next;
    },
    owners: (): OwnerTotal[] => owners.all(),
    /** One owner's objects or all there are, newest first. */
    newest(owner: Owner | null, offset: number, limit: number) {
      if (owner === null) return { rows: ofAll.all(limit, offset), total: countAll.get() ?? 0 };
      const { kind, ownerId } = owner;
      return {
        rows: ofOwner.all(kind, ownerId, limit, offset),
        total: countOfOwner.get(kind, ownerId) ?? 0,
      };
    },
    search: objectSearch(db, columns),
  };
}

const byKeyOf = <T extends { key: string }>(rows: readonly T[]) =>
  new Map(rows.map((row) => [row.key, row]));

function isSame(known: Noted, now: Listed, name: string | null): boolean {
  return (
    known.sizeBytes === now.sizeBytes &&
    known.lastModifiedMs === now.lastModifiedMs &&
    known.storageClass === now.storageClass &&
    known.name === name
  );
}

/**
 * What the storage can be asked for again is not worth waiting for the disk: the next commit that waits
 * takes it along, and a power cut before that loses nothing else.
 */
function withoutWaiting(db: Database, write: () => void): void {
  const before = Number(db.pragma('synchronous', { simple: true }));
  db.pragma('synchronous = NORMAL');
  try {
    write();
  } finally {
    db.pragma(`synchronous = ${before}`);
  }
  walOf(db).look();
}
