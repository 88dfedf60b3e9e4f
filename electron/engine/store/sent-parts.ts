import type { Database } from 'better-sqlite3';

/** A part that the storage acknowledged. */
export type SentPart = Readonly<{ number: number; sizeBytes: number; crc32: number; etag: string }>;

/** What the storage has of open uploads, by its own word. */
export function sentParts(db: Database) {
  const insert = db.prepare<[number, string, number, number, number, string]>(
    `INSERT OR REPLACE INTO parts (job_id, upload_id, number, size_bytes, crc32, etag) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare<[number, string], SentPart>(
    `SELECT number, size_bytes AS sizeBytes, crc32, etag FROM parts WHERE job_id = ? AND upload_id = ? ORDER BY number`,
  );
  const remove = db.prepare<[number]>(`DELETE FROM parts WHERE job_id = ?`);
  const bytes = db
    .prepare<[jobId: number, uploadId: string], number>(
      `SELECT total(size_bytes) FROM parts WHERE job_id = ? AND upload_id = ?`,
    )
    .pluck();
  // From the few uploads that are open: parts of what has ended stay in the table.
  const bytesOfOpen = db
    .prepare<[], number>(
      `SELECT total(part.size_bytes) FROM uploads AS open
       JOIN jobs AS job ON job.key = open.key
       JOIN parts AS part ON part.job_id = job.id AND part.upload_id = open.upload_id
       WHERE open.is_owed = 0 AND job.kind IN ('queued', 'uploading', 'failed')`,
    )
    .pluck();
  return {
    bytes: (jobId: number, uploadId: string): number => bytes.get(jobId, uploadId)!,
    /** Of all that has not ended, together. */
    bytesOfOpen: (): number => bytesOfOpen.get()!,
    /** One that was sent once more is the later one. */
    add: (jobId: number, uploadId: string, { number, sizeBytes, crc32, etag }: SentPart) =>
      void insert.run(jobId, uploadId, number, sizeBytes, crc32, etag),
    /** In their order. */
    of: (jobId: number, uploadId: string): SentPart[] => select.all(jobId, uploadId),
    forget: (jobId: number) => void remove.run(jobId),
  };
}
