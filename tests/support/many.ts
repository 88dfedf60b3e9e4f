/** @file Ledgers with as much in them as would take days to come about. */
import type { Database } from 'better-sqlite3';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';

/** Recordings that wait: none of them is on any disk, so pause the queue first. */
export function queueMany(
  database: Database,
  folder: Readonly<{ id: number; path: string }>,
  count: number,
): void {
  const jobs = jobStore(database, Date.now, () => {});
  database.transaction(() => {
    for (let i = 0; i < count; i += 1)
      jobs.enqueue({
        folderId: folder.id,
        path: `${folder.path}/Lecture ${i}.mp3`,
        name: `Lecture ${i}.mp3`,
        sizeBytes: 1_000 + i,
        mtimeNs: String(i),
        contentType: 'audio/mpeg',
        destination: { kind: 'audio', classId: 'BIO-101', userId: 'teacher-7' },
        key: undefined,
        token: String(i),
        state: { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
      });
  })();
}

/** As if so many objects had been listed; the first and the last have names. */
export function listMany(database: Database, count: number): void {
  const index = objectIndex(database);
  const seen = index.nextListing();
  const objects = Array.from({ length: count }, (_, i) => ({
    key: `audio/BIO-101/01a20b0d-d75b-705f-9734-${i.toString(16).padStart(12, '0')}.mp3`,
    sizeBytes: i + 1,
    lastModifiedMs: 1_700_000_000_000 + i * 1_000,
    storageClass: 'STANDARD',
  }));
  index.put(objects, seen);
  for (const i of [0, count - 1]) index.setName(objects[i]!.key, `Lecture ${i}.mp3`);
  index.finish(seen, Date.now());
}
