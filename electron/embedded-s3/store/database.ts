/** @file The index of everything stored, in SQLite: object bytes lie in files beside it. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { groupSyncs } from './durability.ts';

export type Db = Database.Database;

/** Keys are BLOBs, so that SQLite compares them byte by byte: the order S3 lists them in. */
const schema = `
CREATE TABLE IF NOT EXISTS buckets (
  name       TEXT    PRIMARY KEY,
  created_ms INTEGER NOT NULL,
  versioning TEXT    NOT NULL DEFAULT ''      -- '', 'Enabled' or 'Suspended'
) STRICT;
CREATE TABLE IF NOT EXISTS versions (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,   -- a later version has a higher one
  bucket      TEXT    NOT NULL REFERENCES buckets,
  key         BLOB    NOT NULL,
  version_id  TEXT    NOT NULL,                    -- 'null' when written without versioning
  latest      INTEGER NOT NULL,
  marker      INTEGER NOT NULL,                    -- 1 for a delete marker
  size_bytes  INTEGER NOT NULL,
  etag        TEXT    NOT NULL,                    -- without quotes
  modified_ms INTEGER NOT NULL,
  meta        TEXT    NOT NULL,                    -- ObjectMeta as JSON
  UNIQUE (bucket, key, version_id)
) STRICT;
CREATE INDEX IF NOT EXISTS versions_newest ON versions (bucket, key, seq DESC);
CREATE INDEX IF NOT EXISTS versions_current ON versions (bucket, key) WHERE latest = 1 AND marker = 0;
CREATE TABLE IF NOT EXISTS segments (              -- the files an object consists of, in order
  seq        INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
  number     INTEGER NOT NULL,
  file       TEXT    NOT NULL,
  size_bytes INTEGER NOT NULL,
  checksum   TEXT,
  PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
  id           TEXT    PRIMARY KEY,
  bucket       TEXT    NOT NULL REFERENCES buckets,
  key          BLOB    NOT NULL,
  initiated_ms INTEGER NOT NULL,
  meta         TEXT    NOT NULL,                   -- ObjectMeta as JSON
  result       TEXT                                -- CompleteResult as JSON, once completed
) STRICT;
CREATE INDEX IF NOT EXISTS uploads_open ON uploads (bucket, key, initiated_ms, id) WHERE result IS NULL;
CREATE TABLE IF NOT EXISTS parts (
  upload_id   TEXT    NOT NULL REFERENCES uploads ON DELETE CASCADE,
  number      INTEGER NOT NULL,
  file        TEXT    NOT NULL,
  size_bytes  INTEGER NOT NULL,
  etag        TEXT    NOT NULL,
  checksum    TEXT,
  modified_ms INTEGER NOT NULL,
  PRIMARY KEY (upload_id, number)
) STRICT, WITHOUT ROWID;
`;

/** Only another server can hold the lock, and it will not let go soon. */
const LOCK_TIMEOUT_MS = 500;

interface IndexFile {
  readonly db: Db;
  /** Resolves when everything committed before the call is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens, or makes, the index in `dataDir` and keeps it locked against a second server.
 *
 * Commits reach the write-ahead log without a flush (`synchronous = NORMAL`); `sync` then flushes
 * the log off the main thread, once for all requests that wait for it.
 */
export async function openIndex(
  dataDir: string,
  nativeBinding: string | undefined,
): Promise<IndexFile> {
  const path = join(dataDir, 'index.sqlite');
  const db = new Database(path, {
    timeout: LOCK_TIMEOUT_MS,
    ...(nativeBinding !== undefined && { nativeBinding }),
  });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
  } catch (error) {
    db.close();
    throw new Error(`The storage in ${dataDir} cannot be opened. Is another server using it?`, {
      cause: error,
    });
  }
  const log = await open(`${path}-wal`, 'r+');
  const sync = groupSyncs(() => log.sync());
  await sync();
  return {
    db,
    sync,
    close: async () => {
      await log.close();
      db.close();
    },
  };
}
