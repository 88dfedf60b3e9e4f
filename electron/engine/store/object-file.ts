/**
 * @file The index of listings is in a file of its own beside the ledger. A thread writes it while the event loop goes
 * on, but for a few rows. It is a cache: one that is lost, damaged or of another version is made anew, and the next
 * listing fills it.
 */
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change, Written } from './object-changes.ts';
import { createWriter, type Writer } from './object-writer.ts';
import { isDamage, type OpenOptions } from './open.ts';
import { settingStore } from './settings.ts';

/** One that has another is made anew. */
const VERSION = 1;
const SCHEMA = `
  CREATE TABLE objects (
    id            INTEGER PRIMARY KEY,   -- indexes and words name an object by it
    key           TEXT NOT NULL UNIQUE,
    size_bytes    INTEGER NOT NULL,
    last_modified_ms INTEGER NOT NULL,
    storage_class TEXT,
    kind          TEXT,                  -- by parseObjectKey; NULL for keys of others
    owner_id      TEXT,
    name          TEXT,                  -- original file name; NULL until the ledger or a HEAD told it
    seen          INTEGER NOT NULL       -- number of the listing that saw it last
  ) STRICT;
  CREATE INDEX objects_by_owner ON objects (kind, owner_id, last_modified_ms DESC, id, size_bytes);
  CREATE INDEX objects_by_time ON objects (last_modified_ms DESC);
  CREATE VIRTUAL TABLE objects_text USING fts5(
    words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
  -- Words are merged when 16 commits have added some, not 4: less to write, a few more places for a search to look at.
  INSERT INTO objects_text (objects_text, rank) VALUES ('automerge', 16);
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`;
/** Where all have a name, that is known without a look at each. Files of this version were made without it, too. */
const UNNAMED = `CREATE INDEX IF NOT EXISTS objects_unnamed ON objects (id) WHERE name IS NULL`;

type ObjectFile = Readonly<{
  read: <T>(query: (index: Database) => T) => T;
  /** Changes are made in the order of asking, and read from then on. @throws Error when it was not made. */
  write: (change: Change) => Promise<Written>;
  /** Nothing is written any more. */
  end: () => void;
}>;

const files = new WeakMap<Database, ObjectFile>();

/** @param ledger Of a file: the index is beside it. The first to ask says with what it is opened. */
export function objectFileOf(ledger: Database, options: OpenOptions = {}): ObjectFile {
  const before = files.get(ledger);
  if (before) return before;
  const fresh = createObjectFile(ledger, options);
  files.set(ledger, fresh);
  return fresh;
}

function createObjectFile(ledger: Database, options: OpenOptions): ObjectFile {
  const file = join(dirname(ledger.name), 'object-index.db');
  let opened: Readonly<{ index: Database; inode: number | undefined }> | undefined;
  let writer: Writer | undefined;

  const inodeNow = () => statSync(file, { throwIfNoEntry: false })?.ino;

  function end(): void {
    writer?.end();
    opened?.index.close();
    writer = opened = undefined;
  }

  function makeAnew(): Database {
    end();
    for (const part of ['', '-wal', '-shm']) rmSync(`${file}${part}`, { force: true });
    const index = openIndex(file, options);
    if (index === undefined) throw new Error(`${file} cannot be made`);
    return index;
  }

  /** The one that is there: another process may have made it anew, or somebody has deleted it. */
  function current(): Database {
    // Whoever goes on after the home was closed opens nothing in it again.
    if (!ledger.open) throw new Error('The home is closed');
    // A home that was moved away while it is open is read to its end.
    if (opened && inodeNow() !== opened.inode && existsSync(ledger.name)) end();
    if (opened === undefined) {
      const index = openIndex(file, options) ?? makeAnew();
      opened = { index, inode: inodeNow() };
    }
    return opened.index;
  }

  /** @returns Whether there is another one now, with nothing in it. */
  function isMadeAnew(error: unknown): boolean {
    if (!isBroken(error)) return false;
    opened = { index: makeAnew(), inode: inodeNow() };
    return true;
  }

  return {
    read(query) {
      try {
        return query(current());
      } catch (error) {
        if (!isMadeAnew(error)) throw error;
        return query(current());
      }
    },
    async write(change) {
      current();
      const by = (writer ??= createWriter(file, options));
      try {
        return await by.write(change);
      } catch (error) {
        // All that it was asked fails with it.
        if (by === writer) isMadeAnew(error);
        throw error;
      }
    },
    end,
  };
}

/** @returns `undefined` for what is not an index of this version, or not to be opened: the home is ours, the file may not be. */
function openIndex(file: string, { nativeBinding }: OpenOptions): Database | undefined {
  let db: Database | undefined;
  try {
    db = new DatabaseConstructor(file, {
      timeout: 5_000,
      ...(nativeBinding === undefined ? {} : { nativeBinding }),
    });
    db.pragma('trusted_schema = OFF');
    chmodSync(file, 0o600);
    // A new file waits for the disk three times: one that a power cut leaves half made is made anew.
    db.pragma('synchronous = OFF');
    db.pragma('journal_mode = WAL');
    if (versionOf(db) === 0) db.transaction(makeTables).immediate(db);
    db.pragma('synchronous = NORMAL');
    if (versionOf(db) === VERSION) return db.exec(UNNAMED);
    db.close();
    return undefined;
  } catch (error) {
    db?.close();
    if (isBroken(error) || isShut(error)) return undefined;
    throw error;
  }
}

const versionOf = (db: Database) => db.pragma('user_version', { simple: true });

/** Another process may have made them meanwhile. */
function makeTables(db: Database): void {
  if (versionOf(db) !== 0) return;
  db.exec(SCHEMA);
  settingStore(db).set('id', randomUUID());
  db.pragma(`user_version = ${VERSION}`);
}

/** Of another user, such as of an administrator who has searched here, or a link to nowhere. */
function isShut(error: unknown): boolean {
  const { code = '' } = error as { code?: unknown };
  return /^(?:SQLITE_(?:CANTOPEN|READONLY|PERM)|EPERM|EACCES)/.test(String(code));
}

/** Damaged, or with other tables than it says. */
const isBroken = (error: unknown): boolean =>
  isDamage(error) ||
  /^(?:no such (?:table|column)|table \w+ already exists)/.test((error as Error).message);
