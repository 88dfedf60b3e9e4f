import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { destinationKinds, pathId } from '#shared/recording.ts';

/** What happens to the files of a watched folder. Globs match the path below the folder, with `/`. */
export const folderRule = z.object({
  kind: z.enum(destinationKinds),
  /** Missing for class recordings whose class is not known yet: they are held, never guessed. */
  classId: pathId.optional(),
  userId: pathId,
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
});
export type FolderRule = z.infer<typeof folderRule>;

export type Folder = Readonly<{ id: number; path: string; rule: FolderRule; addedAtMs: number }>;
type Row = { id: number; path: string; rule: string; added_at_ms: number };

export type FolderStore = ReturnType<typeof folderStore>;

/** Watched folders and where their files go. */
export function folderStore(db: Database, nowMs: () => number) {
  const all = db.prepare<[], Row>(`SELECT * FROM folders ORDER BY id`);
  const put = db.prepare<[string, string, number], Row>(
    `INSERT INTO folders (path, rule, added_at_ms) VALUES (?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET rule = excluded.rule RETURNING *`,
  );
  const remove = db.prepare<[string]>(`DELETE FROM folders WHERE path = ?`);
  return {
    list: (): Folder[] => all.all().map(toFolder),
    /** Adds a folder, or gives a known one a new rule. */
    put: (path: string, rule: FolderRule): Folder =>
      toFolder(put.get(path, JSON.stringify(rule), nowMs())!),
    /** Stops watching; files, jobs and objects stay as they are. `false` when it was not watched. */
    remove: (path: string): boolean => remove.run(path).changes === 1,
  };
}

function toFolder(row: Row): Folder {
  return {
    id: row.id,
    path: row.path,
    rule: folderRule.parse(JSON.parse(row.rule)),
    addedAtMs: row.added_at_ms,
  };
}
