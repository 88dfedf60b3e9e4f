/**
 * @file The ledger's schema, append-only: step n brings a database from `user_version` n to n + 1.
 * A step that has been released is never edited.
 */
import { firstMigrations } from './first-migrations.ts';

export const migrations: readonly string[] = [
  ...firstMigrations,
  // Where an object's words are in `objects_text`, so that they follow it one by one.
  `ALTER TABLE objects ADD COLUMN text_id INTEGER;
   CREATE TEMP TABLE words_of (key TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
   INSERT OR REPLACE INTO words_of SELECT key, rowid FROM objects_text;
   UPDATE objects SET text_id = id FROM words_of WHERE words_of.key = objects.key;
   DROP TABLE words_of;`,
  // Which plan was opened last, from where, and what it says beside its files (PlanSummary as JSON).
  `ALTER TABLE plans ADD COLUMN file TEXT;
   ALTER TABLE plans ADD COLUMN summary TEXT;
   ALTER TABLE plans ADD COLUMN opened_at_ms INTEGER;
   CREATE INDEX plans_by_opening ON plans (opened_at_ms);`,
  // Kept by the store: the triggers took twice as long as a row and all its indexes.
  `DROP TRIGGER jobs_counted;
   DROP TRIGGER jobs_discounted;
   DROP TRIGGER jobs_recounted;`,
  // Words alone, without their text, and a key's UUID as one of them: half of the work for each object.
  `DROP TABLE objects_text;
   CREATE VIRTUAL TABLE objects_text USING fts5(
     key UNINDEXED, words,
     content = '', contentless_delete = 1, contentless_unindexed = 1,
     tokenize = 'unicode61 remove_diacritics 2');
   INSERT INTO objects_text (rowid, key, words)
     SELECT text_id, key,
       replace(ifnull(name, ''), '_', ' ') || ' ' || date(last_modified_ms / 1000, 'unixepoch') || ' ' ||
       CASE WHEN kind IS NULL THEN key ELSE
         kind || '/' || owner_id || '/' || replace(substr(key, length(kind) + length(owner_id) + 3, 36), '-', '')
           || substr(key, length(kind) + length(owner_id) + 39) END
     FROM objects WHERE text_id IS NOT NULL;
   -- An index by size alone is written all over the place; within one class or user sizes are soon gone through.
   DROP INDEX objects_by_size;
   DROP INDEX objects_by_owner;
   CREATE INDEX objects_by_owner ON objects (kind, owner_id, last_modified_ms DESC, key, size_bytes);`,
  // Indexes name an object by a number and not by its key again, and its words by the same one. A UUID is
  // no word: it is looked for in the keys.
  `DROP TABLE objects_text;
   ALTER TABLE objects RENAME TO objects_before;
   CREATE TABLE objects (
     id            INTEGER PRIMARY KEY,
     key           TEXT NOT NULL UNIQUE,
     size_bytes    INTEGER NOT NULL,
     last_modified_ms INTEGER NOT NULL,
     storage_class TEXT,
     kind          TEXT,                  -- by parseObjectKey; NULL for keys of others
     owner_id      TEXT,
     name          TEXT,                  -- original file name; NULL until the ledger or a HEAD told it
     seen          INTEGER NOT NULL       -- number of the listing that saw it last
   ) STRICT;
   INSERT INTO objects (key, size_bytes, last_modified_ms, storage_class, kind, owner_id, name, seen)
     SELECT key, size_bytes, last_modified_ms, storage_class, kind, owner_id, name, seen FROM objects_before ORDER BY key;
   DROP TABLE objects_before;
   CREATE INDEX objects_by_owner ON objects (kind, owner_id, last_modified_ms DESC, id, size_bytes);
   CREATE INDEX objects_by_time ON objects (last_modified_ms DESC);
   CREATE VIRTUAL TABLE objects_text USING fts5(
     words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
   INSERT INTO objects_text (rowid, words)
     SELECT id,
       replace(ifnull(name, ''), '_', ' ') || ' ' || date(last_modified_ms / 1000, 'unixepoch') || ' ' ||
       CASE WHEN kind IS NULL THEN key ELSE
         kind || ' ' || owner_id || ' ' || substr(key, length(kind) + length(owner_id) + 39) END
     FROM objects;`,
  // Which object the verdict is about, and the file's SHA-256 then.
  `ALTER TABLE planned_files ADD COLUMN checked_key TEXT;
   ALTER TABLE planned_files ADD COLUMN checked_sha256 TEXT;`,
  // What of a state is searched for, in columns of its own: computed ones were read out of the JSON whenever a
  // row changed. A row that cannot be read is left to the check of the ledger. Indexes lead to few rows, no further.
  `DROP INDEX jobs_by_kind; DROP INDEX jobs_runnable_small; DROP INDEX jobs_runnable_large;
   DROP INDEX jobs_by_file; DROP INDEX jobs_by_content; DROP INDEX jobs_by_same; DROP INDEX jobs_by_folder;
   ALTER TABLE jobs DROP COLUMN kind; ALTER TABLE jobs DROP COLUMN not_before_ms;
   ALTER TABLE jobs DROP COLUMN sha256; ALTER TABLE jobs DROP COLUMN same_as;
   ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT '';  -- these three as the state says
   ALTER TABLE jobs ADD COLUMN not_before_ms INTEGER;
   ALTER TABLE jobs ADD COLUMN same_as TEXT;
   UPDATE jobs SET
     kind = ifnull(state ->> 'kind', ''),
     not_before_ms = CASE WHEN json_type(state, '$.notBeforeMs') IN ('integer', 'real') THEN CAST(state ->> 'notBeforeMs' AS INTEGER) END,
     same_as = state ->> 'sameAs' WHERE json_valid(state);
   CREATE INDEX jobs_by_kind ON jobs (kind);
   CREATE INDEX jobs_runnable_small ON jobs (not_before_ms) WHERE kind IN ('queued', 'uploaded') AND size_bytes <= 8388608;
   CREATE INDEX jobs_runnable_large ON jobs (not_before_ms) WHERE kind IN ('queued', 'uploaded') AND size_bytes > 8388608;
   CREATE INDEX jobs_by_file ON jobs (inode) WHERE inode IS NOT NULL;
   CREATE INDEX jobs_by_content ON jobs (substr(fingerprint ->> 'sha256', 1, 12)) WHERE json_valid(fingerprint);
   CREATE INDEX jobs_by_same ON jobs (same_as) WHERE same_as IS NOT NULL;
   CREATE INDEX jobs_by_folder ON jobs (folder_id) WHERE folder_id IS NOT NULL;`,
  // The index of listings has a file of its own, which the next listing fills.
  `DROP TABLE objects_text;
   DROP TABLE objects;
   DELETE FROM settings WHERE name IN ('indexed_at_ms', 'listing_number');`,
  // What is on its way is found by its turn, and all but what comes and goes with each file by its kind: see job-indexes.ts.
  `DROP INDEX jobs_by_kind; DROP INDEX jobs_runnable_small; DROP INDEX jobs_runnable_large;
   CREATE INDEX jobs_moving_small ON jobs (not_before_ms) WHERE (kind = 'queued' OR kind = 'uploaded' OR kind = 'uploading' OR kind = 'verifying') AND size_bytes <= 8388608;
   CREATE INDEX jobs_moving_large ON jobs (not_before_ms) WHERE (kind = 'queued' OR kind = 'uploaded' OR kind = 'uploading' OR kind = 'verifying') AND size_bytes > 8388608;
   CREATE INDEX jobs_by_kind ON jobs (kind) WHERE kind <> 'queued' AND kind <> 'uploading' AND kind <> 'verifying';`,
  // Keys whose end nobody knows have signed it.
  `ALTER TABLE links ADD COLUMN may_end_sooner INTEGER NOT NULL DEFAULT 0 CHECK (may_end_sooner IN (0, 1));`,
  // Asked for with each status: what the verification of an archive has not found as it was sent.
  `CREATE INDEX planned_files_refuted ON planned_files (checked_key) WHERE verdict = 'missing' OR verdict = 'differing';`,
  // Which storage a link leads to, as `Remote.place` says; of those from before nobody knows it any more.
  `ALTER TABLE links ADD COLUMN place TEXT;`,
  // What a person has handed over and no job was made of yet: the end of the app does not forget it.
  `CREATE TABLE taken_in (
     id          INTEGER PRIMARY KEY,
     path        TEXT NOT NULL,
     destination TEXT NOT NULL,           -- Destination as JSON
     size_bytes  INTEGER NOT NULL,
     mtime_ns    TEXT NOT NULL,
     device      TEXT NOT NULL,
     inode       TEXT NOT NULL,
     ctime_ns    TEXT NOT NULL,
     UNIQUE (path, destination)
   ) STRICT;`,
  // By which link a person has renewed it. Those that end next are asked for with each status.
  `ALTER TABLE links ADD COLUMN renewed_by INTEGER;
   CREATE INDEX links_by_end ON links (expires_at_ms);`,
  // Which archived objects were asked for from here, in which storage, and when their readable copies end.
  `CREATE TABLE restores (
     key         TEXT NOT NULL,
     place       TEXT NOT NULL,           -- as Remote.place says
     name        TEXT NOT NULL,
     speed       TEXT NOT NULL,
     asked_at_ms INTEGER NOT NULL,
     until_ms    INTEGER,                 -- NULL while it is under way
     PRIMARY KEY (key, place)
   ) STRICT, WITHOUT ROWID;`,
  // Which object was read whole and had other bytes: what else is found of it later, such as that it is gone, leaves that.
  `ALTER TABLE planned_files ADD COLUMN wrong_key TEXT;
   UPDATE planned_files SET wrong_key = checked_key WHERE verdict = 'differing' AND level = 'read-back';
   CREATE INDEX planned_files_wrong ON planned_files (wrong_key) WHERE wrong_key IS NOT NULL;`,
  // A kill between a deletion that is taken away and its note here: the next start asks for these.
  `CREATE TABLE returns (
     key         TEXT NOT NULL,
     place       TEXT NOT NULL,           -- as Remote.place says
     begun_at_ms INTEGER NOT NULL,
     PRIMARY KEY (key, place)
   ) STRICT, WITHOUT ROWID;`,
  // A kill between a deletion in the storage and its note here: the next start asks for these.
  `CREATE TABLE removals (
     key         TEXT NOT NULL,
     place       TEXT NOT NULL,           -- as Remote.place says
     begun_at_ms INTEGER NOT NULL,
     PRIMARY KEY (key, place)
   ) STRICT, WITHOUT ROWID;`,
  // Of which recording a line is: the hook is told by these, from where it was told last.
  `ALTER TABLE history ADD COLUMN job_id INTEGER;`,
];
