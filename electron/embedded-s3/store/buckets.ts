import type { Db } from './database.ts';
import type { Versioning } from './model.ts';

export interface Bucket {
  readonly name: string;
  readonly createdMs: number;
  readonly versioning: Versioning;
}

interface BucketRow {
  name: string;
  created_ms: number;
  versioning: string;
}

export type BucketTable = ReturnType<typeof bucketTable>;

/** The buckets table. A bucket with a version in it cannot be removed; open uploads go with it. */
export function bucketTable(db: Db) {
  const byName = db.prepare<[string], BucketRow>(`SELECT * FROM buckets WHERE name = ?`);
  const all = db.prepare<[], BucketRow>(`SELECT * FROM buckets ORDER BY name`);
  const insert = db.prepare<[string, number]>(
    `INSERT INTO buckets (name, created_ms) VALUES (?, ?)`,
  );
  const setVersioning = db.prepare<[string, string]>(
    `UPDATE buckets SET versioning = ? WHERE name = ?`,
  );
  const isUsed = db
    .prepare<[string], number>(`SELECT EXISTS (SELECT 1 FROM versions WHERE bucket = ?)`)
    .pluck();
  const partFiles = db
    .prepare<[string], string>(
      `SELECT file FROM parts JOIN uploads ON uploads.id = upload_id WHERE bucket = ?`,
    )
    .pluck();
  const removeUploads = db.prepare<[string]>(`DELETE FROM uploads WHERE bucket = ?`);
  const remove = db.prepare<[string]>(`DELETE FROM buckets WHERE name = ?`);
  return {
    find: (name: string): Bucket | undefined => {
      const row = byName.get(name);
      return row && toBucket(row);
    },
    list: (): Bucket[] => all.all().map(toBucket),
    create: (name: string, nowMs: number): void => void insert.run(name, nowMs),
    setVersioning: (name: string, versioning: Versioning): void =>
      void setVersioning.run(versioning, name),
    isEmpty: (name: string): boolean => isUsed.get(name) === 0,
    /** @returns The files of the parts it held. */
    remove: (name: string): string[] => {
      const freed = partFiles.all(name);
      removeUploads.run(name);
      remove.run(name);
      return freed;
    },
  };
}

function toBucket(row: BucketRow): Bucket {
  // The column is only ever written by `setVersioning` above.
  return { name: row.name, createdMs: row.created_ms, versioning: row.versioning as Versioning };
}
