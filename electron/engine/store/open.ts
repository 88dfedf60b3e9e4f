import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { chmodSync, existsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { migrations } from './migrations.ts';
import { crashPoint } from '../test-hooks.ts';

export type OpenOptions = Readonly<{
  /** Path of another build of the native module: tests run in an Electron older than the shipped prebuilds. */
  nativeBinding?: string | undefined;
  readonly?: boolean;
}>;

/**
 * Opens the ledger and brings its schema up to date, in one transaction.
 *
 * `synchronous=FULL` is set by hand: SQLite builds with WAL default to NORMAL from the first write on,
 * which loses committed rows in a power cut.
 *
 * @throws AppError `home-newer` for a ledger of a newer version, `home-unusable` when it cannot be opened.
 */
export function openDatabase(file: string, options: OpenOptions = {}): Database {
  const fresh = !existsSync(file);
  let db: Database | undefined;
  try {
    db = new DatabaseConstructor(file, {
      readonly: options.readonly ?? false,
      timeout: 5_000,
      ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
    });
    assertKnown(db);
    if (fresh && file !== ':memory:') chmodSync(file, 0o600);
    if (!options.readonly) db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    migrate(db, options.readonly ?? false);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof AppError) throw error;
    throw new AppError('home-unusable', `${file}: ${String(error)}`, { cause: error });
  }
}

/** Before the first write: a newer ledger is left as it is. */
function assertKnown(db: Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length)
    throw new AppError(
      'home-newer',
      `The ledger has version ${version}, this program knows ${migrations.length}`,
    );
}

function migrate(db: Database, readonly: boolean): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === migrations.length || readonly) return;
  db.transaction(() => {
    // Read again under the lock: another process may have migrated meanwhile.
    const from = db.pragma('user_version', { simple: true }) as number;
    for (const step of migrations.slice(from)) {
      db.exec(step);
      crashPoint('migration-step');
    }
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}
