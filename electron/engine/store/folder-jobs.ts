/** @file The part of the job store that asks what a folder's files were. */
import type { Database } from 'better-sqlite3';
import type { JobKind } from '#shared/job.ts';
import { byKind, moving } from './job-indexes.ts';
import { columns, toJob, type FileIdentity, type FileVersion, type Row } from './job-row.ts';

type Version = FileVersion & Pick<FileIdentity, 'ctimeNs'>;
/** Files of one directory, whose path ends as theirs begin, in the order of their names, and what was seen of them. */
export type FileLines = Readonly<{ directory: string; names: readonly string[]; lines: string }>;
/** A file that was stored, and where: a class's id, or such as `documents of teacher-7`. */
export type StoredFile = Readonly<{ path: string; owner: string }>;
/** A job that may still need its file. */
type Unsent = Readonly<{ id: number; path: string; absences: number }>;

const MAY_NEED_FILE = `kind IN ('held', 'queued', 'uploading', 'failed')`;
/** What stands before the name in an object's key. */
const shelfOf = (job: string) =>
  `(${job}.destination ->> 'kind') || '/' || coalesce(${job}.destination ->> 'classId', ${job}.destination ->> 'userId')`;
/** As `shelfWords` says it. */
const ownerOf = (job: string) =>
  `CASE ${job}.destination ->> 'kind' WHEN 'audio' THEN ${job}.destination ->> 'classId'
     ELSE (${job}.destination ->> 'kind') || ' of ' || (${job}.destination ->> 'userId') END`;
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
  const ofVersion = db
    .prepare<
      [path: string, sizeBytes: number, mtimeNs: string],
      [kind: JobKind, ctimeNs: string | null]
    >(
      `SELECT kind, ctime_ns FROM jobs INDEXED BY jobs_version
       WHERE path = ? AND size_bytes = ? AND mtime_ns = ?`,
    )
    .raw();
  const linesIn = db
    .prepare<[directory: string, first: string, last: string, most: number], string>(
      `SELECT count(*) || '/' || group_concat(line, '/') FROM (
         SELECT CASE WHEN kind NOT IN ('held', 'failed', 'dropped')
           THEN size_bytes || ' ' || mtime_ns || ' ' || ctime_ns || ' ' || substr(path, length(?) + 1) END AS line
         FROM jobs INDEXED BY jobs_version WHERE path BETWEEN ? AND ? ORDER BY path LIMIT ?)`,
    )
    .pluck();
  const storedElsewhere = db.prepare<[folderId: number, shelf: string, shelf: string], StoredFile>(
    `SELECT DISTINCT path, ${ownerOf('job')} AS owner
     FROM jobs AS job INDEXED BY jobs_by_folder
     WHERE folder_id = ? AND by_hand = 0 AND kind IN ('uploaded', 'verifying', 'verified') AND ${shelfOf('job')} <> ?
       AND NOT EXISTS (SELECT 1 FROM jobs AS other INDEXED BY jobs_version
         WHERE other.path = job.path AND other.size_bytes = job.size_bytes AND other.mtime_ns = job.mtime_ns
           AND other.kind <> 'dropped' AND ${shelfOf('other')} = ?)`,
  );
  // Each by itself would begin to read anew, which costs six times the reading.
  const inOneReading = db.transaction((read: () => void) => read());
  const setByHand = db.prepare<[number]>(`UPDATE jobs SET by_hand = 1 WHERE id = ?`);
  const setAbsences = db.prepare<[number, number]>(`UPDATE jobs SET absences = ? WHERE id = ?`);
  return {
    /** A folder's files that are stored, none of them on this shelf, such as `audio/BIO-101`, and none on its way there. */
    storedElsewhere: (folderId: number, shelf: string) =>
      storedElsewhere.all(folderId, shelf, shelf),
    newestOf: (folderId: number, limit: number) => newest.all(folderId, limit).map(toJob),
    /** A page of a folder's jobs that may still need their files, by number. */
    unsentOf: (folderId: number, after: number) =>
      (unsentOfAll.get()! > FEW ? unsentOfMany : unsentOfFew).all(folderId, after),
    /** Those that are neither on their way nor there as this very version, or are held. `isKnown`: to any job. */
    notUnderWay<V extends Version>(versions: readonly V[]): { version: V; isKnown: boolean }[] {
      const open: { version: V; isKnown: boolean }[] = [];
      inOneReading(() => {
        for (const version of versions) {
          const known = ofVersion.all(version.path, version.sizeBytes, version.mtimeNs);
          const isHeld = known.some(([kind]) => kind === 'held');
          const isUnderWay = known.some(
            ([kind, ctimeNs]) =>
              ctimeNs === version.ctimeNs && kind !== 'failed' && kind !== 'dropped',
          );
          if (isHeld || !isUnderWay) open.push({ version, isKnown: known.length > 0 });
        }
      });
      return open;
    },
    /**
     * Whether all of these are known, and under way or there, as `notUnderWay` would say of each: of a folder in
     * which nothing has changed it is much less work. It says no where more than these lies between the first and the
     * last of them, such as rows of files that are gone, or a folder: how much that may be makes no difference.
     *
     * @param lines How many there are and, each behind a slash, which no name has, `size mtime ctime name`.
     */
    areUnderWay: ({ directory, names, lines }: FileLines): boolean =>
      linesIn.get(directory, directory + names[0]!, directory + names.at(-1)!, names.length + 1) ===
      lines,
    /** From now on no folder's rule says where it goes. */
    setByHand: (id: number) => void setByHand.run(id),
    setAbsences: (id: number, absences: number) => void setAbsences.run(absences, id),
  };
}
