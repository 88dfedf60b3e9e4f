import type { Database } from 'better-sqlite3';
import { DAY_MS } from '#shared/time.ts';

/** What a scanner knows grows: a verdict holds for as long as an upload may be interrupted and go on. */
const HOLDS_MS = DAY_MS;

/** Which bytes a scanner has found clean, by their SHA-256. What it objected to is asked about anew. */
export function cleanScans(db: Database) {
  const find = db
    .prepare<[string, string, number, number], number>(
      `SELECT 1 FROM clean_scans WHERE sha256 = ? AND command = ? AND at_ms BETWEEN ? AND ?`,
    )
    .pluck();
  const put = db.prepare<[string, string, number]>(
    `INSERT OR REPLACE INTO clean_scans (sha256, command, at_ms) VALUES (?, ?, ?)`,
  );
  const forget = db.prepare<[number, number]>(
    `DELETE FROM clean_scans WHERE at_ms NOT BETWEEN ? AND ?`,
  );
  return {
    /** @param command By a hash of the command that found it so. */
    has: (sha256: string, command: string, nowMs: number): boolean =>
      find.get(sha256, command, nowMs - HOLDS_MS, nowMs) !== undefined,
    /** Those that hold no more are forgotten, also such as a clock that was wrong has put into the future. */
    add: db.transaction((sha256: string, command: string, nowMs: number): void => {
      forget.run(nowMs - HOLDS_MS, nowMs);
      put.run(sha256, command, nowMs);
    }),
  };
}
