/** @file Takes from a damaged ledger what can still be read. Nothing of it is believed: it is proven anew. */
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { sep } from 'node:path';
import type { z } from 'zod';
import type { JobState } from '#shared/job.ts';
import { destination } from '#shared/recording.ts';
import { restoreSpeeds } from '#shared/restore.ts';
import { folderRule } from './folders.ts';
import { recount } from './job-counts.ts';
import { stateColumns, stateValues } from './job-row.ts';
import { jobStore } from './jobs.ts';
import type { OpenOptions } from './open.ts';
import { isMutant } from '../test-hooks.ts';

const TABLES = [
  'folders',
  'jobs',
  'parts',
  'uploads',
  'links',
  'settings',
  'taken_in',
  'returns',
  'removals',
  'restores',
] as const;
/** Without row numbers there is nothing to jump by. */
const WITHOUT_ROWID: ReadonlySet<string> = new Set([
  'parts',
  'settings',
  'returns',
  'removals',
  'restores',
]);
const BATCH = 500;
/** Rows that a damaged page may hide, at most: behind them nothing more is looked for. */
const MAX_SKIP = 1_000_000;

type Salvaged = Readonly<{ jobs: number; lastJobId: number }>;

/**
 * Copies every readable row into a fresh ledger. Rows that make no sense are left out; recordings that
 * were stored become "uploaded, not yet shown to be right", and are shown to be right before anything
 * calls them verified again.
 *
 * @param file A copy of the damaged ledger: opening it changes it.
 * @param into Without enforcement of foreign keys; see `mend`.
 */
export function salvage(
  file: string,
  into: Database,
  nowMs: number,
  { nativeBinding }: OpenOptions,
): void {
  let damaged: Database | undefined;
  try {
    damaged = new DatabaseConstructor(file, nativeBinding === undefined ? {} : { nativeBinding });
    damaged.pragma('trusted_schema = OFF');
    for (const table of TABLES) copyTable(damaged, into, table);
  } catch {
    // Not even its first page can be read: folders and bucket have to do.
  } finally {
    damaged?.close();
  }
  dropNonsense(into, nowMs);
  doubt(into, nowMs);
}

/**
 * Gives each recording the folder that it lies in, cuts what refers to rows that are not there, and counts what is. To
 * be called when nothing more is added: a folder that came back may have the number that another one had.
 */
export function mend(db: Database): Salvaged {
  const isInside = `substr(jobs.path, 1, length(rtrim(folders.path, @sep)) + 1) = rtrim(folders.path, @sep) || @sep`;
  db.prepare<[{ sep: string }]>(
    `UPDATE jobs SET folder_id = (SELECT id FROM folders WHERE ${isInside})
     WHERE folder_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM folders WHERE id = jobs.folder_id AND ${isInside})`,
  ).run({ sep });
  db.exec(`DELETE FROM parts WHERE job_id NOT IN (SELECT id FROM jobs)`);
  recount(db);
  const count = (what: string) => db.prepare<[], number>(`SELECT ${what}`).pluck().get() ?? 0;
  return { jobs: count('count(*) FROM jobs'), lastJobId: count('max(id) FROM jobs') };
}

function copyTable(from: Database, to: Database, table: (typeof TABLES)[number]): void {
  const columns = (db: Database) =>
    db
      .prepare<[], { name: string }>(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => name);
  const known = new Set(columns(to));
  const shared = columns(from).filter((name) => known.has(name));
  if (shared.length === 0) return;
  const insert = to.prepare(
    `INSERT OR IGNORE INTO ${table} (${shared.join(', ')}) VALUES (${shared.map(() => '?').join(', ')})`,
  );
  const take = (row: Record<string, unknown>) => {
    try {
      insert.run(shared.map((name) => row[name]));
    } catch {
      // A value of another type, or a line of a recording that is lost.
    }
  };
  if (WITHOUT_ROWID.has(table)) takeUntilDamage(from, table, shared, take);
  else takeAround(from, table, shared, take);
}

type Take = (row: Record<string, unknown>) => void;

function takeUntilDamage(db: Database, table: string, columns: string[], take: Take): void {
  try {
    for (const row of db.prepare(`SELECT ${columns.join(', ')} FROM ${table}`).iterate())
      take(row as Record<string, unknown>);
  } catch {
    // What was read so far is kept.
  }
}

