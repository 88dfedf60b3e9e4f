import type { Database } from 'better-sqlite3';
import {
  asKnown,
  backup,
  isAtLeast,
  outranks,
  type Backup,
  type FilePlace,
  type Finding,
  type MigrationVerdict,
  type ProofLevel,
} from '#shared/migration/migration.ts';
import { isoTime } from '#shared/format.ts';
import { planSummary, type PlanSummary } from '#shared/api/migration-view.ts';
import type { PlanFile } from '#shared/migration/plan.ts';
import { destination } from '#shared/recording.ts';
import { PAGE, paged } from './paged.ts';
import { receiptStore } from './receipts.ts';
import { groupOf } from './together.ts';

/** A plan that was begun. `sha256` is of its file: another one is another plan. */
export type Plan = Readonly<{
  id: string;
  sha256: string;
  root: string;
  files: number;
  bytes: number;
}>;

/** As it was opened. */
export type OpenedPlan = ReadPlan & Readonly<{ openedAtMs: number }>;
/** With what it says beside its files. */
export type ReadPlan = Plan & Readonly<{ file: string; summary: PlanSummary }>;
type OpenedRow = Plan & { file: string; summary: string; opened_at_ms: number };

/** How a file is not what the plan says any more. */
export type Drift = 'changed' | 'gone' | 'unreadable';

export type PlannedFile = PlanFile &
  Readonly<{
    id: number;
    drift: Drift | undefined;
    /** What the last verification said of it, at this level; `undefined` before the first. */
    verdict: MigrationVerdict | undefined;
    level: ProofLevel | undefined;
    checkedAtMs: number | undefined;
    /** Of the object that it is about; `undefined` where there was none. */
    key: string | undefined;
    sha256: string | undefined;
    /** Of the object that was read whole and had other bytes, until it is read again. */
    wrongKey: string | undefined;
    place: FilePlace;
    /** Since when it is there; `undefined` for one that was never moved. */
    placedAtMs: number | undefined;
  }>;
type Row = {
  id: number;
  path: string;
  size_bytes: number;
  mtime_ns: string;
  destination: string;
  drift: Drift | null;
  verdict: MigrationVerdict | null;
  level: ProofLevel | null;
  checked_at_ms: number | null;
  checked_key: string | null;
  checked_sha256: string | null;
  wrong_key: string | null;
  place: FilePlace;
  placed_at_ms: number | null;
};

/** A look at a file, and at the object that is its copy. */
export type Checked = Finding & Readonly<{ file: PlannedFile }>;

export type PlanStore = ReturnType<typeof planStore>;

