import type { Database } from 'better-sqlite3';
import { parseObjectKey } from '#shared/recording.ts';

/** What a listing showed of an object, and its human name where that is known. */
export type IndexedObject = Readonly<{
  key: string;
  sizeBytes: number;
  lastModifiedMs: number;
  storageClass: string | null;
  name: string | null;
}>;

export type ObjectIndex = ReturnType<typeof objectIndex>;

/** The local, searchable memory of the bucket's listings. A cache: never evidence that an object exists or not. */
export function objectIndex(db: Database) {
  const columns = `key, size_bytes AS sizeBytes, last_modified_ms AS lastModifiedMs, storage_class AS storageClass, name`;
  const upsert = db.prepare<[string, number, number, string | null, string | null, number]>(
    `INSERT INTO objects (key, size_bytes, last_modified_ms, storage_class, name, seen) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET size_bytes = excluded.size_bytes, last_modified_ms = excluded.last_modified_ms,
       storage_class = excluded.storage_class, name = coalesce(excluded.name, name), seen = excluded.seen`,
  );
  const byKey = db.prepare<[string], IndexedObject>(`SELECT ${columns} FROM objects WHERE key = ?`);
  const nameFromLedger = db
    .prepare<[string], string>(`SELECT name FROM jobs WHERE key = ?`)
    .pluck();
  const unnamed = db
    .prepare<[number], string>(`SELECT key FROM objects WHERE name IS NULL LIMIT ?`)
    .pluck();
  const countUnnamed = db
    .prepare<[], number>(`SELECT count(*) FROM objects WHERE name IS NULL`)
    .pluck();
  const setName = db.prepare<[string, string]>(`UPDATE objects SET name = ? WHERE key = ?`);
  const dropUnseen = db.prepare<[number]>(`DELETE FROM objects WHERE seen < ?`);
  const dropOne = db.prepare<[string]>(`DELETE FROM objects WHERE key = ?`);
  const clearText = db.prepare(`DELETE FROM objects_text`);
  db.function('object_words', { deterministic: true }, wordsOf);
  const fillText = db.prepare(
    `INSERT INTO objects_text (key, words) SELECT key, object_words(key, last_modified_ms, name) FROM objects`,
  );
  const search = db.prepare<[string, number], IndexedObject>(
    `SELECT ${columns} FROM objects WHERE key IN (SELECT key FROM objects_text WHERE objects_text MATCH ?)
     ORDER BY last_modified_ms DESC, key LIMIT ?`,
  );
  const readSetting = db
    .prepare<[string], string>(`SELECT value FROM settings WHERE name = ?`)
    .pluck();
  const writeSetting = db.prepare<[string, string]>(
    `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`,
  );

  return {
    get: (key: string) => byKey.get(key),
    nameOf: (key: string): string | null => byKey.get(key)?.name ?? nameFromLedger.get(key) ?? null,
    /** Takes in one page of listing number `seen`. */
    put: db.transaction((page: readonly Omit<IndexedObject, 'name'>[], seen: number) => {
      for (const o of page)
        upsert.run(
          o.key,
          o.sizeBytes,
          o.lastModifiedMs,
          o.storageClass,
          nameFromLedger.get(o.key) ?? null,
          seen,
        );
    }),
    setName: (key: string, name: string) => void setName.run(name, key),
    unnamed: (limit: number) => unnamed.all(limit),
    remove: (key: string) => void dropOne.run(key),
    /** Ends a complete listing: what it did not see is forgotten, and the words are indexed anew. */
    finish: db.transaction((seen: number, atMs: number): { unnamed: number } => {
      dropUnseen.run(seen);
      clearText.run();
      fillText.run();
      writeSetting.run('indexed_at_ms', JSON.stringify(atMs));
      return { unnamed: countUnnamed.get() ?? 0 };
    }),
    /** When the last complete listing ended, Unix milliseconds. */
    indexedAtMs: (): number | undefined => number(readSetting.get('indexed_at_ms')),
    /** Each number is given once, so that what a listing saw that broke off does not pass for seen later. */
    nextListing: (): number => {
      const next = (number(readSetting.get('listing_number')) ?? 0) + 1;
      writeSetting.run('listing_number', JSON.stringify(next));
      return next;
    },
    /** Every word has to be there, each may be the beginning of a longer one. */
    search: (words: readonly string[], limit: number): IndexedObject[] => {
      const query = words
        .map((word) => `"${word.replaceAll('\0', ' ').replaceAll('"', '""')}"*`)
        .join(' ');
      return query === '' ? [] : search.all(query, limit);
    },
  };
}

function number(json: string | undefined): number | undefined {
  return json === undefined ? undefined : (JSON.parse(json) as number);
}

function wordsOf(key: unknown, lastModifiedMs: unknown, name: unknown): string {
  const parsed = parseObjectKey(String(key));
  const day = new Date(Number(lastModifiedMs)).toISOString().slice(0, 10);
  // A name's punctuation separates words: `lecture_03.mp4` is found by `03`.
  const words = typeof name === 'string' ? name.replaceAll('_', ' ') : '';
  return [words, parsed?.ownerId ?? '', parsed?.kind ?? '', day, key].join(' ');
}
