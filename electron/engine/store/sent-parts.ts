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
  return {
    /** One that was sent once more is the later one. */
    add: (jobId: number, uploadId: string, { number, sizeBytes, crc32, etag }: SentPart) =>
      void insert.run(jobId, uploadId, number, sizeBytes, crc32, etag),
    /** In their order. */
    of: (jobId: number, uploadId: string): SentPart[] => select.all(jobId, uploadId),
    forget: (jobId: number) => void remove.run(jobId),
  };
}
