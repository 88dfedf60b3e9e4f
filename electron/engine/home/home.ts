/** @file The home: the folder with ledger, lock and logs. One engine at a time works in it. */
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { syncFolder } from '../files/durable-file.ts';
import { keepCopy } from './home-copy.ts';
import { assertLocalDisk } from '../files/local-disk.ts';
import { makeFolderSync } from '../files/make-folder.ts';
import { holderFile, tellHolder } from './news.ts';
import { ledgerPath } from './ledger-file.ts';
import { isLost, openLedger } from './recovery.ts';
import { objectFileOf } from '../store/object-file.ts';
import { keepWalShort } from '../store/wal.ts';
import { openDatabase } from '../store/open.ts';
import { crashPoint } from '../test-hooks.ts';
import type { Environment } from '../settings/settings.ts';

/** The operating system's place for application data. */
export function defaultHome(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): string {
  const user = homedir();
  if (platform === 'win32')
    return join(env['APPDATA'] ?? join(user, 'AppData', 'Roaming'), 'pansea-sync');
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'pansea-sync');
  return join(env['XDG_CONFIG_HOME'] || join(user, '.config'), 'pansea-sync');
}

export type Home = Readonly<{ path: string; database: Database; close: () => void }>;
type HomeOptions = Readonly<{
  path: string;
  nativeBinding?: string | undefined;
  nowMs?: () => number;
  /** Hears of what does not keep the home from working. */
  onWarning?: (error: unknown) => void;
}>;

/** How long two that start at the same instant wait for each other; a lock that is held is held for longer. */
const LOCK_WAIT_MS = 250;

/**
 * Opens the ledger for reading and for single writes beside a running engine.
 *
 * @throws AppError `home-unusable`, `home-newer`, `home-not-local`, and `home-damaged` while an engine is at work.
 */
export function openHome(options: HomeOptions): Home {
  const { path, nativeBinding } = options;
  makeFolder(path);
  settleKill(options);
  try {
    if (isLost(path)) throw new AppError('home-damaged', `${ledgerPath(path)} is gone`);
    return opened(options);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'home-damaged') throw error;
    try {
      lockHome(options).close();
    } catch (second) {
      throw second instanceof AppError && second.code === 'home-locked' ? error : second;
    }
    return opened(options);
  }

  function opened({ path: home }: HomeOptions): Home {
    const database = openDatabase(ledgerPath(home), { nativeBinding });
    const objects = objectFileOf(database, { nativeBinding });
    const changes = database.prepare<[], number>(`SELECT total_changes()`).pluck();
    const changesBefore = changes.get();
    const close = () => {
      objects.end();
      const isWritten = database.open && changes.get() !== changesBefore;
      // Whoever held it may have been killed meanwhile, and the last to close takes the log away.
      settleKill(options);
      database.close();
      if (isWritten) tellHolder(home);
    };
    return { path: home, database, close };
  }
}

/** In the holder's file: the log was there after its end. */
const LOG_SEEN = 'log seen';

/**
 * A kill leaves the ledger's log beside it, and the last reader to close takes it into the file and away: the next
 * engine would miss it, and call the ledger an older one. So it is told that the log was there. To open the ledger as
 * an engine does may take seconds, in which the app could not open: that is only for a log that is really missing.
 */
function settleKill(options: HomeOptions): void {
  const holder = holderFile(options.path);
  if (!existsSync(holder)) return;
  try {
    if (!noteLog(options, holder)) lockHome(options, 0).close();
  } catch {
    // Somebody holds it; or it cannot be written, which keeps nobody from reading.
  }
}

/** @returns Whether the log is there, or the home was closed meanwhile. */
function noteLog(options: HomeOptions, holder: string): boolean {
  const lock = takeLock(options, holder, 0);
  try {
    if (!existsSync(holder)) return true;
    if (!existsSync(`${ledgerPath(options.path)}-wal`)) return wasLogSeen(holder);
    writeFileSync(holder, LOG_SEEN);
    return true;
  } finally {
    lock.close();
  }
}

const wasLogSeen = (holder: string): boolean => readFileSync(holder, 'utf8') === LOG_SEEN;

/**
 * Opens the ledger as its one engine. The lock is an open transaction on a database of its own: the
 * operating system ends it with the process, however that ends, so a dead holder never blocks, and a
 * holder that is merely stopped is not robbed.
 *
 * @param waitMs For another one that holds it.
 * @throws AppError `home-locked` naming the holder, `home-unusable`, `home-newer`, `home-not-local`
 */
export function lockHome(options: HomeOptions, waitMs = LOCK_WAIT_MS): Home {
  const { path, nativeBinding, nowMs = Date.now, onWarning = () => {} } = options;
  const holder = holderFile(path);
  makeFolder(path);
  const lock = takeLock(options, holder, waitMs);
  try {
    // Whoever closes the home takes this file away, once nothing is left in the log.
    const wasCut = existsSync(holder);
    const mayLackLog = !wasCut || wasLogSeen(holder);
    writeFileSync(holder, `process ${process.pid}\n`, { mode: 0o600 });
    const database = openLedger(path, { wasCut, mayLackLog }, nowMs(), { nativeBinding });
    const copy = keepCopy(path, database, onWarning);
    const wal = keepWalShort(database, { nativeBinding, onWarning });
    const objects = objectFileOf(database, { nativeBinding });
    syncFolder(path);
    held.add(lock);
    return {
      path,
      database,
      close: () => {
        if (!database.open) return;
        copy.end();
        objects.end();
        crashPoint('wal-checkpoint');
        wal.end();
        // From here on the log may be missing, since the last connection to close takes it away.
        rmSync(holder, { force: true });
        crashPoint('holder-removed');
        database.close();
        held.delete(lock);
        lock.close();
      },
    };
  } catch (error) {
    // An open handle would keep the lock until this process ends.
    lock.close();
    if (error instanceof AppError) throw error;
    throw new AppError('home-unusable', String(error), { cause: error });
  }
}

/** Whether an engine is at work in it. One that starts in this very moment waits for the answer. */
export function isHeld(options: HomeOptions): boolean {
  try {
    takeLock(options, holderFile(options.path), LOCK_WAIT_MS).close();
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code === 'home-locked') return true;
    throw error;
  }
}

function makeFolder(path: string): void {
  try {
    makeFolderSync(path);
    assertLocalDisk(path);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('home-unusable', String(error), { cause: error });
  }
}

/** A lock that nobody refers to would be collected, and with it closed: the home would be free while its engine runs. */
const held = new Set<Database>();

function takeLock({ path, nativeBinding }: HomeOptions, holder: string, waitMs: number): Database {
  let lock: Database | undefined;
  try {
    lock = new DatabaseConstructor(join(path, 'lock.db'), {
      timeout: waitMs,
      ...(nativeBinding === undefined ? {} : { nativeBinding }),
    });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const { code } = error as { code?: string };
    if (code === 'SQLITE_BUSY')
      throw new AppError('home-locked', `${path} is in use by ${readHolder(holder)}`);
    throw new AppError('home-unusable', String(error), { cause: error });
  }
}

/** For the message only: the lock itself is the database's. */
function readHolder(file: string): string {
  try {
    const text = readFileSync(file, 'utf8').trim();
    const [, id] = /^process (\d+)$/.exec(text) ?? [];
    if (id === undefined) return 'another process';
    process.kill(Number(id), 0);
    return text;
  } catch (error) {
    // Another user's process: it is there, and not ours to ask.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EPERM' ? 'a process of another user' : 'another process';
  }
}
