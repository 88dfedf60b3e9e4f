/** @file Whether a recording is on this computer, too: who deletes it in the storage has to know. */
import { filePlaces, type FilePlace } from '#shared/api/stored.ts';
import { ask } from '../files/disks.ts';
import { look, type Found } from '../watch/scan.ts';
import type { AskPresence } from '../watch/presence.ts';
import type { FolderStore } from '../store/folders.ts';
import { isSameVersion } from '../store/job-row.ts';
import type { Job, JobStore } from '../store/jobs.ts';

type Ledger = Readonly<{
  jobs: JobStore;
  folders: Pick<FolderStore, 'get'>;
  presence: AskPresence;
}>;

/** A disk that takes longer is told as one that does not answer; others may wait for it longer. */
const LOOK_MS = 2_000;

/** The best there is of the files that an object was sent from. */
export async function placeOfFile(ledger: Ledger, key: string): Promise<FilePlace> {
  const places = await Promise.all(ledger.jobs.ofObject(key).map((job) => placeOf(ledger, job)));
  return filePlaces.find((place) => places.includes(place)) ?? 'elsewhere';
}

/** Whether the very version that an upload sent is where it was. */
export async function placeOf(ledger: Ledger, job: Job): Promise<FilePlace> {
  const found = await lookAt(ledger, job);
  if (found?.kind === 'file') return isSameVersion(job, found.sighting) ? 'here' : 'gone';
  return found === undefined || found.code === 'file-unreadable' ? 'unreachable' : 'gone';
}

/** Whether there is something to show where an upload's file was, whichever version. */
export async function placeOfPath(ledger: Ledger, job: Job): Promise<FilePlace> {
  const found = await lookAt(ledger, job);
  if (found === undefined) return 'unreachable';
  return isGone(found) ? 'gone' : 'here';
}

/** `undefined` where its disk or folder is away, or says nothing. */
async function lookAt(
  { jobs, folders, presence }: Ledger,
  { folderId, file, path }: Job,
): Promise<Found | undefined> {
  if (jobs.isAway(folderId)) return undefined;
  const signal = AbortSignal.timeout(LOOK_MS);
  const asked = ask(file?.device ?? path, () => look(path), { signal });
  const found = await asked.catch(() => undefined);
  if (found === undefined || !isGone(found)) return found;
  // Folders are looked for once a minute, and the system's hint may be missed: whoever asks is not told of a loss.
  const folder = folderId === undefined ? undefined : folders.get(folderId);
  const isHere = folder === undefined || (await presence(folder, LOOK_MS)) === 'here';
  return isHere ? found : undefined;
}

/** All that is there and is not taken has a code. */
const isGone = (found: Found): boolean => found.kind === 'skipped' && found.code === undefined;
