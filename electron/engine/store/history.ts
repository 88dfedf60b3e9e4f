import type { Database } from 'better-sqlite3';
import {
  groupedKinds,
  historyLine,
  type HistoryKind,
  type HistoryLine,
} from '#shared/api/history.ts';
import { HOUR_MS } from '#shared/time.ts';
import type { Reason } from '#shared/troubles/catalogue.ts';

export type NewLine = Readonly<{
  kind: HistoryKind;
  name?: string | undefined;
  classId?: string | undefined;
  code?: Reason | undefined;
  number?: number | undefined;
  /** Of the recording that it is about, for the hook. */
  jobId?: number | undefined;
}>;
export type HistoryStore = ReturnType<typeof historyStore>;

/** A year of a busy classroom; some 3 MB. */
const MAX_LINES = 20_000;
/** Of a line about many recordings. */
const NAMES = 3;
/** Of a day and more is not told as one thing. */
const TOGETHER_MS = 12 * HOUR_MS;

type Row = Readonly<{
  id: number;
  at_ms: number;
  kind: HistoryKind;
  name: string | null;
  class_id: string | null;
  code: Reason | null;
  number: number | null;
}>;
/** `grouped`: kinds whose lines are told together, as JSON. */
type Chosen = Readonly<{ classId: string | null; grouped: string }>;
type Group = Omit<Row, 'name'> & Readonly<{ from_ms: number; files: number; names: string }>;

/** What happened, a line for each thing, the oldest forgotten. Written in the transaction that did it, where there is one. */
export function historyStore(db: Database, nowMs: () => number, maxLines = MAX_LINES) {
  const insert = db.prepare<
    [number, string, string | null, string | null, string | null, number | null, number | null]
  >(
    `INSERT INTO history (at_ms, kind, name, class_id, code, number, job_id) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const forget = db.prepare<[number]>(`DELETE FROM history WHERE id <= ?`);
  const takeBack = db.prepare<[HistoryKind, string | null, number | null, number]>(
    `DELETE FROM history WHERE id =
       (SELECT max(id) FROM history WHERE kind = ? AND name IS ? AND number IS ? AND at_ms = ?)`,
  );
  const latest = db.prepare<[string, string], Row>(
    `SELECT * FROM history WHERE kind IN (SELECT value FROM json_each(?)) AND ifnull(name, '') = ?
     ORDER BY id DESC LIMIT 1`,
  );
  // A line begins where the one before is of another kind, class or reason, or from long before.
  const islands = `
    WITH chosen AS (SELECT * FROM history WHERE @classId IS NULL OR class_id = @classId),
    marked AS (
      SELECT *, NOT (
        kind IN (SELECT value FROM json_each(@grouped))
        AND kind IS lag(kind) OVER w AND code IS lag(code) OVER w AND class_id IS lag(class_id) OVER w
        AND at_ms - lag(at_ms) OVER w BETWEEN 0 AND ${TOGETHER_MS}
      ) AS is_first
      FROM chosen WINDOW w AS (ORDER BY id)
    ),
    numbered AS (SELECT *, sum(is_first) OVER (ORDER BY id) AS island FROM marked)`;
  const page = db.prepare<[Chosen & Readonly<{ limit: number; offset: number }>], Group>(
    `${islands}
     SELECT max(id) AS id, min(at_ms) AS from_ms, max(at_ms) AS at_ms, kind, class_id, code, number, count(*) AS files,
       json_group_array(name ORDER BY id DESC) AS names
     FROM numbered GROUP BY island ORDER BY island DESC LIMIT @limit OFFSET @offset`,
  );
  const total = db
    .prepare<[Chosen], number>(`${islands} SELECT coalesce(sum(is_first), 0) FROM numbered`)
    .pluck();
  const all = db.prepare<[Pick<Chosen, 'classId'>], Row>(
    `SELECT * FROM history WHERE @classId IS NULL OR class_id = @classId ORDER BY id`,
  );
  const classes = db
    .prepare<[], string>(
      `SELECT DISTINCT class_id FROM history WHERE class_id IS NOT NULL ORDER BY class_id`,
    )
    .pluck();
  const lastVerified = db.prepare<[], Readonly<{ atMs: number; key: string }>>(
    `SELECT at_ms AS atMs, key FROM history JOIN jobs ON jobs.id = job_id
     WHERE history.kind = 'verified' AND key IS NOT NULL ORDER BY history.id DESC LIMIT 1`,
  );
  const grouped = JSON.stringify(groupedKinds);

  function add({ kind, name, classId, code, number, jobId }: NewLine): void {
    const what = [kind, name ?? null, classId ?? null, code ?? null] as const;
    const row = insert.run(nowMs(), ...what, number ?? null, jobId ?? null);
    const id = Number(row.lastInsertRowid);
    if (id > maxLines) forget.run(id - maxLines);
  }

  return {
    add,
    /** A line of now, of what did not come about after all. */
    takeBack: ({ kind, name, number }: NewLine): void =>
      void takeBack.run(kind, name ?? null, number ?? null, nowMs()),
    /**
     * That something is away, or back again. It is said once, however often it is noticed, and a return only
     * of what was away: also where the program was started anew in between.
     */
    turn(
      kinds: Readonly<{ away: HistoryKind; back: HistoryKind }>,
      isAway: boolean,
      line: Omit<NewLine, 'kind'>,
    ): void {
      const { away, back } = kinds;
      const before = latest.get(JSON.stringify([away, back]), line.name ?? '');
      const isKnown = isAway
        ? before?.kind === away && before.code === (line.code ?? null)
        : before?.kind !== away;
      if (!isKnown) add({ ...line, kind: isAway ? away : back });
    },
    /** Newest first, what belongs together in one. */
    page: (classId: string | null, offset: number, limit: number): HistoryLine[] =>
      page.all({ classId, grouped, limit, offset }).map(toLine),
    total: (classId: string | null): number => total.get({ classId, grouped }) ?? 0,
    /** Each thing for itself, oldest first. */
    each: (classId: string | null): HistoryLine[] =>
      all
        .all({ classId })
        .map((row) =>
          toLine({ ...row, from_ms: row.at_ms, files: 1, names: JSON.stringify([row.name]) }),
        ),
    classes: (): string[] => classes.all(),
    /** Which object was stored and checked last, and when, Unix milliseconds. */
    lastVerified: () => lastVerified.get(),
  };
}

function toLine({
  id,
  kind,
  from_ms: fromMs,
  at_ms: atMs,
  files,
  names,
  class_id: classId,
  code,
  number,
}: Group): HistoryLine {
  const shown = (JSON.parse(names) as (string | null)[]).filter((name) => name !== null);
  return historyLine.parse({
    id,
    kind,
    fromMs,
    atMs,
    files,
    names: shown.slice(0, NAMES),
    classId,
    code,
    number,
  });
}
