/** @file What was asked of the storage, each from before it is asked until what came of it is noted: a kill leaves it here. */
import type { Database } from 'better-sqlite3';

export type AskedStore = ReturnType<typeof askedStore>;

/** Deletions that are being taken away. */
export const returnStore = (db: Database): AskedStore => askedStore(db, 'returns');
/** Objects that are being deleted. */
export const removalStore = (db: Database): AskedStore => askedStore(db, 'removals');

function askedStore(db: Database, table: 'returns' | 'removals') {
  const begin = db.prepare<[string, string, number]>(
    `INSERT OR REPLACE INTO ${table} (key, place, begun_at_ms) VALUES (?, ?, ?)`,
  );
  const end = db.prepare<[string, string]>(`DELETE FROM ${table} WHERE key = ? AND place = ?`);
  const open = db.prepare<[string], { key: string; begunAtMs: number }>(
    `SELECT key, begun_at_ms AS begunAtMs FROM ${table} WHERE place = ?`,
  );
  const elsewhere = db
    .prepare<[string], string>(`SELECT DISTINCT key FROM ${table} WHERE place <> ?`)
    .pluck();
  const begun = db
    .prepare<[string, string], number>(
      `SELECT begun_at_ms FROM ${table} WHERE key = ? AND place = ?`,
    )
    .pluck();
  return {
    /** @param place The storage in which it is, see `Remote`. */
    begin: (key: string, place: string, atMs: number): void => void begin.run(key, place, atMs),
    end: (key: string, place: string): void => void end.run(key, place),
    /** When one began whose end is not on record, Unix milliseconds. */
    begunAtMs: (key: string, place: string) => begun.get(key, place),
    /** Those whose end is not on record, with when they began, Unix milliseconds. */
    open: (place: string) => open.all(place),
    /** Keys of those in other storages. */
    elsewhere: (place: string) => elsewhere.all(place),
  };
}
