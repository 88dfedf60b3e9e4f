/** @file The home: the folder with ledger, lock and logs. One engine at a time works in it. */
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { openDatabase } from './store/open.ts';
import { crashPoint } from './test-hooks.ts';
import type { Environment } from './settings.ts';

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
export type HomeOptions = Readonly<{ path: string; nativeBinding?: string | undefined }>;

/**
 * Opens the ledger for reading and for single writes beside a running engine.
 *
 * @throws AppError `home-unusable`, `home-newer`
 */
export function openHome({ path, nativeBinding }: HomeOptions): Home {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AppError('home-unusable', String(error), { cause: error });
  }
  const database = openDatabase(join(path, 'ledger.db'), { nativeBinding });
  return { path, database, close: () => database.close() };
}

/**
 * Opens the ledger as its one engine. The lock is an open transaction on a database of its own: the
 * operating system ends it with the process, however that ends, so a dead holder never blocks.
 *
 * @throws AppError `home-locked` naming the holder, and as `openHome`.
 */
export function lockHome(options: HomeOptions): Home {
  const { path } = options;
  const holderFile = join(path, 'lock.txt');
  const home = openHome(options);
  let lock: Database;
  try {
    lock = takeLock(options, holderFile);
  } catch (error) {
    home.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY')
      throw new AppError('home-locked', `${path} is in use by ${readHolder(holderFile)}`);
    throw new AppError('home-unusable', String(error), { cause: error });
  }
  held.add(lock);
  return {
    path,
    database: home.database,
    close: () => {
      crashPoint('wal-checkpoint'); // The last connection to close checkpoints.
      home.close();
      rmSync(holderFile, { force: true });
      held.delete(lock);
      lock.close();
    },
  };
}

/** A lock that nobody refers to would be collected, and with it closed: the home would be free while its engine runs. */
const held = new Set<Database>();

function takeLock({ path, nativeBinding }: HomeOptions, holderFile: string): Database {
  const lock = new DatabaseConstructor(join(path, 'lock.db'), {
    timeout: 0,
    ...(nativeBinding === undefined ? {} : { nativeBinding }),
  });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(holderFile, `process ${process.pid}\n`, { mode: 0o600 });
    return lock;
  } catch (error) {
    // An open handle would keep the lock until this process ends.
    lock.close();
    throw error;
  }
}

/** For the message only: the lock itself is the database's. */
function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'another process';
  }
}
