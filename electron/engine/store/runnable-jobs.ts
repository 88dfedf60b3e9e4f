/** @file The part of the job store that says what may be begun, and when. */
import type { Database } from 'better-sqlite3';
import { suspect } from './check.ts';
import { inLane, moving, putFirst, type Lane } from './job-indexes.ts';
import { columns, toJob, type Job, type Row } from './job-row.ts';
import { groupOf } from './together.ts';

const lanesOfAll: readonly Lane[] = ['small', 'large'];

/**
 * @param claim Takes rows for their owner, inside a transaction.
 * @param tell Hears of each after its commit.
 */
export function runnableJobs(
  db: Database,
  claim: (jobs: readonly Job[]) => Job[],
  tell: (job: Job) => void,
) {
  // What is stored needs its file no more: a folder that is away does not keep it from being verified.
  const isReachable = `id NOT IN (SELECT value FROM json_each(?)) AND (kind = 'uploaded' OR folder_id IS NULL OR folder_id NOT IN (SELECT value FROM json_each(?)))`;
  // A limit that is a parameter and no more is planned anew for each value that it is given, half of the reading.
  const of = (lane: Lane) => ({
    runnable: db.prepare<[number, number, string, string, number], Row>(
      `SELECT ${columns} FROM ${inLane[lane]} AND not_before_ms >= ? AND not_before_ms <= ? AND ${isReachable}
       ORDER BY not_before_ms, id LIMIT ? + 0`,
    ),
    nextStart: db
      .prepare<[string, string], number | null>(
        `SELECT not_before_ms FROM ${inLane[lane]} AND not_before_ms IS NOT NULL AND ${isReachable}
         ORDER BY not_before_ms, id LIMIT 1`,
      )
      .pluck(),
  });
  const lanes = { small: of('small'), large: of('large') };
  // Numbers are bound as doubles, which JSON would have with a decimal point.
  const forward = db.prepare<[{ atMs: number; latestMs: number }]>(
    `UPDATE jobs SET state = json_set(state, '$.notBeforeMs', CAST(@atMs AS INTEGER)), not_before_ms = @atMs
     WHERE id IN (SELECT id FROM (${moving('not_before_ms > @latestMs')}))`,
  );
  const startNow = db.prepare<[{ atMs: number; id: number }]>(
    `UPDATE jobs SET state = json_set(state, '$.notBeforeMs', CAST(@atMs AS INTEGER)), not_before_ms = @atMs
     WHERE id = @id`,
  );
  const earliest = db
    .prepare<[], number | null>(`SELECT min(not_before_ms) FROM (${moving(putFirst)})`)
    .pluck();
  const { atomically, afterCommit } = groupOf(db);
  /** Folders that are away: nothing of them is claimed. */
  const away = new Set<number>();
  /** Rows that cannot be read: whoever comes after them does not wait for the next start, which mends them. */
  const unreadable = new Set<number>();
  const leftOut = () => [JSON.stringify([...unreadable]), JSON.stringify([...away])] as const;
  const startOf = (lane: Lane) => lanes[lane].nextStart.get(...leftOut());
  function readable(row: Row): Job[] {
    try {
      return [toJob(row)];
    } catch {
      unreadable.add(row.id);
      afterCommit(() => suspect(db)); // Whatever becomes of what is being written.
      return [];
    }
  }

  return {
    /** Whether there is anything to claim. */
    hasRunnable: (lane: Lane, atMs: number): boolean => (startOf(lane) ?? Infinity) <= atMs,
    /**
     * Takes the oldest runnable jobs, in one commit. Two callers never get the same one.
     *
     * @param fromMs Only those with this turn or a later one: 0 leaves out what was put first.
     */
    claim(lane: Lane, atMs: number, most: number, fromMs = Number.MIN_SAFE_INTEGER): Job[] {
      const jobs = atomically(() =>
        claim(lanes[lane].runnable.all(fromMs, atMs, ...leftOut(), most).flatMap(readable)),
      );
      for (const job of jobs) tell(job);
      return jobs;
    },
    /** Lets what would wait beyond `latestMs` start at `atMs`. */
    bringForward: (latestMs: number, atMs: number): void => void forward.run({ atMs, latestMs }),
    /**
     * What may be what ends the program waits apart from the others, see `recover`: where it is the next, and nothing
     * else runs, it is so already.
     *
     * @returns Whether one may start now.
     */
    startApart(atMs: number): boolean {
      const [next] = lanesOfAll
        .flatMap((lane) =>
          lanes[lane].runnable.all(atMs + 1, Number.MAX_SAFE_INTEGER, ...leftOut(), 1),
        )
        .flatMap(readable)
        .toSorted((a, b) => waitOf(a) - waitOf(b));
      if (next?.state.kind !== 'queued' && next?.state.kind !== 'uploaded') return false;
      const { cuts, code } = next.state;
      if (cuts === undefined || code !== null) return false;
      return startNow.run({ atMs, id: next.id }).changes > 0;
    },
    /** The turn before all that wait, for `first`. */
    turnBeforeAll: (): number => (earliest.get() ?? 0) - 1,
    /** When the earliest waiting job may start, Unix milliseconds. */
    nextStartMs(): number | undefined {
      const times = lanesOfAll.flatMap((lane) => startOf(lane) ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    /** Whether nothing of this folder is claimed, since it is not there. */
    isAway: (folderId: number | undefined) => folderId !== undefined && away.has(folderId),
    setAway: (folderId: number, isAway: boolean) =>
      void (isAway ? away.add(folderId) : away.delete(folderId)),
  };
}

function waitOf({ state }: Job): number {
  return 'notBeforeMs' in state ? state.notBeforeMs : Infinity;
}
