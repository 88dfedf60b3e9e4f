import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../electron/embedded-s3/store/store.ts';

export type Damage = ReturnType<typeof damageOf>;

/** What can happen to stored things without anybody asking for it: a broken disk, a lifecycle rule, an admin. */
export function damageOf(store: Store, dataDir: string, bucket: string) {
  return {
    /** One bit of an object's bytes turns over. Its checksum and its ETag stay as they were told. */
    async flipBit(key: string, at = 0): Promise<void> {
      const version = store.versions.find(bucket, key);
      const [segment] = version ? store.versions.segments(version.seq) : [];
      if (!segment) throw new Error(`Nothing is stored as ${key}`);
      const path = join(dataDir, 'data', segment.file);
      const bytes = await readFile(path);
      bytes[at]! ^= 1;
      await writeFile(path, bytes);
    },
    /** The object is gone, and leaves no marker. */
    async remove(key: string): Promise<void> {
      const version = store.versions.find(bucket, key);
      if (!version) throw new Error(`Nothing is stored as ${key}`);
      await store.commit((freed) => {
        freed.push(...store.versions.removeById(bucket, key, version.versionId).freed);
      });
    },
    /** A lifecycle rule has moved it. */
    async moveTo(key: string, storageClass: string): Promise<void> {
      const version = store.versions.find(bucket, key);
      if (!version) throw new Error(`Nothing is stored as ${key}`);
      await store.commit(() =>
        store.versions.setMeta(version.seq, { ...version.meta, storageClass }),
      );
    },
    /** Every upload that is not completed is dropped. @returns How many. */
    async dropUploads(): Promise<number> {
      const ids = store.db
        .prepare<[], string>(`SELECT id FROM uploads WHERE result IS NULL`)
        .pluck()
        .all();
      await store.commit((freed) => freed.push(...ids.flatMap((id) => store.uploads.abort(id))));
      return ids.length;
    },
  };
}
