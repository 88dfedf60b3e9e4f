/** @file The steps that made the ledger's schema what it was at first; see migrations.ts, where the later ones are. */
export const firstMigrations: readonly string[] = [
  `CREATE TABLE folders (
     id      INTEGER PRIMARY KEY,
     path    TEXT NOT NULL UNIQUE,        -- absolute, as the user gave it
     rule    TEXT NOT NULL,               -- FolderRule as JSON
     added_at_ms INTEGER NOT NULL         -- Unix milliseconds, as every *_ms below
   ) STRICT;

   CREATE TABLE jobs (
     id           INTEGER PRIMARY KEY,
     folder_id    INTEGER REFERENCES folders(id) ON DELETE SET NULL,  -- NULL: sent by hand
     path         TEXT    NOT NULL,
     size_bytes   INTEGER NOT NULL CHECK (size_bytes >= 0),
     mtime_ns     TEXT    NOT NULL,       -- nanoseconds since 1970: more digits than a double holds
     name         TEXT    NOT NULL,       -- file name in NFC
     content_type TEXT    NOT NULL,
     destination  TEXT,                   -- Destination as JSON; NULL while the class is unknown
     key          TEXT UNIQUE,            -- object key, committed before the first request; NULL while held without class
     token        TEXT NOT NULL,          -- upload token: tells our object from anybody else's
     fingerprint  TEXT,                   -- Fingerprint as JSON, NULL until the file was read
     state        TEXT NOT NULL,          -- JobState as JSON: the only copy
     created_at_ms INTEGER NOT NULL,
     updated_at_ms INTEGER NOT NULL,
     kind          TEXT    GENERATED ALWAYS AS (state ->> 'kind') VIRTUAL,
     not_before_ms INTEGER GENERATED ALWAYS AS (state ->> 'notBeforeMs') VIRTUAL
   ) STRICT;
   -- One job for each version of a file and each place it goes to.
   CREATE UNIQUE INDEX jobs_version ON jobs (path, size_bytes, mtime_ns, ifnull(destination, ''));
   CREATE INDEX jobs_runnable ON jobs (not_before_ms, id) WHERE kind IN ('queued', 'uploaded');
   CREATE INDEX jobs_by_kind ON jobs (kind);

   CREATE TABLE parts (
     job_id INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
     upload_id  TEXT NOT NULL,
     number     INTEGER NOT NULL CHECK (number BETWEEN 1 AND 10000),
     size_bytes INTEGER NOT NULL,
     crc32      INTEGER NOT NULL,         -- of the bytes we sent
     etag       TEXT NOT NULL,            -- as the storage gave it, unquoted
     PRIMARY KEY (job_id, upload_id, number)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE links (
     id            INTEGER PRIMARY KEY,
     key           TEXT NOT NULL,
     name          TEXT NOT NULL,
     mode          TEXT NOT NULL CHECK (mode IN ('watch', 'download')),
     note          TEXT,
     created_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL,
     dead_at_ms    INTEGER                -- when its object was deleted by us; the URL itself is never stored
   ) STRICT;
   CREATE INDEX links_by_key ON links (key);

   CREATE TABLE objects (                 -- what the last listings showed: a cache, never evidence
     key           TEXT PRIMARY KEY,
     size_bytes    INTEGER NOT NULL,
     last_modified_ms INTEGER NOT NULL,
     storage_class TEXT,
     kind          TEXT,                  -- by parseObjectKey; NULL for keys of others
     owner_id      TEXT,
     name          TEXT,                  -- original file name; NULL until the ledger or a HEAD told it
     seen          INTEGER NOT NULL       -- number of the listing that saw it last
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX objects_by_owner ON objects (kind, owner_id, last_modified_ms DESC, key);
   CREATE VIRTUAL TABLE objects_text USING fts5(key UNINDEXED, words, tokenize = 'unicode61 remove_diacritics 2');

   CREATE TABLE settings (
     name  TEXT PRIMARY KEY,
     value TEXT NOT NULL                  -- JSON
   ) STRICT, WITHOUT ROWID;`,

  // All of the bucket, newest first: paged without sorting 100,000 objects.
  `CREATE INDEX objects_by_time ON objects (last_modified_ms DESC, key);`,

  // Which file a job is of, so that a moved one is known again and a swapped one noticed.
  `ALTER TABLE jobs ADD COLUMN device   TEXT;     -- of the file as it was last seen; NULL for none seen
   ALTER TABLE jobs ADD COLUMN inode    TEXT;     -- with the time of birth, see Sighting
   ALTER TABLE jobs ADD COLUMN ctime_ns TEXT;
   ALTER TABLE jobs ADD COLUMN moved_to TEXT;     -- Destination as JSON: where its file went after it was sent elsewhere
   ALTER TABLE jobs ADD COLUMN sha256   TEXT GENERATED ALWAYS AS (fingerprint ->> 'sha256') VIRTUAL;
   ALTER TABLE jobs ADD COLUMN same_as  TEXT GENERATED ALWAYS AS (state ->> 'sameAs') VIRTUAL;
   CREATE INDEX jobs_by_file ON jobs (inode, size_bytes, mtime_ns) WHERE inode IS NOT NULL;
   CREATE INDEX jobs_by_content ON jobs (sha256) WHERE sha256 IS NOT NULL;
   CREATE INDEX jobs_by_same ON jobs (same_as) WHERE same_as IS NOT NULL;
   DROP INDEX jobs_version;
   CREATE UNIQUE INDEX jobs_version
     ON jobs (path, size_bytes, mtime_ns, ifnull(ctime_ns, ''), ifnull(destination, ''));`,
  // Every multipart upload of ours that is not known to have ended, from before its first request.
  `CREATE TABLE uploads (
     id           INTEGER PRIMARY KEY,
     key          TEXT NOT NULL,
     upload_id    TEXT UNIQUE,            -- NULL until the storage has named it
     opened_at_ms INTEGER NOT NULL,
     moved_at_ms  INTEGER NOT NULL,       -- the last part
     is_owed      INTEGER NOT NULL,       -- 1: given up, and the storage has yet to be told
     ended_at_ms  INTEGER,                -- told once
     code         TEXT                    -- what kept us from telling
   ) STRICT;
   CREATE INDEX uploads_by_key ON uploads (key);
   INSERT INTO uploads (key, upload_id, opened_at_ms, moved_at_ms, is_owed)
     SELECT key, state ->> '$.upload.id', created_at_ms, updated_at_ms, 0 FROM jobs
     WHERE state ->> '$.upload.id' IS NOT NULL;`,

  // What a ledger that was made anew asks for each recording.
  `CREATE INDEX objects_by_size ON objects (size_bytes, kind, owner_id);`,

  // What the last audit found, what is the same left out.
  `CREATE TABLE audit_findings (
     id         INTEGER PRIMARY KEY,
     run        INTEGER NOT NULL,
     reason     TEXT NOT NULL,
     path       TEXT,
     key        TEXT,
     name       TEXT,
     size_bytes INTEGER,
     detail     TEXT
   ) STRICT;
   CREATE INDEX audit_findings_by_reason ON audit_findings (reason, id);
   CREATE INDEX audit_findings_by_run ON audit_findings (run);`,
  // Which folder is meant by a path, and how often in a row a file that waits was not in it.
  `ALTER TABLE folders ADD COLUMN identity TEXT;               -- FolderIdentity as JSON; NULL until it was seen
   ALTER TABLE jobs ADD COLUMN absences INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX jobs_by_folder ON jobs (folder_id, id);`,
  // The storage class that a recording is sent into, whatever becomes of its folder's rule; NULL for the usual one.
  `ALTER TABLE jobs ADD COLUMN storage_class TEXT;`,
  // 1: a person has said where it goes, and no folder's rule sends it elsewhere.
  `ALTER TABLE jobs ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;`,
  // Which bytes a virus scanner has found clean: a recording is not scanned again for each try to send it.
  `CREATE TABLE clean_scans (
     sha256  TEXT NOT NULL,
     command TEXT NOT NULL,               -- SHA-256 of the scanner's command
     at_ms   INTEGER NOT NULL,
     PRIMARY KEY (sha256, command)
   ) STRICT, WITHOUT ROWID;`,
  // The storage in which an upload was begun: no other can be told to end it. NULL where nobody knows.
  `ALTER TABLE uploads ADD COLUMN place TEXT;`,
  // What happened, for whoever was away. Words are made when it is read; the oldest lines are forgotten.
  `CREATE TABLE history (
     id       INTEGER PRIMARY KEY,
     at_ms    INTEGER NOT NULL,
     kind     TEXT NOT NULL,              -- HistoryKind
     name     TEXT,                       -- of a recording, or a folder's path
     class_id TEXT,
     code     TEXT,                       -- Reason
     number   INTEGER                     -- what the kind says
   ) STRICT;`,
  // Plans of migrations that were begun. The job of a file is found by its path, version and destination.
  `CREATE TABLE plans (
     id     TEXT PRIMARY KEY,             -- as the plan's file names it
     sha256 TEXT NOT NULL,                -- as its last line names it
     root   TEXT NOT NULL,                -- absolute
     files  INTEGER NOT NULL,
     bytes  INTEGER NOT NULL,
     begun_at_ms INTEGER NOT NULL,
     backup TEXT                          -- Backup as JSON; NULL while none is on record
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE planned_files (
     id          INTEGER PRIMARY KEY,
     plan_id     TEXT NOT NULL,           -- of a row above, once all of its files are here
     path        TEXT NOT NULL,           -- below the root, with /
     size_bytes  INTEGER NOT NULL,
     mtime_ns    TEXT NOT NULL,
     destination TEXT,                    -- Destination as JSON; NULL: the plan only names it
     drift       TEXT,                    -- how it is not as planned any more
     verdict     TEXT,                    -- of the last verification, at this level, at this time
     level       TEXT,
     checked_at_ms INTEGER,
     place       TEXT NOT NULL DEFAULT 'here',  -- written down before the file is moved; the disk tells the rest
     placed_at_ms  INTEGER
   ) STRICT;
   CREATE INDEX planned_files_by_plan ON planned_files (plan_id, id);
   CREATE INDEX planned_files_by_path ON planned_files (plan_id, path);`,
  // What happened to files of migrations, each bound to all before it.
  `CREATE TABLE receipts (
     id      INTEGER PRIMARY KEY,
     plan_id TEXT NOT NULL,
     entry   TEXT NOT NULL,               -- JSON, as it was hashed
     hash    TEXT NOT NULL                -- SHA-256 of the hash before (the plan's for the first), a line feed, and the entry
   ) STRICT;
   CREATE INDEX receipts_by_plan ON receipts (plan_id, id);`,
  // Small files have a lane of their own; the size is `SINGLE_PUT_BYTES`. And what is counted all the time is kept.
  `DROP INDEX jobs_runnable;
   CREATE INDEX jobs_runnable_small ON jobs (not_before_ms, id)
     WHERE kind IN ('queued', 'uploaded') AND size_bytes <= 8388608;
   CREATE INDEX jobs_runnable_large ON jobs (not_before_ms, id)
     WHERE kind IN ('queued', 'uploaded') AND size_bytes > 8388608;

   CREATE TABLE job_counts (
     kind  TEXT NOT NULL,
     why   TEXT NOT NULL,                 -- of the dropped ones; '' of the others
     count INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     PRIMARY KEY (kind, why)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO job_counts
     SELECT kind, ifnull(state ->> 'why', ''), count(*), sum(size_bytes) FROM jobs GROUP BY 1, 2;
   CREATE TRIGGER jobs_counted AFTER INSERT ON jobs BEGIN
     INSERT INTO job_counts VALUES (new.kind, ifnull(new.state ->> 'why', ''), 1, new.size_bytes)
       ON CONFLICT DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
   END;
   CREATE TRIGGER jobs_discounted AFTER DELETE ON jobs BEGIN
     UPDATE job_counts SET count = count - 1, bytes = bytes - old.size_bytes
       WHERE kind = old.kind AND why = ifnull(old.state ->> 'why', '');
   END;
   CREATE TRIGGER jobs_recounted AFTER UPDATE OF state, size_bytes ON jobs
     WHEN old.kind <> new.kind OR old.size_bytes <> new.size_bytes
       OR ifnull(old.state ->> 'why', '') <> ifnull(new.state ->> 'why', '') BEGIN
     UPDATE job_counts SET count = count - 1, bytes = bytes - old.size_bytes
       WHERE kind = old.kind AND why = ifnull(old.state ->> 'why', '');
     INSERT INTO job_counts VALUES (new.kind, ifnull(new.state ->> 'why', ''), 1, new.size_bytes)
       ON CONFLICT DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
   END;`,
];
