/** @file Whether a recording is on this computer, too: who deletes it in the storage has to know. */
import { filePlaces, type FilePlace } from '#shared/api/stored.ts';
import { ask } from '../files/disks.ts';
import { look, type Found } from '../watch/scan.ts';
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
  const found = await lookAt(jobs, job);
  if (found?.kind === 'file') return isSameVersion(job, found.sighting) ? 'here' : 'gone';
  return found === undefined || found.code === 'file-unreadable' ? 'unreachable' : 'gone';
}

/** Whether there is something to show where an upload's file was, whichever version. */
export async function placeOfPath(jobs: JobStore, job: Job): Promise<FilePlace> {
  const found = await lookAt(jobs, job);
  if (found === undefined) return 'unreachable';
  // All that is there and is not taken has a code.
  return found.kind === 'skipped' && found.code === undefined ? 'gone' : 'here';
}

/** `undefined` where its disk or folder is away, or says nothing. */
async function lookAt(jobs: JobStore, { folderId, file, path }: Job): Promise<Found | undefined> {
  if (jobs.isAway(folderId)) return undefined;
  const signal = AbortSignal.timeout(LOOK_MS);
  return ask(file?.device ?? path, () => look(path), { signal }).catch(() => undefined);
}