/** Plans that were begun, and what became of their files. */
export function planStore(db: Database, nowMs: () => number) {
  const receipts = receiptStore(db);
  const get = db.prepare<[string], Plan>(
    `SELECT id, sha256, root, files, bytes FROM plans WHERE id = ?`,
  );
  const opened = db.prepare<[string, string, number, string]>(
    `UPDATE plans SET file = ?, summary = ?, opened_at_ms = ? WHERE id = ?`,
  );
  const known = db.prepare<[number, number], OpenedRow>(
    `SELECT id, sha256, root, files, bytes, file, summary, opened_at_ms FROM plans
     WHERE opened_at_ms IS NOT NULL ORDER BY opened_at_ms DESC LIMIT ? OFFSET ?`,
  );
  const knownCount = db
    .prepare<[], number>(`SELECT count(*) FROM plans WHERE opened_at_ms IS NOT NULL`)
    .pluck();
  const shown = db.prepare<[number, string]>(
    `UPDATE plans SET opened_at_ms = ? WHERE id = ? AND opened_at_ms IS NOT NULL`,
  );
  const add = db.prepare<[string, string, string, number, number, number]>(
    `INSERT INTO plans (id, sha256, root, files, bytes, begun_at_ms) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const getBackup = db
    .prepare<[string], string | null>(`SELECT backup FROM plans WHERE id = ?`)
    .pluck();
  const setBackup = db.prepare<[string, string]>(`UPDATE plans SET backup = ? WHERE id = ?`);

  return {
    /** Shares the wait for the disk with what else is written meanwhile. */
    together: groupOf(db).together,
    get: (id: string) => get.get(id),
    ...plannedFiles(db, { receipts, planOf: (id) => get.get(id), nowMs }),
    /** From here on the plan is known. */
    finish: ({ id, sha256, root, files: number, bytes }: Plan): void =>
      void add.run(id, sha256, root, number, bytes, nowMs()),
    opened: (id: string, file: string, summary: PlanSummary): void =>
      void opened.run(file, JSON.stringify(summary), nowMs(), id),
    /** The plan that was opened last. */
    last(): OpenedPlan | undefined {
      const row = known.get(1, 0);
      return row && toOpened(row);
    },
    /** Those that were opened, the latest first. */
    known: (offset: number, limit: number): OpenedPlan[] => known.all(limit, offset).map(toOpened),
    knownCount: (): number => knownCount.get() ?? 0,
    /** Opens a plan that is known. @returns Whether it is. */
    openAgain: (id: string): boolean => shown.run(nowMs(), id).changes > 0,
    backup(id: string): Backup | undefined {
      const text = getBackup.get(id) ?? null;
      return text === null ? undefined : backup.parse(JSON.parse(text));
    },
    setBackup: (id: string, made: Backup): void => void setBackup.run(JSON.stringify(made), id),
    /** Of a plan, oldest first. */
    receipts: (id: string) => receipts.all(id),
  };
}

type Plans = Readonly<{
  receipts: ReturnType<typeof receiptStore>;
  planOf: (id: string) => Plan | undefined;
  nowMs: () => number;
}>;

/** What is known of each file of a plan. */
function plannedFiles(db: Database, { receipts, planOf, nowMs }: Plans) {
  const forget = db.prepare<[string]>(`DELETE FROM planned_files WHERE plan_id = ?`);
  const addFile = db.prepare<[string, string, number, string, string | null]>(
    `INSERT INTO planned_files (plan_id, path, size_bytes, mtime_ns, destination) VALUES (?, ?, ?, ?, ?)`,
  );
  const files = db.prepare<[string, number], Row>(
    `SELECT * FROM planned_files WHERE plan_id = ? AND id > ? AND destination IS NOT NULL ORDER BY id LIMIT ${PAGE}`,
  );
  const fileById = db.prepare<[number], Row>(`SELECT * FROM planned_files WHERE id = ?`);
  const named = db
    .prepare<[string, string], number>(
      `SELECT count(*) FROM planned_files WHERE plan_id = ? AND path = ?`,
    )
    .pluck();
  const leftOutPaths = db
    .prepare<[string, string], string>(
      `SELECT path FROM planned_files WHERE plan_id = ? AND path > ? AND destination IS NULL ORDER BY path LIMIT ${PAGE}`,
    )
    .pluck();
  const leftOut = db
    .prepare<[string], number>(
      `SELECT count(*) FROM planned_files WHERE plan_id = ? AND destination IS NULL`,
    )
    .pluck();
  const setDrift = db.prepare<[Drift | null, number]>(
    `UPDATE planned_files SET drift = ? WHERE id = ?`,
  );
  const setVerdict = db.prepare<
    [MigrationVerdict, ProofLevel, number, string | undefined, string | undefined, number]
  >(
    `UPDATE planned_files SET verdict = ?, level = ?, checked_at_ms = ?, checked_key = ?, checked_sha256 = ? WHERE id = ?`,
  );
  const setWrong = db.prepare<[string | undefined, number]>(
    `UPDATE planned_files SET wrong_key = ? WHERE id = ?`,
  );
  const setRight = db.prepare<[string | undefined]>(
    `UPDATE planned_files SET wrong_key = NULL WHERE wrong_key = ?`,
  );
  const refutedElsewhere = db.prepare<[string, string], Row & { plan_id: string }>(
    `SELECT * FROM planned_files
     WHERE checked_key = ? AND (verdict = 'missing' OR verdict = 'differing') AND plan_id <> ?`,
  );
  const readWrong = db.prepare<[string]>(`SELECT 1 FROM planned_files WHERE wrong_key = ? LIMIT 1`);
  const setPlace = db.prepare<[FilePlace, number | null, number]>(
    `UPDATE planned_files SET place = ?, placed_at_ms = ? WHERE id = ?`,
  );

  /** As it is on record by now: others write, too. */
  function fileNow(file: PlannedFile): PlannedFile {
    const row = fileById.get(file.id);
    return row ? toFile(row) : file;
  }

  /** Inside a transaction. */
  function note(plan: Plan, { file, verdict, level, key, sha256 }: Checked, atMs: number): void {
    setVerdict.run(verdict, level, atMs, key, sha256, file.id);
    if (verdict === 'differing' && level === 'read-back') setWrong.run(key, file.id);
    const isSame = verdict === file.verdict && level === file.level;
    if (isSame && key === file.key && sha256 === file.sha256) return;
    const { path, sizeBytes } = file;
    receipts.add(plan, { at: isoTime(atMs), path, sizeBytes, verdict, level, key, sha256 });
  }

  /** An object that is there after all is so for every plan; of their files no more than that is known by it. */
  function clearElsewhere(planId: string, { verdict, level, key }: Checked, atMs: number): void {
    if (verdict !== 'verified' || key === undefined) return;
    for (const row of refutedElsewhere.all(key, planId)) {
      const file = toFile(row);
      const plan = planOf(row.plan_id);
      if (plan === undefined) continue;
      if (file.verdict === 'differing' && !isAtLeast(level, file.level ?? 'head')) continue;
      const { sha256 } = file;
      note(plan, asKnown(file, { file, verdict, level: 'head', key, sha256 }), atMs);
    }
  }

  const setVerdicts = db.transaction((plan: Plan, checked: readonly Checked[], atMs: number) => {
    for (const one of checked) {
      const file = fileNow(one.file);
      const isKept = outranks(file, one);
      const now = asKnown(file, { ...one, file });
      if (now.verdict === 'verified' && now.level === 'read-back') setRight.run(now.key);
      if (!isKept) note(plan, now, atMs);
      if (!isKept || file.verdict === 'verified') clearElsewhere(plan.id, now, atMs);
    }
  });

  return {
    /** Forgets what an import that was cut off has left. */
    begin: (id: string): void => void forget.run(id),
    /** Files that are to be sent, and paths that the plan only names. */
    add: db.transaction((id: string, rows: readonly (PlanFile | { path: string })[]) => {
      for (const row of rows)
        if ('to' in row)
          addFile.run(id, row.path, row.sizeBytes, row.mtimeNs, JSON.stringify(row.to));
        else addFile.run(id, row.path, 0, '0', null);
    }),
    /** They may be changed meanwhile. */
    *files(id: string): Generator<PlannedFile> {
      for (const row of paged<Row>((last) => files.all(id, last?.id ?? 0))) yield toFile(row);
    },
    /** How many paths the plan only names. */
    leftOut: (id: string): number => leftOut.get(id) ?? 0,
    leftOutPaths: (id: string): Generator<string> =>
      paged((last = '') => leftOutPaths.all(id, last)),
    /** Whether the plan names a path, to send it or not. */
    names: (id: string, path: string) => named.get(id, path)! > 0,
    setDrift: (id: number, drift: Drift | undefined): void => void setDrift.run(drift ?? null, id),
    fileNow,
    /** Whether an object was read whole and had other bytes, whichever plan has found that, and was not read since. */
    wasReadWrong: (key: string): boolean => readWrong.get(key) !== undefined,
    /**
     * What a look says, but for what `outranks` it; with a receipt for each verdict that is another one than
     * before, or about another object.
     */
    setVerdicts: (plan: Plan, checked: readonly Checked[], atMs: number): void =>
      setVerdicts.immediate(plan, checked, atMs),
    /** Where a file is, or is about to be; with a receipt once it is there. */
    setPlace: db.transaction(
      (plan: Plan, file: PlannedFile, place: FilePlace, atMs: number | null): void => {
        setPlace.run(place, atMs, file.id);
        if (place === 'moving' || place === 'removing' || place === file.place) return;
        const { path, sizeBytes, level, key, sha256 } = file;
        receipts.add(plan, { at: isoTime(nowMs()), path, sizeBytes, place, level, key, sha256 });
      },
    ),
  };
}

function toOpened({ summary, opened_at_ms: openedAtMs, ...plan }: OpenedRow): OpenedPlan {
  return { ...plan, openedAtMs, summary: planSummary.parse(JSON.parse(summary)) };
}

function toFile(row: Row): PlannedFile {
  const { id, path, size_bytes: sizeBytes, mtime_ns: mtimeNs, place } = row;
  const to = destination.parse(JSON.parse(row.destination));
  return {
    id,
    path,
    sizeBytes,
    mtimeNs,
    to,
    place,
    drift: row.drift ?? undefined,
    verdict: row.verdict ?? undefined,
    level: row.level ?? undefined,
    checkedAtMs: row.checked_at_ms ?? undefined,
    key: row.checked_key ?? undefined,
    sha256: row.checked_sha256 ?? undefined,
    wrongKey: row.wrong_key ?? undefined,
    placedAtMs: row.placed_at_ms ?? undefined,
  };
}
