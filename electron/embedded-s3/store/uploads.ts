import { randomBytes } from 'node:crypto';
import type { Db } from './database.ts';
import type { ObjectMeta } from './model.ts';

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedMs: number;
  readonly meta: ObjectMeta;
  /** What Complete answered, when it has: a repeated Complete answers the same. */
  readonly result: CompleteResult | undefined;
}

export interface CompleteResult {
  readonly etag: string;
  readonly versionId: string;
  readonly checksum: string | undefined;
}

export interface Part {
  readonly number: number;
  readonly file: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Base64, by the algorithm of the upload. */
  readonly checksum: string | undefined;
  readonly modifiedMs: number;
}

interface UploadRow {
  id: string;
  bucket: string;
  key: Buffer;
  initiated_ms: number;
  meta: string;
  result: string | null;
}

interface PartRow {
  number: number;
  file: string;
  size_bytes: number;
  etag: string;
  checksum: string | null;
  modified_ms: number;
}

export type UploadTable = ReturnType<typeof uploadTable>;

/** Multipart uploads, open and completed. Call the functions that change them in a transaction. */
export function uploadTable(db: Db) {
  const byId = db.prepare<[string], UploadRow>(`SELECT * FROM uploads WHERE id = ?`);
  const insert = db.prepare<[string, string, Buffer, number, string]>(
    `INSERT INTO uploads (id, bucket, key, initiated_ms, meta) VALUES (?, ?, ?, ?, ?)`,
  );
  const remove = db.prepare<[string]>(`DELETE FROM uploads WHERE id = ?`);
  const finish = db.prepare<[string, string]>(`UPDATE uploads SET result = ? WHERE id = ?`);
  const forget = db.prepare<[number]>(
    `DELETE FROM uploads WHERE result IS NOT NULL AND initiated_ms < ?`,
  );
  const partRows = db.prepare<[string, number, number], PartRow>(
    `SELECT * FROM parts WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?`,
  );
  const fileOf = db
    .prepare<[string, number], string>(`SELECT file FROM parts WHERE upload_id = ? AND number = ?`)
    .pluck();
  const files = db.prepare<[string], string>(`SELECT file FROM parts WHERE upload_id = ?`).pluck();
  const putPart = db.prepare<[string, number, string, number, string, string | null, number]>(
    `INSERT OR REPLACE INTO parts (upload_id, number, file, size_bytes, etag, checksum, modified_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const removeParts = db.prepare<[string]>(`DELETE FROM parts WHERE upload_id = ?`);

  return {
    find: (id: string): Upload | undefined => {
      const row = byId.get(id);
      return row && toUpload(row);
    },
    create: (bucket: string, key: string, nowMs: number, meta: ObjectMeta): string => {
      const id = randomBytes(24).toString('base64url');
      insert.run(id, bucket, Buffer.from(key), nowMs, JSON.stringify(meta));
      return id;
    },
    /** Parts numbered above `afterNumber`, at most `limit`. */
    parts: (id: string, afterNumber = 0, limit = 10_000): Part[] =>
      partRows.all(id, afterNumber, limit).map(toPart),
    /** @returns The file of the part it replaces, if any. */
    putPart: (id: string, part: Part): string[] => {
      const replaced = fileOf.all(id, part.number);
      const { number, file, sizeBytes, etag, checksum, modifiedMs } = part;
      putPart.run(id, number, file, sizeBytes, etag, checksum ?? null, modifiedMs);
      return replaced;
    },
    /** @returns The files of all its parts. */
    abort: (id: string): string[] => {
      const freed = files.all(id);
      remove.run(id);
      return freed;
    },
    /** Keeps the answer, and forgets the parts, which now belong to the object or to nobody. */
    complete: (id: string, result: CompleteResult): void => {
      finish.run(JSON.stringify(result), id);
      removeParts.run(id);
    },
    forgetCompletedBefore: (beforeMs: number): void => void forget.run(beforeMs),
  };
}

function toUpload(row: UploadRow): Upload {
  return {
    id: row.id,
    bucket: row.bucket,
    key: row.key.toString(),
    initiatedMs: row.initiated_ms,
    meta: JSON.parse(row.meta) as ObjectMeta, // Both columns are written by this file alone.
    result: row.result === null ? undefined : (JSON.parse(row.result) as CompleteResult),
  };
}

function toPart(row: PartRow): Part {
  return {
    number: row.number,
    file: row.file,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    checksum: row.checksum ?? undefined,
    modifiedMs: row.modified_ms,
  };
}
