/** @file What a plan is made from, in a database of its own that the disk holds and that ends with the process. */
import {
  planProblemKinds,
  type PlanProblem,
  type PlanProblemKind,
  type PlanGroups,
} from '#shared/plan.ts';
import { keyExtension } from '#shared/recording.ts';
import type { OpenOptions } from './open.ts';
import { openTemporary, paged } from './temporary.ts';

const PAGE = 1_000;
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
}>;
type Version = Omit<InventoryFile, 'target'>;

export type Inventory = ReturnType<typeof openInventory>;

/** Holds any number of files in little memory. Nothing of it is kept. */
export function openInventory(options: OpenOptions = {}) {
  const db = openTemporary(
    `CREATE TABLE mapping (path TEXT PRIMARY KEY, line INTEGER NOT NULL, target TEXT NOT NULL,
       is_valid INTEGER NOT NULL, other_line INTEGER, is_met INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
     CREATE TABLE files (path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL,
       target TEXT NOT NULL, type TEXT NOT NULL, folded TEXT NOT NULL, head TEXT, sha256 TEXT) STRICT, WITHOUT ROWID;
     CREATE INDEX files_by_bytes ON files (size_bytes, head, sha256);
     CREATE INDEX files_by_fold ON files (folded);
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
  const addFile = db.prepare<[string, number, string, string, string, string]>(
    `INSERT INTO files (path, size_bytes, mtime_ns, target, type, folded) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const removeFile = db.prepare<[string]>(`DELETE FROM files WHERE path = ?`);
  const addProblem = db.prepare<[number, string, string | null]>(
    `INSERT OR IGNORE INTO problems (rank, path, detail) VALUES (?, ?, ?)`,
  );
  const addAlike = db.prepare<[number]>(
    `INSERT INTO problems SELECT ?, path, (SELECT min(o.path) FROM files o WHERE o.folded = f.folded AND o.path <> f.path)
     FROM files f WHERE folded IN (SELECT folded FROM files GROUP BY folded HAVING count(*) > 1)`,
  );
  const addDuplicates = db.prepare<[number]>(
    `INSERT INTO problems SELECT ?, f.path, first.path FROM files f JOIN
       (SELECT size_bytes, sha256, min(path) AS path FROM files WHERE sha256 IS NOT NULL GROUP BY 1, 2) first
       ON f.size_bytes = first.size_bytes AND f.sha256 = first.sha256 AND f.path <> first.path`,
  );
  const addNotFound = db.prepare<[number]>(
    `INSERT INTO problems SELECT ?, path, 'line ' || line FROM mapping WHERE is_met = 0`,
  );
  const files = db.prepare<[string], InventoryFile>(
    `SELECT path, size_bytes AS sizeBytes, mtime_ns AS mtimeNs, target FROM files WHERE path > ? ORDER BY path LIMIT ${PAGE}`,
  );
  const problems = db.prepare<[number, string], { path: string; detail: string | null }>(
    `SELECT path, detail FROM problems WHERE rank = ? AND path > ? ORDER BY path LIMIT ${PAGE}`,
  );
  const counts = db.prepare<[], { rank: number; number: number }>(
    `SELECT rank, count(*) AS number FROM problems GROUP BY rank`,
  );
  const setHead = db.prepare<[string, string]>(`UPDATE files SET head = ? WHERE path = ?`);
  const setHash = db.prepare<[string, string]>(`UPDATE files SET sha256 = ? WHERE path = ?`);
  const version = `path, size_bytes AS sizeBytes, mtime_ns AS mtimeNs`;
  const sameSize = db.prepare<[string], Version>(
    `SELECT ${version} FROM files f WHERE path > ? AND EXISTS
       (SELECT 1 FROM files o WHERE o.size_bytes = f.size_bytes AND o.path <> f.path) ORDER BY path LIMIT ${PAGE}`,
  );
  const sameHead = db.prepare<[string], Version>(
    `SELECT ${version} FROM files f WHERE path > ? AND head IS NOT NULL AND EXISTS
       (SELECT 1 FROM files o WHERE o.size_bytes = f.size_bytes AND o.head = f.head AND o.path <> f.path)
     ORDER BY path LIMIT ${PAGE}`,
  );

  function sumsBy(expression: string): PlanGroups['types'] {
    const rows = db
      .prepare<[], { name: string; files: number; bytes: number }>(
        `SELECT ${expression} AS name, count(*) AS files, sum(size_bytes) AS bytes FROM files GROUP BY 1 ORDER BY 1`,
      )
      .all();
    return Object.fromEntries(
      rows.map(({ name, files: number, bytes }) => [name, { files: number, bytes }]),
    );
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
    add: ({ path, sizeBytes, mtimeNs, target }: InventoryFile): void =>
      void addFile.run(path, sizeBytes, mtimeNs, target, keyExtension(path).slice(1), folded(path)),
    /** A file that is here and is not to be sent has only this. */
    note({ problem, path, detail }: PlanProblem): void {
      if (problem === 'unreadable' || problem === 'still-changing') removeFile.run(path);
      addProblem.run(rankOf(problem), path, detail ?? null);
    },
    /** Files that are as large as another. */
    sameSize: () => paged(sameSize),
    /** Files that begin like another, too. */
    sameHead: () => paged(sameHead),
    setHead: (path: string, sha256: string): void => void setHead.run(sha256, path),
    setHash: (path: string, sha256: string): void => void setHash.run(sha256, path),
    /** Notes what shows only when all is known. */
    compare(): void {
      addAlike.run(rankOf('collision'));
      addDuplicates.run(rankOf('duplicate'));
      addNotFound.run(rankOf('not-found'));
    },
    /** In binary order of their paths. */
    files: () => paged(files),
    /** By kind, and in binary order of their paths. */
    *problems(): Generator<PlanProblem> {
      for (const [rank, problem] of planProblemKinds.entries())
        for (let rows = problems.all(rank, ''); rows.length > 0;) {
          for (const { path, detail } of rows)
            yield { problem, path, ...(detail === null ? {} : { detail }) };
          rows = problems.all(rank, rows.at(-1)!.path);
        }
    },
    counts: (): Partial<Record<PlanProblemKind, number>> =>
      Object.fromEntries(counts.all().map(({ rank, number }) => [planProblemKinds[rank]!, number])),
    groups: (): PlanGroups => ({
      // Documents and uploads have no class; they are told by what they are.
      classes: sumsBy(`ifnull(target ->> 'classId', target ->> 'kind')`),
      types: sumsBy('type'),
      years: sumsBy(`strftime('%Y', mtime_ns / 1000000000, 'unixepoch')`),
    }),
    close: () => db.close(),
  };
}

/** One text for names that are one where upper and lower case, or two forms of an accent, are the same. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
