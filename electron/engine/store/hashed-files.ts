/** @file What a hash list is made from, in a temporary database: files with their hashes, and what folders hold. */
import type { OpenOptions } from './open.ts';
import { PAGE, pagedByPath } from './paged.ts';
import { openTemporary } from './temporary.ts';

/** `hash`: lower-case hexadecimal. */
export type HashedFile = Readonly<{
  path: string;
  sizeBytes: number;
  mtimeNs: string;
  hash: string;
  hashedAtMs: number;
}>;
/** Of all that is in it: by the bytes alone, and by names, too. */
export type FolderHash = Readonly<{ content: string; structure: string }>;
type HashedFolder = FolderHash & Readonly<{ path: string }>;

export type HashedFiles = ReturnType<typeof openHashedFiles>;

/** Holds any number of files in little memory. Nothing of it is kept. */
export function openHashedFiles(options: OpenOptions) {
  const db = openTemporary(
    `CREATE TABLE files (path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL,
       hash TEXT NOT NULL, hashed_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE unlisted (path TEXT PRIMARY KEY, why TEXT) STRICT, WITHOUT ROWID;
     CREATE TABLE folders (path TEXT PRIMARY KEY, content TEXT NOT NULL, structure TEXT NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE children (folder TEXT NOT NULL, content TEXT NOT NULL, structure TEXT NOT NULL) STRICT;
     CREATE INDEX children_by_folder ON children (folder)`,
    options,
  );
  const add = db.prepare<HashedFile>(
    `INSERT INTO files VALUES (@path, @sizeBytes, @mtimeNs, @hash, @hashedAtMs)`,
  );
  const leaveOut = db.prepare<[string, string | null]>(
    `INSERT OR IGNORE INTO unlisted VALUES (?, ?)`,
  );
  const addFolder = db.prepare<HashedFolder>(
    `INSERT INTO folders VALUES (@path, @content, @structure)`,
  );
  const addChild = db.prepare<FolderHash & { folder: string }>(
    `INSERT INTO children VALUES (@folder, @content, @structure)`,
  );
  const hashesOf = (column: keyof FolderHash) =>
    db
      .prepare<[string], string>(`SELECT ${column} FROM children WHERE folder = ? ORDER BY 1`)
      .pluck();
  const children = { content: hashesOf('content'), structure: hashesOf('structure') };
  const forget = db.prepare<[string]>(`DELETE FROM children WHERE folder = ?`);
  const pageOf = <T>(table: string, columns: string) =>
    db.prepare<[string], T>(
      `SELECT ${columns} FROM ${table} WHERE path > ? ORDER BY path LIMIT ${PAGE}`,
    );
  const files = pageOf<HashedFile>(
    'files',
    'path, size_bytes AS sizeBytes, mtime_ns AS mtimeNs, hash, hashed_at_ms AS hashedAtMs',
  );
  const folders = pageOf<HashedFolder>('folders', 'path, content, structure');
  const unlisted = pageOf<{ path: string; why: string | null }>('unlisted', 'path, why');

  return {
    add: (file: HashedFile): void => void add.run(file),
    /** A path that the list does not have, though it may be there. */
    leaveOut: (path: string, why?: string): void => void leaveOut.run(path, why ?? null),
    addFolder: (folder: HashedFolder): void => void addFolder.run(folder),
    /** A file or folder that is right in `folder`. */
    addChild: (folder: string, child: FolderHash): void => void addChild.run({ folder, ...child }),
    /** Of what is right in a folder, sorted; to be read to its end before anything is added. */
    children: (folder: string, what: keyof FolderHash): Iterable<string> =>
      children[what].iterate(folder),
    forgetChildren: (folder: string): void => void forget.run(folder),
    /** In binary order of their paths: what is in one folder comes without anything else between. */
    files: () => pagedByPath(files),
    folders: () => pagedByPath(folders),
    unlisted: () => pagedByPath(unlisted),
    close: () => db.close(),
  };
}
