/** @file Opens the ledger that is there, or makes a new one from what is left of it. */
import type { Database } from 'better-sqlite3';
import {
  copyFileSync,
  existsSync,
  openSync,
  closeSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { RecoveryFacts } from '#shared/recovery.ts';
import { syncFolder } from '../files/durable-file.ts';
import { endAside, moveAside, movedAside } from './aside.ts';
import { copyOf, generationOf, readCopy, restoreCopy, type HomeCopy } from './home-copy.ts';
import { assertSound } from '../store/check.ts';
import { byKind, moving, underWay } from '../store/job-indexes.ts';
import { isLedgerHeader, openDatabase, toHomeError, type OpenOptions } from '../store/open.ts';
import { isSameFile, noteFile } from './ledger-file.ts';
import { withNewRules } from '../queue/rules.ts';
import { mend, salvage } from '../store/salvage.ts';
import { settingStore } from '../store/settings.ts';

/** What happened to the ledger, kept in the new one: what is sent from then on is first looked for in the bucket. */
const recovery = z.object({
  /**
   * `damaged` and `lost`: rebuilt. `older`: a former state came back, or its last commits are gone. `new`: the
   * first ledger here, as far as anybody can tell; the recordings may have been sent from a home that is gone.
   */
  reason: z.enum(['damaged', 'lost', 'older', 'new']),
  atMs: z.int(),
  /** Where the damaged files are, in the home. */
  folder: z.string().nullable(),
  /** Recordings that were taken over from it: up to this id they have to be proven anew. */
  jobs: z.int(),
  lastJobId: z.int(),
  /** The bucket was listed since. */
  isListed: z.boolean(),
  /** The index of listings that `isListed` and `owners` are about, see `Mark`. */
  index: z.object({ id: z.string(), ended: z.int() }).nullable().default(null),
  /** Of a `new` ledger: the classes and users whose part of the bucket was asked for, as prefixes. */
  owners: z.array(z.string()),
  /** Recordings that were found in the bucket and not sent again. */
  adopted: z.int(),
  /** A person has read about it. */
  isRead: z.boolean(),
});
export type Recovery = z.output<typeof recovery>;

const NAME = 'recovery';
export const readRecovery = (db: Database): Recovery | undefined =>
  settingStore(db).get(NAME, recovery);
export const writeRecovery = (db: Database, record: Recovery): void =>
  settingStore(db).set(NAME, record);

export const ledgerPath = (home: string): string => join(home, 'ledger.db');
/** How far the rebuilding has come, for people; `undefined` when there was none, or a person has read about it. */
export function recoveryFacts(db: Database): RecoveryFacts | undefined {
  const record = readRecovery(db);
  if (record === undefined || record.isRead || record.reason === 'new') return undefined;
  const among = (rows: string) =>
    db
      .prepare<[number], number>(`SELECT count(*) FROM ${rows} AND id <= ?`)
      .pluck()
      .get(record.lastJobId) ?? 0;
  const { reason, jobs, adopted, isListed } = record;
  const isRebuilt = reason !== 'older';
  const proven = isRebuilt ? among(`${byKind} AND kind = 'verified'`) : 0;
  const verifying = `jobs WHERE id IN (SELECT id FROM (${moving(underWay)})) AND kind = 'verifying'`;
  const pending = isRebuilt ? among(`${byKind} AND kind = 'uploaded'`) + among(verifying) : 0;
  return { reason, jobs, proven, pending, adopted, isListed };
}

export function dismissRecovery(db: Database): void {
  const record = readRecovery(db);
  if (record) writeRecovery(db, { ...record, isRead: true });
}

/** Whether a ledger was here, and is not any more: opening it would quietly begin a new, empty one. */
export function isLost(home: string): boolean {
  const size = statSync(ledgerPath(home), { throwIfNoEntry: false })?.size ?? 0;
  return size === 0 && (readCopy(home) !== undefined || movedAside(home) !== undefined);
}

/**
 * Opens the ledger as its one writer. A damaged one is moved aside whole, and a new one made from what can be
 * read of it and from the copy beside it; the bucket tells the rest, see `openAdoption`.
 *
 * @param wasCut The last holder did not close it.
 * @throws AppError `home-newer` · `home-unusable`, also for a damaged file that was never ours.
 */
export function openLedger(
  home: string,
  wasCut: boolean,
  nowMs: number,
  options: OpenOptions,
): Database {
  const file = ledgerPath(home);
  const copy = readCopy(home);
  const isOurs = copy !== undefined || isOurFile(file);
  const isWalGone = wasCut && existsSync(file) && !existsSync(`${file}-wal`);
  try {
    if (isLost(home)) throw new AppError('home-damaged', `${file} is gone`);
    const db = openDatabase(file, options);
    try {
      assertSound(db, options);
      assertRecoveryReadable(db);
      if (!wasCut && copy && isAltered(db, copy))
        throw new AppError('home-damaged', `${file}: its folders are not the ones that were saved`);
      endAside(home, nowMs);
      if (isWalGone || isOlder(db, copy)) returnFromThePast(db, copy, nowMs);
      if (!isSameFile(db, file)) listAnew(db);
      if (copy === undefined && generationOf(db) === 0)
        writeRecovery(db, { ...freshRecord('new', nowMs), jobs: 0, lastJobId: 0 });
      beginGeneration(db, copy, file);
      return db;
    } catch (error) {
      db.close();
      throw toHomeError(error, file);
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'home-damaged') throw error;
    if (!isOurs) throw new AppError('home-unusable', error.message, { cause: error });
    const db = rebuild(home, copy, nowMs, options);
    beginGeneration(db, copy, file);
    return db;
  }
}

/** Taken for "there was none", it would let recordings be sent again that the bucket has. */
function assertRecoveryReadable(db: Database): void {
  try {
    readRecovery(db);
  } catch (cause) {
    throw new AppError('home-damaged', `${db.name}: what is known of its rebuilding`, { cause });
  }
}

/** Another program's file of the same name in a folder that was never a home is left alone. */
function isOurFile(file: string): boolean {
  const bytes = Buffer.alloc(100);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, bytes, 0, bytes.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
  return isLedgerHeader(bytes);
}

function isOlder(db: Database, copy: HomeCopy | undefined): boolean {
  return copy !== undefined && generationOf(db) < copy.generation;
}

/**
 * A flipped bit in a rule could send recordings to another class, and nothing in SQLite would notice. After a
 * clean end the copy says the same as the ledger.
 */
function isAltered(db: Database, copy: HomeCopy): boolean {
  return (
    generationOf(db) === copy.generation && !isDeepStrictEqual(copyOf(db).folders, copy.folders)
  );
}

/** Committed in the ledger before the copy is told: a crash between the two never makes a good ledger look old. */
function beginGeneration(db: Database, copy: HomeCopy | undefined, file: string): void {
  const before = Math.max(generationOf(db), copy?.generation ?? 0);
  settingStore(db).set('generation', before + 1);
  noteFile(db, file);
}

/** What the bucket has is asked for once more, before anything is sent: recordings may have gone up since. */
function listAnew(db: Database): void {
  const known = readRecovery(db) ?? { ...freshRecord('new', 0), jobs: 0, lastJobId: 0 };
  // What a person has read about is over. An account that may not list goes on uploading.
  const reason = known.isRead ? 'new' : known.reason;
  writeRecovery(db, { ...known, reason, isListed: false, owners: [] });
}

/**
 * The rows that are there stay as they are, but what waits goes by the rules of now; what was added since is looked for
 * in the bucket.
 */
function returnFromThePast(db: Database, copy: HomeCopy | undefined, nowMs: number): void {
  db.transaction(() => {
    if (copy) withNewRules(db, nowMs, () => restoreCopy(db, copy));
    const { jobs, lastJobId } = mend(db);
    writeRecovery(db, { ...freshRecord('older', nowMs), jobs, lastJobId });
  })();
}

const freshRecord = (reason: Recovery['reason'], atMs: number) =>
  ({
    reason,
    atMs,
    folder: null,
    isListed: false,
    index: null,
    owners: [],
    adopted: 0,
    isRead: reason === 'new',
  }) satisfies Partial<Recovery>;

/** Killed at any point it is begun again: what was moved aside is found by its missing note. */
function rebuild(
  home: string,
  copy: HomeCopy | undefined,
  nowMs: number,
  options: OpenOptions,
): Database {
  const aside = moveAside(home, nowMs);
  const source = join(home, 'ledger.salvage.db');
  const fresh = join(home, 'ledger.rebuilt.db');
  const removeDrafts = () => {
    for (const draft of [source, fresh])
      for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${end}`, { force: true });
  };
  removeDrafts();
  const db = openDatabase(fresh, options);
  try {
    db.pragma('foreign_keys = OFF');
    const from = aside && join(aside, 'ledger.db');
    if (from && existsSync(from)) {
      // Opening a database changes it, and what was moved aside stays as it was.
      copyFileSync(from, source);
      if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${source}-wal`);
    }
    db.transaction(() => {
      if (existsSync(source)) salvage(source, db, nowMs, options);
      if (copy) restoreCopy(db, copy);
      const { jobs, lastJobId } = mend(db);
      const folder = aside ?? null;
      const reason = folder === null ? 'lost' : 'damaged';
      writeRecovery(db, { ...freshRecord(reason, nowMs), folder, jobs, lastJobId });
    })();
  } finally {
    db.close();
  }
  renameSync(fresh, ledgerPath(home));
  syncFolder(home);
  endAside(home, nowMs);
  removeDrafts();
  return openDatabase(ledgerPath(home), options);
}
