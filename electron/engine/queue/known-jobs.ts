/** @file What the jobs that are known already say of a file that is seen. */
import { dirname } from 'node:path';
import { wasStored } from '#shared/job.ts';
import type { Sighting } from '../watch/scan.ts';
import type { Job, JobStore } from '../store/jobs.ts';

export const isSentByHand = ({ isByHand, state }: Job): boolean =>
  isByHand === true && /^(queued|uploading)$/.test(state.kind);

export const isDropped = ({ state }: Job, why: 'cancelled' | 'deleted'): boolean =>
  state.kind === 'dropped' && state.why === why;

/** As everybody asks its disk; of a file that is seen for the first time its directory stands for that. */
export const diskOf = (jobs: Pick<JobStore, 'ofPath'>, path: string): string =>
  jobs.ofPath(path).findLast(({ file }) => file !== undefined)?.file?.device ?? dirname(path);

/** Whether its bytes are, or were, stored by another job, too. */
export function isStoredBesides(jobs: JobStore, { id, fingerprint }: Job): boolean {
  const others = fingerprint ? jobs.ofContent(fingerprint.sha256, id) : [];
  return others.some(({ state }) => wasStored(state));
}

/**
 * Of jobs of the same file (by number, size and time) at other paths, those that may be of this one from before it was
 * moved. Of what was sent only with an equal change time, as when a folder is renamed; else its bytes have to tell.
 */
export function couldBe(sighting: Sighting, elsewhere: readonly Job[]): Job[] {
  const isBorn = !sighting.inode.endsWith('.0');
  return elsewhere
    .filter(({ state, file }) => !wasStored(state) || file?.ctimeNs === sighting.ctimeNs)
    .filter(({ file }) => isBorn || file?.device === sighting.device);
}
