import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { parseObjectKey, type DestinationKind } from '#shared/recording.ts';
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

type Noted = Readonly<{ name: string | null; lastModifiedMs: number; textId: number | null }>;

export type ObjectIndex = ReturnType<typeof objectIndex>;

/** The local, searchable memory of the bucket's listings. A cache: never evidence that an object exists or not. */
export function objectIndex(db: Database) {
  const settings = settingStore(db);
  const columns = `key, size_bytes AS sizeBytes, last_modified_ms AS lastModifiedMs, storage_class AS storageClass, name`;
  const upsert = db.prepare(
    `INSERT INTO objects (key, size_bytes, last_modified_ms, storage_class, kind, owner_id, name, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET size_bytes = excluded.size_bytes, last_modified_ms = excluded.last_modified_ms,
       storage_class = excluded.storage_class, name = coalesce(excluded.name, name), seen = excluded.seen`,
  );
  const noted = db.prepare<[string], Noted>(
    `SELECT name, last_modified_ms AS lastModifiedMs, text_id AS textId FROM objects WHERE key = ?`,
  );
  const byKey = db.prepare<[string], IndexedObject>(`SELECT ${columns} FROM objects WHERE key = ?`);
  const nameFromLedger = db
    .prepare<[string], string>(`SELECT name FROM jobs WHERE key = ?`)
    .pluck();
  const unclaimed = db
    .prepare<[number, string | null, string | null], string>(
      `SELECT key FROM objects WHERE size_bytes = ? AND kind IS ? AND owner_id IS ?
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.key = objects.key)`,
    )
    .pluck();
  const unnamed = db
    .prepare<[number], string>(`SELECT key FROM objects WHERE name IS NULL LIMIT ?`)
    .pluck();
  const countUnnamed = db
    .prepare<[], number>(`SELECT count(*) FROM objects WHERE name IS NULL`)
    .pluck();
  const setName = db.prepare<[string, string]>(`UPDATE objects SET name = ? WHERE key = ?`);
  const setTextId = db.prepare<[number | bigint, string]>(
    `UPDATE objects SET text_id = ? WHERE key = ?`,
  );
  const dropUnseen = db.prepare<[number]>(`DELETE FROM objects WHERE seen < ?`);
  const dropOne = db.prepare<[string]>(`DELETE FROM objects WHERE key = ?`);
  const owners = db.prepare<[], OwnerTotal>(
    `SELECT kind, owner_id AS ownerId, count(*) AS objects, sum(size_bytes) AS sizeBytes FROM objects
     GROUP BY kind, owner_id ORDER BY kind IS NULL, kind, owner_id`,
  );
  const ofOwner = db.prepare<unknown[], IndexedObject>(
    `SELECT ${columns} FROM objects WHERE kind IS ? AND owner_id IS ? ORDER BY last_modified_ms DESC, key LIMIT ? OFFSET ?`,
  );
  const ofAll = db.prepare<unknown[], IndexedObject>(
    `SELECT ${columns} FROM objects ORDER BY last_modified_ms DESC, key LIMIT ? OFFSET ?`,
  );
  const countAll = db.prepare<[], number>(`SELECT count(*) FROM objects`).pluck();
  const countOfOwner = db
    .prepare<unknown[], number>(`SELECT count(*) FROM objects WHERE kind IS ? AND owner_id IS ?`)
    .pluck();
  const addText = db.prepare<[string, string]>(
    `INSERT INTO objects_text (key, words) VALUES (?, ?)`,
  );
  const setText = db.prepare<[string, number]>(`UPDATE objects_text SET words = ? WHERE rowid = ?`);
  const dropUnseenText = db.prepare<[number]>(
    `DELETE FROM objects_text WHERE rowid IN (SELECT text_id FROM objects WHERE seen < ?)`,
  );
  const dropText = db.prepare<[string]>(
    `DELETE FROM objects_text WHERE rowid = (SELECT text_id FROM objects WHERE key = ?)`,
  );
  const search = db.prepare<unknown[], IndexedObject>(
    `SELECT ${columns} FROM objects WHERE key IN (SELECT key FROM objects_text WHERE objects_text MATCH ?)
     ORDER BY last_modified_ms DESC, key LIMIT ? OFFSET ?`,
  );
  const countFound = db
    .prepare<unknown[], number>(
      `SELECT count(*) FROM objects WHERE key IN (SELECT key FROM objects_text WHERE objects_text MATCH ?)`,
    )
    .pluck();

  /** @param name Where it is known anew. */
  function store(o: Omit<IndexedObject, 'name'>, named: string | null, seen: number): void {
    const { key, sizeBytes, lastModifiedMs, storageClass } = o;
    const before = noted.get(key);
    const name = named ?? before?.name ?? nameFromLedger.get(key) ?? null;
    const parsed = parseObjectKey(key);
    const owner = [parsed?.kind ?? null, parsed?.ownerId ?? null];
    upsert.run([key, sizeBytes, lastModifiedMs, storageClass, ...owner, name, seen]);
    if (before?.name !== name || before.lastModifiedMs !== lastModifiedMs)
      writeWords(key, lastModifiedMs, name, before?.textId ?? null);
  }
  function writeWords(
    key: string,
    lastModifiedMs: number,
    name: string | null,
    textId: number | null,
  ): void {
    const words = wordsOf(key, lastModifiedMs, name);
    if (textId === null) setTextId.run(addText.run(key, words).lastInsertRowid, key);
    else setText.run(words, textId);
  }
  const listingNumber = (): number => settings.getIfReadable('listing_number', z.int()) ?? 0;

  return {
    get: (key: string) => byKey.get(key),
    nameOf: (key: string): string | null => byKey.get(key)?.name ?? nameFromLedger.get(key) ?? null,
    /** Takes in some of listing number `seen`. */
    put: db.transaction((page: readonly Omit<IndexedObject, 'name'>[], seen: number) => {
      for (const object of page) store(object, null, seen);
    }),
    /** Takes in an object that was just uploaded. It outlives the listing that runs meanwhile. */
    add: db.transaction((object: IndexedObject) => store(object, object.name, listingNumber())),
    setName: db.transaction((key: string, name: string) => {
      const before = noted.get(key);
      if (before === undefined) return;
      setName.run(name, key);
      writeWords(key, before.lastModifiedMs, name, before.textId);
    }),
    /** Objects of one owner and size that no job is known for. */
    unclaimed: ({ kind, ownerId }: Owner, sizeBytes: number) =>
      unclaimed.all(sizeBytes, kind, ownerId).toSorted(),
    unnamed: (limit: number) => unnamed.all(limit),
    countUnnamed: () => countUnnamed.get() ?? 0,
    together: groupOf(db).together,
    remove: db.transaction((key: string) => {
      dropText.run(key);
      dropOne.run(key);
    }),
    /** Ends a complete listing: what it did not see is forgotten. */
    finish: db.transaction((seen: number, atMs: number): { unnamed: number } => {
      dropUnseenText.run(seen);
      dropUnseen.run(seen);
      settings.set('indexed_at_ms', atMs);
      return { unnamed: countUnnamed.get() ?? 0 };
    }),
    /** When the last complete listing ended, Unix milliseconds. */
    indexedAtMs: (): number | undefined => settings.getIfReadable('indexed_at_ms', z.int()),
    /** Each number is given once, so that what a listing saw that broke off does not pass for seen later. */
    nextListing: (): number => {
      const next = listingNumber() + 1;
      settings.set('listing_number', next);
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
    /** Every word has to be there, each may be the beginning of a longer one. Newest first. */
    search(words: readonly string[], limit: number, offset = 0) {
      const query = words
        .map((word) => `"${word.replaceAll('\0', ' ').replaceAll('"', '""')}"*`)
        .join(' ');
      if (query === '') return { rows: [], total: 0 };
      return { rows: search.all(query, limit, offset), total: countFound.get(query) ?? 0 };
    },
  };
}

function wordsOf(key: string, lastModifiedMs: number, name: string | null): string {
  const parsed = parseObjectKey(key);
  const day = new Date(lastModifiedMs).toISOString().slice(0, 10);
  // A name's punctuation separates words: `lecture_03.mp4` is found by `03`.
  const words = name?.replaceAll('_', ' ') ?? '';
  return [words, parsed?.ownerId ?? '', parsed?.kind ?? '', day, key].join(' ');
}
