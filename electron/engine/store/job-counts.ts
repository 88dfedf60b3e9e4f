/** @file How many jobs there are in each state: kept, since counting a million takes half a second. */
import type { Database } from 'better-sqlite3';
import type { JobKind, JobState } from '#shared/job.ts';
import { groupOf } from './together.ts';

type Sum = { kind: JobKind; why: string; count: number; bytes: number };

const whyOf = (state: JobState): string => (state.kind === 'dropped' ? state.why : '');

/**
 * Whoever adds, moves or removes a row says so here, in the same transaction. Triggers would do it by
 * themselves, but take twice as long as the row and all its indexes.
 */
export function jobCounts(db: Database) {
  const change = db.prepare<[number, number, string, string]>(
    `UPDATE job_counts SET count = count + ?, bytes = bytes + ? WHERE kind = ? AND why = ?`,
  );
  const begin = db.prepare<[string, string, number, number]>(
    `INSERT INTO job_counts (kind, why, count, bytes) VALUES (?, ?, ?, ?)`,
  );
  const countOf = db
    .prepare<[string], number | null>(
      `SELECT sum(count) FROM job_counts
       WHERE kind IN (SELECT value FROM json_each(?)) AND (kind <> 'dropped' OR why = 'cancelled')`,
    )
    .pluck();
  const tally = db.prepare<[], { kind: JobKind; count: number; bytes: number }>(
    `SELECT kind, sum(count) AS count, sum(bytes) AS bytes FROM job_counts
     GROUP BY kind HAVING sum(count) > 0 ORDER BY kind`,
  );

  const { atEnd } = groupOf(db);
  /** What a transaction has changed so far: for hundreds of rows it is a few sums. */
  let sums: Map<string, Sum> | undefined;

  function add(state: JobState, rows: 1 | -1, sizeBytes: number): void {
    const { kind } = state;
    const bytes = rows * sizeBytes;
    const all = sums ?? begun();
    if (all === undefined) return write({ kind, why: whyOf(state), count: rows, bytes });
    const name = kind + whyOf(state);
    const sum = all.get(name);
    if (sum === undefined)
      return void all.set(name, { kind, why: whyOf(state), count: rows, bytes });
    sum.count += rows;
    sum.bytes += bytes;
  }

  /** @returns `undefined` in somebody else's transaction: then it is written at once. */
  function begun(): typeof sums {
    const fresh = new Map<string, Sum>();
    const forget = () => (sums = undefined);
    const isTaken = atEnd(() => {
      forget();
      for (const sum of fresh.values()) write(sum);
    }, forget);
    return isTaken ? (sums = fresh) : undefined;
  }

  function write({ kind, why, count, bytes }: Sum): void {
    const { changes } = change.run(count, bytes, kind, why);
    if (changes === 0) begin.run(kind, why, count, bytes);
  }

  return {
    added: (state: JobState, sizeBytes: number) => add(state, 1, sizeBytes),
    removed: (state: JobState, sizeBytes: number) => add(state, -1, sizeBytes),
    moved(from: JobState, to: JobState, sizeBytes: number): void {
      if (from.kind === to.kind && whyOf(from) === whyOf(to)) return;
      add(from, -1, sizeBytes);
      add(to, 1, sizeBytes);
    },
    /** Of these kinds, as JSON; of the dropped ones, those that a person dismissed. */
    of: (kinds: string): number => countOf.get(kinds) ?? 0,
    /** Counts and bytes by kind of state. */
    tally: () => tally.all(),
    /** Bytes of all that the storage does not have whole, and that is still to go there. */
    unsentBytes: () =>
      tally
        .all()
        .filter(({ kind }) => !sentKinds.has(kind))
        .reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Of these nothing is to be sent: whether it is right is asked of the storage. */
const sentKinds: ReadonlySet<JobKind> = new Set(['uploaded', 'verifying', 'verified', 'dropped']);

/** For rows that were written past the store. */
export function recount(db: Database): void {
  db.exec(`DELETE FROM job_counts;
    INSERT INTO job_counts
      SELECT kind, ifnull(state ->> 'why', ''), count(*), sum(size_bytes) FROM jobs GROUP BY 1, 2`);
}
