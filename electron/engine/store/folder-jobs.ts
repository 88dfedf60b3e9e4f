/** @file The part of the job store that asks what a folder's files were. */
import type { Database } from 'better-sqlite3';
import { toJob, type Row } from './job-row.ts';

export function folderJobs(db: Database) {
  const newest = db.prepare<[number, number], Row>(
    `SELECT * FROM jobs WHERE folder_id = ? ORDER BY id DESC LIMIT ?`,
  );
  const unsent = db.prepare<[number, number], Row>(
    `SELECT * FROM jobs WHERE folder_id = ? AND id > ? AND kind IN ('held', 'queued', 'uploading', 'failed')
     ORDER BY id LIMIT 500`,
  );
  const setByHand = db.prepare<[number]>(`UPDATE jobs SET by_hand = 1 WHERE id = ?`);
  const setAbsences = db.prepare<[number, number]>(`UPDATE jobs SET absences = ? WHERE id = ?`);
  return {
    newestOf: (folderId: number, limit: number) => newest.all(folderId, limit).map(toJob),
    /** A page of a folder's jobs that may still need their files, by number. */
    unsentOf: (folderId: number, after: number) => unsent.all(folderId, after).map(toJob),
    /** From now on no folder's rule says where it goes. */
    setByHand: (id: number) => void setByHand.run(id),
    setAbsences: (id: number, absences: number) => void setAbsences.run(absences, id),
  };
}
