/**
 * @file The same bytes are sent once for each class. A file that was moved to another disk, copied,
 * linked or touched is known again when it has been read and before anything of it is sent.
 */
import { lstat } from 'node:fs/promises';
import { wasStored } from '#shared/job.ts';
import { isSame } from '#shared/recording.ts';
import { ask } from '../files/disks.ts';
import { saysGone } from '../files/file-errors.ts';
import { inodeOf, isListed, type Sighting } from '../watch/scan.ts';
import { judgeObject, lookTwice } from './verify.ts';
import { isRefusal } from '../s3/refusals.ts';
import type { Remote } from '../s3/remote.ts';
import { isSharing } from '../store/job-row.ts';
import { isMutant } from '../test-hooks.ts';
import type { Job, JobStore } from '../store/jobs.ts';

type TwinContext = Readonly<{ jobs: JobStore; remote: Remote; nowMs: () => number }>;

/**
 * Looks whether a claimed job's bytes, just read, are in the bucket for its class.
 *
 * @returns `new`: they are not, as far as we know · `moved`: this is the file of an earlier job, whose
 *   object is this job's now and has still to be looked at · `known`: they are in the object of another
 *   file; the job has ended.
 */
export async function recogniseBytes(
  context: TwinContext,
  job: Job,
  sha256: string,
  signal: AbortSignal,
): Promise<'new' | 'moved' | 'known'> {
  const { jobs, remote, nowMs } = context;
  /** While disk and storage were asked, a person may have deleted the object: then all is looked at anew. */
  const isAsBefore = ({ id, state }: Job) => jobs.get(id)?.state.kind === state.kind;
  /** Also since it was claimed: a person may hand it over at any time. */
  const isByHand = () => jobs.get(job.id)?.isByHand === true;
  const twins = jobs
    .ofContent(sha256, job.id)
    .filter(({ sizeBytes, state }) => sizeBytes === job.sizeBytes && wasStored(state))
    // Of a deleted object a copy does not say any more which it was.
    .filter(({ key, state }) => key !== undefined || state.kind === 'dropped');
  for (const twin of twins) {
    const isSameClass = isSame(twin.destination, job.destination);
    // Another class's recording is another recording, unless this is the very file that was sent before,
    // and nobody has said that it goes here, too.
    if (!isSameClass && (isByHand() || !isSameInode(twin, job))) continue;
    if (jobs.isAway(twin.folderId)) continue;
    // Then this is a copy of it, or a link.
    if (twin.path !== job.path && (await isAtItsPlace(twin, twin.file?.inode))) continue;
    if (twin.state.kind === 'dropped') {
      // A person deleted that object: nothing sends it again unasked.
      if (isMutant(20)) continue; // Bug 20: nobody remembers that.
      if (isByHand() || (twin.path !== job.path && !isSameInode(twin, job))) continue;
      jobs.apply(job.id, [{ type: 'cancelled' }]);
      return 'known';
    }
    // Of no watched folder, such as a file of an archive that clean-up moved or deleted: it stays on record.
    if (twin.path !== job.path && twin.folderId === undefined) continue;
    const isShared = isSharing(twin);
    // Nobody looks at it afterwards.
    if (isShared && !(await isStillThere(remote, twin, signal))) continue;
    const isLeft = !isSameClass && isByHand();
    if (isLeft || !isAsBefore(twin)) return recogniseBytes(context, job, sha256, signal);
    jobs.adopt(job.id, twin, isSameClass ? undefined : job.destination, nowMs());
    return isShared ? 'known' : 'moved';
  }
  const proven = twins.find(
    ({ state, destination }) => state.kind === 'verified' && isSame(destination, job.destination),
  );
  if (!proven || !(await isStillThere(remote, proven, signal))) return 'new';
  if (!isAsBefore(proven)) return recogniseBytes(context, job, sha256, signal);
  jobs.share(job.id, proven, nowMs());
  return 'known';
}

/**
 * Files with the same bytes, for which nothing was sent, are stored with an object again that was deleted and is
 * there as it was. In one commit with what says so.
 */
export function shareAgain(jobs: JobStore, job: Job, atMs: number): void {
  if (!job.fingerprint) return;
  for (const twin of jobs.ofContent(job.fingerprint.sha256, job.id))
    if (twin.state.kind === 'dropped' && twin.state.why === 'deleted' && !twin.key)
      if (isSame(twin.destination, job.destination)) jobs.share(twin.id, job, atMs);
}

/** Of jobs that a file may be of: the one whose file is not at its own path any more, too. */
export async function movedFrom(
  earlier: readonly Job[],
  { inode }: Sighting,
): Promise<Job | undefined> {
  for (const job of earlier) if (!(await isAtItsPlace(job, inode))) return job;
  return undefined;
}

/** Whether a job's own file is still where it was. What cannot be looked at counts as being there. */
async function isAtItsPlace({ path, file }: Job, inode: string | undefined): Promise<boolean> {
  try {
    return await ask(file?.device ?? path, async () => {
      const now = await lstat(path, { bigint: true });
      return (inode === undefined || inodeOf(now) === inode) && (await isListed(path));
    });
  } catch (error) {
    return !saysGone(error);
  }
}

function isSameInode({ file }: Job, other: Job): boolean {
  return file !== undefined && file.inode === other.file?.inode;
}

/** Whether the object is there, and is by all that a look tells what it was proven to be. */
async function isStillThere(
  remote: Remote,
  { key, token, fingerprint }: Job,
  signal: AbortSignal,
): Promise<boolean> {
  if (key === undefined || fingerprint === undefined) return false;
  if (isMutant(19)) return true; // Bug 19: what was proven once is so for good.
  try {
    const info = await lookTwice(remote, key, signal);
    const verdict = info && judgeObject({ token, fingerprint }, info);
    return verdict === 'verified' || verdict === 'read-back-needed';
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
