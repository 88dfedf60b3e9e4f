import type { Database } from 'better-sqlite3';

export type ReturnStore = ReturnType<typeof returnStore>;

/** Deletions that are being taken away, each from before the storage is asked until what came of it is noted. */
export function returnStore(db: Database) {
  const begin = db.prepare<[string, string, number]>(
    `INSERT OR REPLACE INTO returns (key, place, begun_at_ms) VALUES (?, ?, ?)`,
  );
  const end = db.prepare<[string, string]>(`DELETE FROM returns WHERE key = ? AND place = ?`);
  const open = db.prepare<[string], { key: string; begunAtMs: number }>(
    `SELECT key, begun_at_ms AS begunAtMs FROM returns WHERE place = ?`,
  );
  return {
    /** @param place The storage in which it is, see `Remote`. */
    begin: (key: string, place: string, atMs: number): void => void begin.run(key, place, atMs),
    end: (key: string, place: string): void => void end.run(key, place),
    /** Those whose end is not on record, with when they began, Unix milliseconds. */
    open: (place: string) => open.all(place),
  };
}
