/** @file The part of the job store that finds the jobs of a file, of bytes, or of an object. */
import type { Database } from 'better-sqlite3';
import { mayBeDeleted } from '#shared/job.ts';
import {
  columns,
  toJob,
  type FileIdentity,
  type FileVersion,
  type Job,
  type Row,
} from './job-row.ts';

/** There are few of each: put in order here, since SQLite's sorter takes ten times as long as all else. */
const oldestFirst = (rows: Row[]): Job[] => rows.toSorted((a, b) => a.id - b.id).map(toJob);

export function sameJobs(db: Database) {
  const byVersion = db.prepare<[string, number, string], Row>(
    `SELECT ${columns} FROM jobs WHERE path = ? AND size_bytes = ? AND mtime_ns = ?`,
  );
  const byFile = db.prepare<[string, number, string, string], Row>(
    `SELECT ${columns} FROM jobs WHERE inode = ? AND size_bytes = ? AND mtime_ns = ? AND path <> ?`,
  );
  // The index has the beginning of each hash alone, a sixth of it.
  const byContent = db.prepare<[string, number], Row>(
    `SELECT ${columns} FROM jobs
     WHERE substr(fingerprint ->> 'sha256', 1, 12) = substr(?, 1, 12) AND json_valid(fingerprint) AND id <> ?`,
  );
  const bySame = db.prepare<[string, string], Row>(
    `SELECT ${columns} FROM jobs WHERE key = ? OR same_as = ?`,
  );
  const byPath = db.prepare<[string], Row>(`SELECT ${columns} FROM jobs WHERE path = ?`);
  const removal = db
    .prepare<[string, string | null], 1>(
      `SELECT 1 FROM removals WHERE key = ? AND place = coalesce(?, place) LIMIT 1`,
    )
    .pluck();
  return {
    /**
     * Whether its object was asked to be deleted, and what became of that was not heard.
     *
     * @param place The storage that it goes to, see `Remote`; in any of them where that is not known.
     */
    isBeingDeleted: ({ key, state }: Job, place?: string): boolean =>
      key !== undefined && mayBeDeleted(state) && removal.get(key, place ?? null) !== undefined,
    /** Every job whose bytes this object holds. */
    ofObject: (key: string) => oldestFirst(bySame.all(key, key)),
    /** Jobs of the same file (by number, size and time) at other paths, newest first. */
    ofFile: (file: FileVersion & FileIdentity) =>
      oldestFirst(byFile.all(file.inode, file.sizeBytes, file.mtimeNs, file.path)).toReversed(),
    /** Other jobs whose bytes were the same, oldest first. */
    ofContent: (sha256: string, besides: number) =>
      oldestFirst(byContent.all(sha256, besides)).filter(
        ({ fingerprint }) => fingerprint?.sha256 === sha256,
      ),
    /** The jobs of one version of a file, oldest first: one for each place it was sent to. */
    ofVersion: (v: FileVersion) => oldestFirst(byVersion.all(v.path, v.sizeBytes, v.mtimeNs)),
    ofPath: (path: string) => oldestFirst(byPath.all(path)),
  };
}
