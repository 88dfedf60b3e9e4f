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
import { AppError } from '#shared/errors.ts';
import { syncFolder } from '../files/durable-file.ts';
import { endAside, moveAside, movedAside } from './aside.ts';
import { copyOf, generationOf, readCopy, restoreCopy, type HomeCopy } from './home-copy.ts';
import { assertSound } from '../store/check.ts';
import { isLedgerHeader, openDatabase, toHomeError, type OpenOptions } from '../store/open.ts';
import { isSameFile, ledgerPath, noteFile } from './ledger-file.ts';
import { freshRecord, readRecovery, writeRecovery } from './recovery-record.ts';
import { withNewRules } from '../queue/rules.ts';
import { mend, salvage } from '../store/salvage.ts';
import { settingStore } from '../store/settings.ts';
import { crashPoint } from '../test-hooks.ts';

/** Whether a ledger was here, and is not any more: opening it would quietly begin a new, empty one. */
export function isLost(home: string): boolean {
  const size = statSync(ledgerPath(home), { throwIfNoEntry: false })?.size ?? 0;
  return size === 0 && (readCopy(home) !== undefined || movedAside(home) !== undefined);
}

/**
 * Opens the ledger as its one writer. A damaged one is moved aside whole, and a new one made from what can be
 * read of it and from the copy beside it; the bucket tells the rest, see `openAdoption`.
 *
 * @param end `wasCut`: the last holder did not close it. `mayLackLog`: it did, or its log was there after that.
 * @throws AppError `home-newer` · `home-unusable`, also for a damaged file that was never ours.
 */
export function openLedger(
  home: string,
  { wasCut, mayLackLog }: Readonly<{ wasCut: boolean; mayLackLog: boolean }>,
  nowMs: number,
  options: OpenOptions,
): Database {
  const file = ledgerPath(home);
  const copy = readCopy(home);
  // One that was lost or moved aside was ours: a rebuilding that was cut off has to come to its end.
  const isOurs = copy !== undefined || isLost(home) || isOurFile(file);
  // One that was rebuilt right before the kill has no log yet.
  const isBegun = movedAside(home) === undefined;
  const isWalGone = !mayLackLog && isBegun && existsSync(file) && !existsSync(`${file}-wal`);
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
    crashPoint('ledger-rebuilt');
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
      // Of settings that could not be read it is missing: after a kill this one would count as older than the copy.
      const generation = Math.max(generationOf(db), copy?.generation ?? 0);
      settingStore(db).set('generation', generation);
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
