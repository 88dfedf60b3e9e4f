import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { chmodSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { migrations } from './migrations.ts';
import { crashPoint, isMutant } from '../test-hooks.ts';

export type OpenOptions = Readonly<{
  /** Path of another build of the native module: tests run in an Electron older than the shipped prebuilds. */
  nativeBinding?: string | undefined;
}>;

/** "PSSy": tells our ledger from another program's database of the same name. */
const APPLICATION_ID = 0x50535379;
/** Where SQLite keeps it: https://www.sqlite.org/fileformat2.html, 1.3, a 4-byte big-endian integer. */
const APPLICATION_ID_OFFSET = 68;

/** Whether a file's first bytes are those of a ledger of ours, however the rest of it looks. */
export function isLedgerHeader(bytes: Buffer): boolean {
  return (
    bytes.length >= APPLICATION_ID_OFFSET + 4 &&
    bytes.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID
  );
}

/**
 * Opens the ledger and brings its schema up to date, in one transaction.
 *
 * `synchronous=FULL` is set by hand: SQLite builds with WAL default to NORMAL from the first write on,
 * which loses committed rows in a power cut.
 *
 * @throws AppError `home-newer` for a ledger of a newer version · `home-damaged` for what SQLite cannot read and
 *   for another program's database · `home-unusable` when it cannot be opened or written.
 */
export function openDatabase(file: string, options: OpenOptions = {}): Database {
  let db: Database | undefined;
  try {
    db = new DatabaseConstructor(file, {
      timeout: 5_000,
      ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
    });
    db.pragma('trusted_schema = OFF');
    assertKnown(db);
    // Before the WAL is made, which takes over the mode.
    if (file !== ':memory:') chmodSync(file, 0o600);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    // Bug 12: what SQLite does by itself in WAL.
    if (isMutant(12)) db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    migrate(db);
    // A file that may only be read opens all the same, and would fail with the first recording.
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return db;
  } catch (error) {
    db?.close();
    throw toHomeError(error, file);
  }
}

/** What an error of SQLite means for the whole home. */
export function toHomeError(error: unknown, file: string): AppError {
  if (error instanceof AppError) return error;
  const code = isDamage(error) ? 'home-damaged' : 'home-unusable';
  return new AppError(code, `${file}: ${String(error)}`, { cause: error });
}

/** Whether SQLite says that the file's content is wrong, not that it cannot get at it. */
export function isDamage(error: unknown): boolean {
  const { code = '' } = error as { code?: unknown };
  return /^SQLITE_(?:CORRUPT|NOTADB|FORMAT)/.test(String(code));
}

/** Before the first write: a newer ledger and another program's database are left as they are. */
function assertKnown(db: Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length)
    throw new AppError(
      'home-newer',
      `The ledger has version ${version}, this program knows ${migrations.length}`,
    );
  const tables = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .pluck()
    .all();
  const isOurs =
    db.pragma('application_id', { simple: true }) === APPLICATION_ID ||
    (tables.includes('jobs') && tables.includes('folders'));
  if (tables.length > 0 && !isOurs)
    throw new AppError('home-damaged', `${db.name} is the database of another program`);
}

function migrate(db: Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version === migrations.length) return;
  db.transaction(() => {
    // Read again under the lock: another process may have migrated meanwhile.
    const from = db.pragma('user_version', { simple: true }) as number;
    for (const step of migrations.slice(from)) {
      db.exec(step);
      crashPoint('migration-step');
    }
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}
