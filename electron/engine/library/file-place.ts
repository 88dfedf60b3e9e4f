/** @file Whether a recording is on this computer, too: who deletes it in the storage has to know. */
import { filePlaces, type FilePlace } from '#shared/stored.ts';
import { ask } from '../files/disks.ts';
import { look } from '../watch/scan.ts';
import { isSameVersion } from '../store/job-row.ts';
import type { Job, JobStore } from '../store/jobs.ts';

/** A disk that takes longer is told as one that does not answer; others may wait for it longer. */
const LOOK_MS = 2_000;

/** The best there is of the files that an object was sent from. */
export async function placeOfFile(jobs: JobStore, key: string): Promise<FilePlace> {
  const places = await Promise.all(jobs.ofObject(key).map((job) => placeOf(jobs, job)));
  return filePlaces.find((place) => places.includes(place)) ?? 'elsewhere';
}

async function placeOf(jobs: JobStore, job: Job): Promise<FilePlace> {
  if (jobs.isAway(job.folderId)) return 'unreachable';
  try {
    const signal = AbortSignal.timeout(LOOK_MS);
    const found = await ask(job.file?.device ?? job.path, () => look(job.path), { signal });
    if (found.kind === 'file') return isSameVersion(job, found.sighting) ? 'here' : 'gone';
    return found.code === 'file-unreadable' ? 'unreachable' : 'gone';
  } catch {
    return 'unreachable'; // A disk that says nothing.
  }
}
