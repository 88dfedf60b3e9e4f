/** @file The part of the job store that asks what a folder's files were. */
import type { Database } from 'better-sqlite3';
import { byKind, moving } from './job-indexes.ts';
import { columns, toJob, type FileIdentity, type FileVersion, type Row } from './job-row.ts';

type Version = FileVersion & Pick<FileIdentity, 'ctimeNs'>;
/** A job that may still need its file. */
export type Unsent = Readonly<{ id: number; path: string; absences: number }>;

const MAY_NEED_FILE = `kind IN ('held', 'queued', 'uploading', 'failed')`;
/** So many are sorted for each page sooner than all rows of a folder are gone through, of which most were sent. */
const FEW = 1_000;

export function folderJobs(db: Database) {
  const newest = db.prepare<[number, number], Row>(
    `SELECT ${columns} FROM jobs WHERE folder_id = ? ORDER BY id DESC LIMIT ?`,
  );
  const unsent = (among: string) =>
    db.prepare<[number, number], Unsent>(
      `SELECT id, path, absences FROM ${among} AND id > ? AND ${MAY_NEED_FILE} ORDER BY id LIMIT 500`,
    );
  const unsentOfMany = unsent('jobs INDEXED BY jobs_by_folder WHERE folder_id = ?');
  const unsentOfFew = unsent(
    `jobs WHERE id IN (SELECT id FROM (${moving('true')}) UNION ALL SELECT id FROM ${byKind} AND kind IN ('held', 'failed'))
       AND +folder_id = ?`,
  );
  const unsentOfAll = db
    .prepare<[], number>(
      `SELECT total(count) FROM job_counts WHERE kind NOT IN ('verified', 'dropped')`,
    )
    .pluck();
  // Many versions in one statement: to begin to read costs six times the reading.
  const open = db
    .prepare<[string], [key: number, isKnown: number]>(
      `SELECT version.key, EXISTS (
         SELECT 1 FROM jobs INDEXED BY jobs_version
         WHERE path = version.value ->> 0 AND size_bytes = version.value ->> 1 AND mtime_ns = version.value ->> 2)
       FROM json_each(?) AS version
       WHERE 0 IS NOT (
         SELECT max(kind = 'held') FROM jobs INDEXED BY jobs_version
         WHERE path = version.value ->> 0 AND size_bytes = version.value ->> 1 AND mtime_ns = version.value ->> 2
           AND (kind = 'held' OR (ctime_ns = version.value ->> 3 AND kind NOT IN ('failed', 'dropped'))))`,
    )
    .raw();
  const setByHand = db.prepare<[number]>(`UPDATE jobs SET by_hand = 1 WHERE id = ?`);
  const setAbsences = db.prepare<[number, number]>(`UPDATE jobs SET absences = ? WHERE id = ?`);
  return {
    newestOf: (folderId: number, limit: number) => newest.all(folderId, limit).map(toJob),
    /** A page of a folder's jobs that may still need their files, by number. */
    unsentOf: (folderId: number, after: number) =>
      (unsentOfAll.get()! > FEW ? unsentOfMany : unsentOfFew).all(folderId, after),
    /** Those that are neither on their way nor there as this very version, or are held. `isKnown`: to any job. */
    notUnderWay<V extends Version>(versions: readonly V[]): { version: V; isKnown: boolean }[] {
      const asked = versions.map((v) => [v.path, v.sizeBytes, v.mtimeNs, v.ctimeNs]);
      return open
        .all(JSON.stringify(asked))
        .map(([i, isKnown]) => ({ version: versions[i]!, isKnown: isKnown === 1 }));
    },
    /** From now on no folder's rule says where it goes. */
    setByHand: (id: number) => void setByHand.run(id),
    setAbsences: (id: number, absences: number) => void setAbsences.run(absences, id),
  };
}
