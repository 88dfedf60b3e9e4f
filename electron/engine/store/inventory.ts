/** @file What a plan is made from, in a database of its own that the disk holds and that ends with the process. */
import {
  planProblemKinds,
  type PlanProblem,
  type PlanProblemKind,
} from '#shared/migration/plan.ts';
import type { OpenOptions } from './open.ts';
import { PAGE, paged, pagedByPath } from './paged.ts';
import { openTemporary } from './temporary.ts';

const rankOf = (kind: PlanProblemKind) => planProblemKinds.indexOf(kind);

/** `target`: a Destination as JSON; or, if it is not valid, a sentence that says why. */
export type MappedTo = Readonly<{ line: number; target: string; isValid: boolean }>;
type MappingRow = {
  line: number;
  target: string;
  isValid: number;
  otherLine: number | null;
  isMet: number;
};
export type InventoryFile = Readonly<{
  path: string;
  sizeBytes: number;
  mtimeNs: string;
  target: string;
  /** Whether another one has the same bytes and goes to the same place, and comes before it. */
  isCopy: number;
}>;
/** `isAlike`: whether another one is like it, in what was asked. */
export type InventoryVersion = Omit<InventoryFile, 'target' | 'isCopy'> &
  Readonly<{ isAlike: number }>;
type Alike = { text: string; path: string };
type Problem = Readonly<{ path: string; detail: string | null }>;

export type Inventory = ReturnType<typeof openInventory>;

