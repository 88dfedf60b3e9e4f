import type { Database } from 'better-sqlite3';
import { historyStore } from './history.ts';
import { settingStore } from './settings.ts';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { limits } from '#shared/limits.ts';
import { destinationKinds, pathId } from '#shared/recording.ts';
import { storageClasses } from '#shared/storage-class.ts';

/** What happens to the files of a watched folder. Globs match the path below the folder, with `/`. */
export const folderRule = z.object({
  kind: z.enum(destinationKinds),
  /** Missing for class recordings whose class is not known yet: they are held, never guessed. */
  classId: pathId.optional(),
  userId: pathId,
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  ...limits.shape,
  /** Left out for the storage's usual one, which is asked for by nobody. */
  storageClass: z.enum(storageClasses).optional(),
});
export type FolderRule = z.infer<typeof folderRule>;

/**
 * Which folder is meant by a path. `volume`: of its file system, null for one without a name of its own ·
 * `root`: its number and birth, as in `Sighting` · `inside`: its place below the top of its volume.
 */
const folderIdentity = z.object({
  volume: z.string().nullable(),
  device: z.string(),
  root: z.string(),
  inside: z.string(),
});
export type FolderIdentity = z.infer<typeof folderIdentity>;

export type Folder = Readonly<{ id: number; path: string; rule: FolderRule; addedAtMs: number }>;
type Row = { id: number; path: string; rule: string; added_at_ms: number };

const LAST_ID = 'last_folder_id';

export type FolderStore = ReturnType<typeof folderStore>;

/** Watched folders and where their files go. */
export function folderStore(db: Database, nowMs: () => number) {
  const all = db.prepare<[], Row>(`SELECT * FROM folders ORDER BY id`);
  const byId = db.prepare<[number], Row>(`SELECT * FROM folders WHERE id = ?`);
  const lastId = db.prepare<[], number>(`SELECT ifnull(max(id), 0) FROM folders`).pluck();
  const put = db.prepare<[number, string, string, number, string | null], Row>(
    `INSERT INTO folders (id, path, rule, added_at_ms, identity) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET rule = excluded.rule, identity = excluded.identity RETURNING *`,
  );
  const identityOf = db
    .prepare<[number], string | null>(`SELECT identity FROM folders WHERE id = ?`)
    .pluck();
  const setIdentity = db.prepare<[string, number]>(`UPDATE folders SET identity = ? WHERE id = ?`);
  const setPath = db.prepare<[string, number]>(
    `UPDATE OR IGNORE folders SET path = ? WHERE id = ?`,
  );
  const rebase = db.prepare<[unknown[]]>(
    `UPDATE OR IGNORE jobs SET path = ? || substr(path, ?) WHERE folder_id = ? AND substr(path, 1, ?) = ?`,
  );
  const remove = db.prepare<[string]>(`DELETE FROM folders WHERE path = ?`);
  const history = historyStore(db, nowMs);
  const settings = settingStore(db);
  /** None is given twice: what is under way for a folder that was taken off the list would go by the rule of another. */
  const nextId = () => Math.max(settings.get(LAST_ID, z.int()) ?? 0, lastId.get() ?? 0) + 1;
  /** It is asked for each file: a rule is read anew only when it is another one. */
  const read = new Map<number, Readonly<{ row: Row; folder: Folder }>>();
  const identities = new Map<number, Readonly<{ noted: string; identity: FolderIdentity }>>();
  function folderOf(row: Row): Folder {
    const known = read.get(row.id);
    if (known?.row.rule === row.rule && known.row.path === row.path) return known.folder;
    const folder = toFolder(row);
    read.set(row.id, { row, folder });
    return folder;
  }
  return {
    list: (): Folder[] => all.all().map(folderOf),
    get(id: number | undefined): Folder | undefined {
      const row = id === undefined ? undefined : byId.get(id);
      return row && folderOf(row);
    },
    /** The one that holds this file, if any does. */
    around: (file: string): Folder | undefined =>
      all
        .all()
        .map(folderOf)
        .find(({ path }) => file.startsWith(join(path, sep))),
    /** Adds a folder, or gives a known one a new rule: by that a person says that what is there now is meant. */
    put: db.transaction((path: string, rule: FolderRule, identity?: FolderIdentity): Folder => {
      const noted = identity === undefined ? null : JSON.stringify(identity);
      const id = nextId();
      if (!all.all().some((known) => known.path === path)) {
        settings.set(LAST_ID, id);
        history.add({ kind: 'folder-added', name: path, classId: rule.classId });
      }
      return toFolder(put.get(id, path, JSON.stringify(rule), nowMs(), noted)!);
    }),
    identity(id: number): FolderIdentity | undefined {
      const noted = identityOf.get(id);
      if (!noted) return undefined;
      const known = identities.get(id);
      if (known?.noted === noted) return known.identity;
      const identity = folderIdentity.parse(JSON.parse(noted));
      identities.set(id, { noted, identity });
      return identity;
    },
    setIdentity: (id: number, identity: FolderIdentity) =>
      void setIdentity.run(JSON.stringify(identity), id),
    /**
     * The same folder at another path, with all its jobs.
     *
     * @returns `false` when another watched folder has that path.
     */
    move: db.transaction(({ id, path: from }: Folder, to: string): boolean => {
      if (setPath.run(to, id).changes === 0) return false;
      const inside = from.endsWith(sep) ? from : from + sep;
      const target = to.endsWith(sep) ? to : to + sep;
      rebase.run([target, inside.length + 1, id, inside.length, inside]);
      return true;
    }),
    /** Stops watching; files, jobs and objects stay as they are. `false` when it was not watched. */
    remove: db.transaction((path: string): boolean => {
      const isRemoved = remove.run(path).changes === 1;
      if (isRemoved) history.add({ kind: 'folder-left', name: path });
      return isRemoved;
    }),
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