/** Reads by row number, and jumps over what cannot be read. */
function takeAround(db: Database, table: string, columns: string[], take: Take): void {
  const after = db.prepare<[number, number], Record<string, unknown>>(
    `SELECT rowid AS salvaged_rowid, ${columns.join(', ')} FROM ${table} NOT INDEXED WHERE rowid > ? ORDER BY rowid LIMIT ?`,
  );
  let last = 0;
  let skip = 0;
  while (skip <= MAX_SKIP) {
    const from = last + skip;
    let rows = 0;
    try {
      for (const row of after.iterate(from, BATCH)) {
        const id = Number(row['salvaged_rowid']);
        // A damaged tree may lead back to where one was.
        if (id <= last) return;
        last = id;
        rows += 1;
        take(row);
      }
      if (rows < BATCH) return;
      skip = 0;
    } catch {
      skip = rows > 0 ? 1 : skip * 2 + 1;
    }
  }
}

/**
 * A flipped bit may leave a row readable for SQLite and senseless for us. Of a recording that was not held the rest is
 * enough: nothing else may know of one that a person has sent, or has let go.
 */
function dropNonsense(db: Database, nowMs: number): void {
  for (const { path, rule } of db
    .prepare<[], { path: string; rule: string }>(`SELECT path, rule FROM folders`)
    .all())
    if (!isOf(folderRule, rule)) db.prepare(`DELETE FROM folders WHERE path = ?`).run(path);
  const noPlace = db.prepare(`DELETE FROM taken_in WHERE id = ?`);
  for (const { id, to } of db
    .prepare<[], { id: number; to: string }>(`SELECT id, destination AS "to" FROM taken_in`)
    .all())
    if (!isOf(destination, to)) noPlace.run(id);
  const speeds = restoreSpeeds.map(() => '?').join();
  db.prepare(`DELETE FROM restores WHERE speed NOT IN (${speeds})`).run(restoreSpeeds);
  db.prepare(`DELETE FROM settings WHERE NOT json_valid(value) OR name = 'suspect'`).run();
  const jobs = jobStore(db, Date.now);
  const remove = db.prepare(`DELETE FROM jobs WHERE id = ?`);
  // Ledgers of former versions have no such columns.
  const restate = db.prepare(`UPDATE jobs SET ${stateColumns} WHERE id = ?`);
  const begin = (state: JobState, which: string, also = '') => {
    const set = db.prepare(`UPDATE jobs SET ${stateColumns}${also} WHERE id = ? AND ${which}`);
    return (id: number) => set.run(...stateValues(state), id) && jobs.get(id);
  };
  const anew = fromStart(nowMs);
  const ways = [
    (id: number) => restate.run(...stateValues(jobs.get(id)!.state), id),
    begin(
      { kind: 'uploaded', ...anew },
      `${stored} AND key IS NOT NULL AND fingerprint IS NOT NULL`,
    ),
    begin({ kind: 'queued', ...anew, upload: null }, sendable, ', fingerprint = NULL'),
    // What a person deleted or let go must not go out: who wants it after all sends it again.
    ...(['deleted', 'cancelled'] as const).flatMap((why) => [
      begin({ kind: 'dropped', why }, letGo[why]),
      begin({ kind: 'dropped', why }, letGo[why], NO_DETAILS),
    ]),
  ];
  for (const id of db.prepare<[], number>(`SELECT id FROM jobs`).pluck().all())
    if (!ways.some((way) => isDone(() => way(id)))) remove.run(id);
}

const stored = `kind IN ('verified', 'verifying', 'uploaded')`;
const sendable = `key IS NOT NULL AND destination IS NOT NULL
  AND kind IN ('queued', 'uploading', 'failed', 'uploaded', 'verifying', 'verified')`;
/** A version that gave way to a newer one is no person's decision: seen again, it is sent. */
const letGo = {
  deleted: `kind = 'dropped' AND state LIKE '%"deleted"%'`,
  cancelled: `kind = 'dropped' AND state NOT LIKE '%superseded%'`,
};
const NO_DETAILS = `, fingerprint = NULL, destination = NULL, moved_to = NULL`;

const fromStart = (nowMs: number) => ({ attempts: 0, notBeforeMs: nowMs, code: null });

function isDone(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function isOf(schema: z.ZodType, json: string): boolean {
  try {
    return schema.safeParse(JSON.parse(json)).success;
  } catch {
    return false;
  }
}

function doubt(db: Database, nowMs: number): void {
  if (isMutant(21)) return; // Bug 21: a damaged ledger is believed.
  const anew = fromStart(nowMs);
  db.prepare(`DELETE FROM jobs WHERE ${stored} AND (key IS NULL OR destination IS NULL)`).run();
  db.prepare(`UPDATE jobs SET ${stateColumns} WHERE ${stored} AND fingerprint IS NOT NULL`).run(
    ...stateValues({ kind: 'uploaded', ...anew }),
  );
  // Without the fingerprint there is nothing to compare with: the file is read again, and its object found by its token.
  db.prepare(`UPDATE jobs SET ${stateColumns} WHERE ${stored} AND fingerprint IS NULL`).run(
    ...stateValues({ kind: 'queued', ...anew, upload: null }),
  );
}
