/** @file Whether a ledger can be believed: what SQLite checks, and what only we know. */
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { statSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { jobKinds } from '#shared/job.ts';
import { folderStore } from './folders.ts';
import { columns, toJob, type Row } from './job-row.ts';
import { migrations } from './migrations.ts';
import type { OpenOptions } from './open.ts';
import { settingStore } from './settings.ts';
import { takenInStore } from './taken-in.ts';

/**
 * Up to here every start compares every page, row and index: 0.5 s for the 139 MB of 200,000 recordings. Up
 * to the second limit it looks at the pages alone (0.16 s for the same); of a larger one, at the schema and
 * the rows only: damage in its other pages shows when SQLite meets it.
 */
const FULL_CHECK_MAX_BYTES = 128 * 1024 * 1024;
const QUICK_CHECK_MAX_BYTES = 512 * 1024 * 1024;

type Problem = string | undefined;

/**
 * The look at every start: structure, schema, and the shape of every row that will be acted upon.
 *
 * @throws AppError `home-damaged`, naming the first thing that is wrong.
 */
export function assertSound(db: Database, options: OpenOptions): void {
  const problem = firstProblem(db, options);
  if (problem !== undefined) throw new AppError('home-damaged', `${db.name}: ${problem}`);
}

function firstProblem(db: Database, options: OpenOptions): Problem {
  try {
    return structure(db) ?? schema(db, options) ?? rows(db);
  } catch (error) {
    // A statement that SQLite cannot even carry out, such as over JSON that is none; not one that it cannot read.
    if ((error as { code?: string }).code === 'SQLITE_ERROR') return String(error);
    throw error;
  }
}

function structure(db: Database): Problem {
  const { size } = statSync(db.name);
  if (size > QUICK_CHECK_MAX_BYTES) return undefined;
  // The quick one leaves out whether the indexes agree with their tables.
  const check = size <= FULL_CHECK_MAX_BYTES ? 'integrity_check' : 'quick_check';
  const first = db.pragma(`${check}(1)`, { simple: true });
  return first === 'ok' ? undefined : String(first);
}

/** A flipped bit in the schema may leave it readable: then it differs from the one that the migrations make. */
function schema(db: Database, { nativeBinding }: OpenOptions): Problem {
  const fresh = new DatabaseConstructor(
    ':memory:',
    nativeBinding === undefined ? {} : { nativeBinding },
  );
  try {
    for (const step of migrations) fresh.exec(step);
    const [expected, found] = [describe(fresh), describe(db)];
    return expected === found ? undefined : 'the schema is not the one that was made';
  } finally {
    fresh.close();
  }
}

function describe(db: Database): string {
  return JSON.stringify(
    db
      .prepare(`SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name`)
      .all(),
  );
}

/** SQLite keeps no checksum of a row's content. */
function rows(db: Database): Problem {
  const unreadable = db
    .prepare<[], number>(`SELECT count(*) FROM settings WHERE NOT json_valid(value)`)
    .pluck()
    .get();
  if (unreadable !== 0) return `${unreadable} settings cannot be read`;
  try {
    folderStore(db, Date.now).list();
    takenInStore(db).list();
  } catch (error) {
    return String(error);
  }
  if (!isCheckedAtStart(db)) return undefined;
  const problem = jobCheck(db)(0, Number.MAX_SAFE_INTEGER);
  if (problem === undefined) settingStore(db).setAll({ [SUSPECT]: undefined });
  return problem;
}

/**
 * Up to so many recordings are looked at by every start, half a second. Of more than that the engine looks at
 * them while it works: a row that cannot be read harms no other, and the next start then looks at all.
 */
const ROWS_AT_START = 100_000;
const SUSPECT = 'suspect';

export const isCheckedAtStart = (db: Database): boolean =>
  lastJobId(db) <= ROWS_AT_START || settingStore(db).isSet(SUSPECT);

/** Something in a row cannot be read: the next start looks at all of them, and makes the ledger anew. */
export const suspect = (db: Database): void => settingStore(db).set(SUSPECT, true);

export const lastJobId = (db: Database): number =>
  db.prepare<[], number | null>(`SELECT max(id) FROM jobs`).pluck().get() ?? 0;

/** @returns Looks at some of the rows, by their numbers: what is finished by SQL, what is not by its schema. */
export function jobCheck(db: Database): (after: number, upTo: number) => Problem {
  const strange = db
    .prepare<[number, number, string], number>(
      `SELECT count(*) FROM jobs WHERE id > ? AND id <= ? AND (NOT json_valid(state)
         OR kind IS NOT state ->> 'kind' OR kind NOT IN (SELECT value FROM json_each(?))
         OR not_before_ms IS NOT state ->> 'notBeforeMs' OR same_as IS NOT state ->> 'sameAs'
         OR (fingerprint IS NOT NULL AND (NOT json_valid(fingerprint) OR fingerprint ->> 'sha256' IS NULL))
         OR (destination IS NOT NULL AND NOT json_valid(destination))
         OR (kind = 'verified' AND (typeof(state ->> 'verifiedAtMs') <> 'integer' OR (key IS NULL AND same_as IS NULL))))`,
    )
    .pluck();
  // One by one: a million of them must not be in memory together.
  const open = db.prepare<[number, number], Row>(
    `SELECT ${columns} FROM jobs WHERE id > ? AND id <= ? AND +kind NOT IN ('verified', 'dropped')`,
  );
  return (after, upTo) => {
    try {
      const found = strange.get(after, upTo, JSON.stringify(jobKinds));
      if (found !== 0) return `${found} rows of recordings cannot be read`;
      for (const row of open.iterate(after, upTo)) toJob(row);
      return undefined;
    } catch (error) {
      return String(error);
    }
  };
}
