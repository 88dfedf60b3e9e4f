/** @file The part of the job store that lists jobs by what becomes of them. */
import type { Database } from 'better-sqlite3';
import type { JobKind } from '#shared/job.ts';
import type { jobCounts } from './job-counts.ts';
import { byKind, moving, putFirst, underWay } from './job-indexes.ts';
import { columns, toJob, type Job, type Row } from './job-row.ts';

export const jobGroups = {
  active: ['uploading', 'verifying'],
  attention: ['failed', 'held'],
  waiting: ['queued', 'uploaded'],
  done: ['verified'],
  dismissed: ['dropped'],
} as const satisfies Record<string, readonly JobKind[]>;
export type JobGroup = keyof typeof jobGroups;

/** As the ledger has it; `destination` as JSON. */
export type SearchedRow = Readonly<{
  id: number;
  kind: JobKind;
  name: string;
  path: string;
  destination: string | null;
}>;
/** Read in about a millisecond. */
const SLICE_ROWS = 500;

export function jobLists(db: Database, counts: ReturnType<typeof jobCounts>) {
  const all = db.prepare<[number], Row>(`SELECT ${columns} FROM jobs ORDER BY id LIMIT ?`);
  const atRest = db.prepare<[string, number], Row>(
    `SELECT ${columns} FROM ${byKind} AND kind = ? ORDER BY id LIMIT ?`,
  );
  const movingOf = (which: string) =>
    db.prepare<[string, number], Row>(
      `SELECT ${columns} FROM jobs WHERE id IN (SELECT id FROM (${moving(which)})) AND kind = ? ORDER BY id LIMIT ?`,
    );
  const [queued, begun] = [movingOf('true'), movingOf(underWay)];
  const ofKind = { queued, uploading: begun, verifying: begun };

  // Of the dropped ones, those that a person dismissed.
  const pageAtRest = db.prepare<[string, number, number], Row>(
    `SELECT ${columns} FROM ${byKind} AND kind IN (SELECT value FROM json_each(?))
       AND (kind <> 'dropped' OR state ->> 'why' = 'cancelled')
     ORDER BY id DESC LIMIT ? OFFSET ?`,
  );
  const pageOf = (which: string, order: 'ASC' | 'DESC' = 'DESC') =>
    db.prepare<[number, number], Row>(
      `WITH page AS (${moving(which)} ORDER BY not_before_ms ${order}, id ${order} LIMIT ? OFFSET ?)
       SELECT ${columns} FROM jobs JOIN page USING (id) ORDER BY page.not_before_ms ${order}, id ${order}`,
    );
  const pageActive = pageOf(underWay);
  const [pageFirst, pageWaiting] = [pageOf(putFirst, 'ASC'), pageOf('not_before_ms >= 0')];
  const countFirst = db.prepare<[], number>(`SELECT count(*) FROM (${moving(putFirst)})`).pluck();
  // SQLite takes the other columns from the row that has the maximum.
  const causes = db.prepare<[string], Row & { files: number; newest: number }>(
    `SELECT ${columns}, count(*) AS files, max(id) AS newest FROM ${byKind}
       AND kind IN (SELECT value FROM json_each(?))
     GROUP BY kind, state ->> 'code', state ->> 'reason' ORDER BY files DESC`,
  );

  /** Whoever has put some first sees them so. */
  function waiting(offset: number, limit: number): Row[] {
    const first = pageFirst.all(limit, offset);
    const before = countFirst.get()!;
    return [...first, ...pageWaiting.all(limit - first.length, Math.max(0, offset - before))];
  }

  function rowsOf(group: JobGroup, offset: number, limit: number): Row[] {
    if (group === 'active') return pageActive.all(limit, offset);
    if (group === 'waiting') return waiting(offset, limit);
    return pageAtRest.all(JSON.stringify(jobGroups[group]), limit, offset);
  }

  const newest = db.prepare<[], number | null>(`SELECT max(id) FROM jobs`).pluck();
  const slice = db.prepare<[number, number], SearchedRow>(
    `SELECT id, kind, name, path, destination FROM jobs WHERE id <= ? AND id > ? ORDER BY id DESC`,
  );

  return {
    /** What each is found by, the newest first, in pieces of so few rows that others have their turn between them. */
    *searched(): Generator<readonly SearchedRow[]> {
      for (let id = newest.get() ?? 0; id > 0; id -= SLICE_ROWS)
        yield slice.all(id, id - SLICE_ROWS);
    },
    /** The oldest first. */
    list: (kind: JobKind | undefined, limit: number): Job[] =>
      (kind === undefined
        ? all.all(limit)
        : (kind in ofKind ? ofKind[kind as keyof typeof ofKind] : atRest).all(kind, limit)
      ).map(toJob),
    /** Newest first, of what waits those that were put first and then the last whose turn comes, with the number of all of them. */
    page: (group: JobGroup, offset: number, limit: number): { rows: Job[]; total: number } => ({
      rows: rowsOf(group, offset, limit).map(toJob),
      total: counts.of(JSON.stringify(jobGroups[group])),
    }),
    /** What needs a person, by what is the matter: how many, and the newest. */
    causes: () =>
      causes
        .all(JSON.stringify(jobGroups.attention))
        .map((row) => ({ newest: toJob(row), files: row.files })),
    /** How many a person has dismissed. */
    dismissed: () => counts.of('["dropped"]'),
  };
}
