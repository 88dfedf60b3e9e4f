/** @file Everything the server keeps: the index, the bytes, and the one door for changes to both. */
import { mkdir } from 'node:fs/promises';
import { openBlobs, type Blobs } from './blobs.ts';
import { bucketTable, type BucketTable } from './buckets.ts';
import { trackConflicts, type Conflicts } from './conflicts.ts';
import { openIndex, type Db } from './database.ts';
import { uploadTable, type UploadTable } from './uploads.ts';
import { versionTable, type VersionTable } from './versions.ts';

/** How long a repeated CompleteMultipartUpload is still answered as the first one was. */
const REMEMBER_COMPLETED_MS = 7 * 24 * 3_600_000;

export interface Store {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly buckets: BucketTable;
  readonly versions: VersionTable;
  readonly uploads: UploadTable;
  readonly conflicts: Conflicts;
  /**
   * Runs `change` as one transaction and resolves when it is on the disk. `change` runs to its end
   * without giving way, so what it checks still holds when it writes: no other lock is needed.
   *
   * @param change Names in `freed` the files to remove once nothing refers to them.
   */
  commit<Result>(change: (freed: string[]) => Result): Promise<Result>;
  close(): Promise<void>;
}

/** Opens the storage in `dataDir`, making it if need be, and clears what a crash left behind. */
export async function openStore(
  dataDir: string,
  nowMs: number,
  nativeBinding?: string,
): Promise<Store> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const index = await openIndex(dataDir, nativeBinding); // First: its lock keeps a second server from clearing our files.
  const { db } = index;
  const blobs = await openBlobs(dataDir);
  const uploads = uploadTable(db);
  uploads.forgetCompletedBefore(nowMs - REMEMBER_COMPLETED_MS);
  const known = new Set(
    db
      .prepare<[], string>(`SELECT file FROM segments UNION ALL SELECT file FROM parts`)
      .pluck()
      .all(),
  );
  await blobs.sweep((file) => known.has(file));
  return {
    db,
    blobs,
    uploads,
    buckets: bucketTable(db),
    versions: versionTable(db),
    conflicts: trackConflicts(),
    commit: async (change) => {
      const freed: string[] = [];
      const result = db.transaction(() => change(freed)).immediate();
      await index.sync();
      blobs.remove(freed);
      return result;
    },
    close: () => index.close(),
  };
}