/** Holds any number of files in little memory. Nothing of it is kept. */
export function openInventory(options: OpenOptions = {}) {
  const db = openTemporary(
    `CREATE TABLE mapping (path TEXT PRIMARY KEY, line INTEGER NOT NULL, target TEXT NOT NULL,
       is_valid INTEGER NOT NULL, other_line INTEGER, is_met INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
     CREATE TABLE files (path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL,
       target TEXT NOT NULL, folded TEXT NOT NULL, head TEXT, sha256 TEXT) STRICT, WITHOUT ROWID;
     CREATE INDEX files_by_bytes ON files (size_bytes, head);
     CREATE INDEX files_by_hash ON files (sha256, path) WHERE sha256 IS NOT NULL;
     CREATE INDEX files_by_fold ON files (folded, path);
     CREATE TABLE problems (rank INTEGER NOT NULL, path TEXT NOT NULL, detail TEXT,
       PRIMARY KEY (rank, path)) STRICT, WITHOUT ROWID`,
    options,
  );
  const addMapped = db.prepare(
    `INSERT INTO mapping (path, line, target, is_valid) VALUES (?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET other_line = ifnull(other_line, excluded.line) WHERE target <> excluded.target`,
  );
  const mapped = db.prepare<[string], MappingRow>(
    `SELECT line, target, is_valid AS isValid, other_line AS otherLine, is_met AS isMet FROM mapping WHERE path = ?`,
  );
  const meet = db.prepare<[string]>(`UPDATE mapping SET is_met = 1 WHERE path = ?`);
  const addFile = db.prepare<[string, number, string, string, string]>(
    `INSERT INTO files (path, size_bytes, mtime_ns, target, folded) VALUES (?, ?, ?, ?, ?)`,
  );
  const removeFile = db.prepare<[string]>(`DELETE FROM files WHERE path = ?`);
  const addProblem = db.prepare<[number, string, string | null]>(
    `INSERT OR IGNORE INTO problems (rank, path, detail) VALUES (?, ?, ?)`,
  );
  const byFold = db.prepare<[string, string], Alike>(
    `SELECT folded AS text, path FROM files WHERE (folded, path) > (?, ?) ORDER BY folded, path LIMIT ${PAGE}`,
  );
  const byHash = db.prepare<[string, string], Alike>(
    `SELECT sha256 AS text, path FROM files WHERE sha256 IS NOT NULL AND (sha256, path) > (?, ?)
     ORDER BY sha256, path LIMIT ${PAGE}`,
  );
  const lines = db.prepare<[string], { path: string; line: number; isMet: number }>(
    `SELECT path, line, is_met AS isMet FROM mapping WHERE path > ? ORDER BY path LIMIT ${PAGE}`,
  );
  const files = db.prepare<[string], InventoryFile>(
    `SELECT path, size_bytes AS sizeBytes, mtime_ns AS mtimeNs, target, EXISTS
       (SELECT 1 FROM files o WHERE o.sha256 = f.sha256 AND o.path < f.path AND o.target = f.target) AS isCopy
     FROM files f WHERE path > ? ORDER BY path LIMIT ${PAGE}`,
  );
  const problems = db.prepare<[number, string], Problem>(
    `SELECT path, detail FROM problems WHERE rank = ? AND path > ? ORDER BY path LIMIT ${PAGE}`,
  );
  const setHead = db.prepare<[string, string | null, string]>(
    `UPDATE files SET head = ?, sha256 = ? WHERE path = ?`,
  );
  const setHash = db.prepare<[string, string]>(`UPDATE files SET sha256 = ? WHERE path = ?`);
  // Told of each file, and not chosen by: few may be alike, and to look for them through all takes long.
  const versions = (condition: string) =>
    db.prepare<[string], InventoryVersion>(
      `SELECT path, size_bytes AS sizeBytes, mtime_ns AS mtimeNs, EXISTS
         (SELECT 1 FROM files o WHERE o.size_bytes = f.size_bytes AND o.path <> f.path ${condition}) AS isAlike
       FROM files f WHERE path > ? ORDER BY path LIMIT ${PAGE}`,
    );
  const sameSize = versions('');
  const sameHead = versions('AND o.head = f.head');
  const numbers = planProblemKinds.map(() => 0);

  function note({ problem, path, detail }: PlanProblem): void {
    if (problem === 'unreadable' || problem === 'still-changing') removeFile.run(path);
    const rank = rankOf(problem);
    numbers[rank]! += addProblem.run(rank, path, detail ?? null).changes;
  }

  return {
    /** A line of the mapping for one path. What two lines say alike counts once. */
    map: (path: string, { line, target, isValid }: MappedTo): void =>
      void addMapped.run(path, line, target, Number(isValid)),
    /** The line for a path, which is there then; with the line that contradicts it. */
    mappedTo(path: string): (MappedTo & { otherLine: number | undefined }) | undefined {
      const row = mapped.get(path);
      if (row === undefined) return undefined;
      if (!row.isMet) meet.run(path);
      const { line, target, isValid, otherLine } = row;
      return { line, target, isValid: isValid === 1, otherLine: otherLine ?? undefined };
    },
    add: ({ path, sizeBytes, mtimeNs, target }: Omit<InventoryFile, 'isCopy'>): void =>
      void addFile.run(path, sizeBytes, mtimeNs, target, folded(path)),
    /** A file that is here and is not to be sent has only this. */
    note,
    /** All files; alike are those that are as large as another. */
    sameSize: () => pagedByPath(sameSize),
    /** The same; those that begin like another, too. */
    sameHead: () => pagedByPath(sameHead),
    /** Of its beginning; `isWhole`: which is all of it. */
    setHead: (path: string, sha256: string, isWhole: boolean): void =>
      void setHead.run(sha256, isWhole ? sha256 : null, path),
    setHash: (path: string, sha256: string): void => void setHash.run(sha256, path),
    /** Notes what shows only when all is known, one file or line after the other. */
    *compare(): Generator<void> {
      for (const { path, first, second } of alike(byFold)) {
        if (path === second) note({ problem: 'collision', path: first, detail: second });
        if (path !== first) note({ problem: 'collision', path, detail: first });
        yield;
      }
      for (const { path, first } of alike(byHash)) {
        if (path !== first) note({ problem: 'duplicate', path, detail: first });
        yield;
      }
      for (const { path, line, isMet } of pagedByPath(lines)) {
        if (isMet === 0) note({ problem: 'not-found', path, detail: `line ${line}` });
        yield;
      }
    },
    /** In binary order of their paths. */
    files: () => pagedByPath(files),
    /** By kind, and in binary order of their paths. */
    *problems(): Generator<PlanProblem> {
      for (const [rank, problem] of planProblemKinds.entries())
        for (const { path, detail } of paged<Problem>((last) =>
          problems.all(rank, last?.path ?? ''),
        ))
          yield { problem, path, ...(detail === null ? {} : { detail }) };
    },
    counts: (): Partial<Record<PlanProblemKind, number>> =>
      Object.fromEntries(
        planProblemKinds
          .map((kind, rank) => [kind, numbers[rank]!] as const)
          .filter(([, number]) => number > 0),
      ),
    close: () => db.close(),
  };
}

/**
 * Goes through paths in the order of a text that some have in common, page by page.
 *
 * @returns Of each path the first with its text, and the second once there is one.
 */
function* alike(
  query: Readonly<{ all: (text: string, path: string) => Alike[] }>,
): Generator<{ path: string; first: string; second: string | undefined }> {
  let text = '';
  let first = '';
  let second: string | undefined;
  for (const row of paged<Alike>((last) => query.all(last?.text ?? '', last?.path ?? ''))) {
    if (row.text !== text) [text, first, second] = [row.text, row.path, undefined];
    else second ??= row.path;
    yield { path: row.path, first, second };
  }
}

/** One text for names that are one where upper and lower case, or two forms of an accent, are the same. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
