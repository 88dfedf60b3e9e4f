/** @file Ledgers with as much in them as would take days to come about. */
import type { Database } from 'better-sqlite3';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { writePlan } from '../../electron/engine/migrate/plan-file.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';

/** Recordings that wait: none of them is on any disk, so pause the queue first. */
export function queueMany(
  database: Database,
  folder: Readonly<{ id: number; path: string }>,
  count: number,
): void {
  const jobs = jobStore(database, Date.now);
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

const bio = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;

const plannedFile = (i: number) => ({
  path: `term/Lecture ${i}.mp3`,
  sizeBytes: 1,
  mtimeNs: '1700000000000000000',
  to: bio,
});

/** A plan of so many files, none of which is on any disk. */
export async function planMany(file: string, root: string, count: number): Promise<void> {
  function* lines() {
    yield {
      panseaPlan: 1,
      id: crypto.randomUUID(),
      root,
      madeAt: new Date(0).toISOString(),
    } as const;
    for (let i = 0; i < count; i += 1) yield plannedFile(i);
  }
  const none = { least: 0, most: 0 };
  const estimate = {
    mbit: none,
    seconds: none,
    requests: 0,
    requestDollars: none,
    monthlyDollars: none,
  };
  const groups = { classes: {}, types: {}, years: {} };
  await writePlan(file, lines(), { files: count, bytes: count, problems: {}, groups, estimate });
}

/** As if all of such a plan had been uploaded. */
export function uploadMany(database: Database, root: string, count: number, sha256: string): void {
  const jobs = jobStore(database, Date.now);
  const sent = { sha256, crc32: 0, sizeBytes: 1 };
  database.transaction(() => {
    for (let i = 0; i < count; i += 1) {
      const { path, sizeBytes, mtimeNs, to } = plannedFile(i);
      const { job } = jobs.enqueue({
        folderId: undefined,
        path: join(root, path),
        name: `Lecture ${i}.mp3`,
        sizeBytes,
        mtimeNs,
        contentType: 'audio/mpeg',
        destination: to,
        key: `audio/bio-101/${i}.mp3`,
        token: String(i),
        state: { kind: 'verified', verifiedAtMs: 0, proof: 'checksum' },
      });
      jobs.setFingerprint(job, sent);
    }
  })();
}

setFlagsFromString('--expose-gc');
// Functions that were not called for a while would be thrown away in the middle of a measurement.
setFlagsFromString('--no-flush-bytecode');
const collect = runInNewContext('gc') as () => void;

/** What this process holds, in bytes, once what nobody needs is gone. */
export function heldBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** As if so many objects had been listed; the first and the last have names. @param place As `Remote.place` says. */
export async function listMany(database: Database, count: number, place = ''): Promise<void> {
  const index = objectIndex(database);
  const seen = await index.nextListing();
  const objects = Array.from({ length: count }, (_, i) => ({
    key: `audio/BIO-101/01a20b0d-d75b-705f-9734-${i.toString(16).padStart(12, '0')}.mp3`,
    sizeBytes: i + 1,
    lastModifiedMs: 1_700_000_000_000 + i * 1_000,
    storageClass: 'STANDARD',
  }));
  await index.put(objects, seen);
  for (const i of [0, count - 1]) await index.setName(objects[i]!.key, `Lecture ${i}.mp3`);
  await index.finish(seen, { atMs: Date.now(), place });
}
