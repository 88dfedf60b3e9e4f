/** @file What became of recordings, in its order: lines of the history that name a job, from where the hook was told last. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Reason } from '#shared/troubles/catalogue.ts';
import { settingStore } from './settings.ts';

const NAME = 'hook_told';

export const outcomeKinds = ['verified', 'held', 'failed'] as const;
export type Outcome = Readonly<{
  id: number;
  atMs: number;
  kind: (typeof outcomeKinds)[number];
  code: Reason | null;
  jobId: number;
}>;

export function outcomeStore(db: Database) {
  const settings = settingStore(db);
  const newest = db
    .prepare<[], number>(`SELECT coalesce(max(id), 0) FROM history WHERE job_id IS NOT NULL`)
    .pluck();
  const after = db.prepare<[number, string, number], Outcome>(
    `SELECT id, at_ms AS atMs, kind, code, job_id AS jobId FROM history
     WHERE id > ? AND job_id IS NOT NULL AND kind IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`,
  );
  const kinds = JSON.stringify(outcomeKinds);
  /** While the engine opens: a hook that was set or removed on a full disk keeps no recording from going up. */
  function noteIfPossible(told: number | undefined): void {
    try {
      settings.setAll({ [NAME]: told });
    } catch {
      // What is told next notes it, else the next start does.
    }
  }

  return {
    /** @returns After which one the hook is to be told: where it was told last, else from now on. */
    begin(): number {
      const now = newest.get() ?? 0;
      const told = settings.getIfReadable(NAME, z.int());
      // A ledger that was made anew counts from the beginning.
      if (told !== undefined && told <= now) return told;
      noteIfPossible(now);
      return now;
    },
    /** Oldest first. */
    after: (id: number, limit: number): Outcome[] => after.all(id, kinds, limit),
    told: (id: number): void => settings.set(NAME, id),
    /** Whoever sets a hook later is not told of the past. */
    forget(): void {
      if (settings.isSet(NAME)) noteIfPossible(undefined);
    },
  };
}
