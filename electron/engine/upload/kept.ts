/** @file Why nothing of a job is sent until a person has decided: what was found out when it was to be sent. */
import type { Hold } from '#shared/job.ts';
import { judgeFile } from '../container/judge.ts';
import { ask } from '../files/disks.ts';
import { toReadError } from '../files/file-errors.ts';
import { holdFor } from '../queue/holds.ts';
import type { Job } from '../store/jobs.ts';

export class Kept extends Error {
  readonly hold: Hold;

  constructor(hold: Hold) {
    super(`Waits for a person: ${hold.reason}`);
    this.hold = hold;
  }
}

/**
 * A file that was handed over while its disk was going away has not been looked into yet: when it is back it may be
 * half a recording. Those that only their folder has taken in were looked into by then.
 *
 * @throws Kept · as `toReadError`
 */
export async function assertLooksFinished(job: Job, signal: AbortSignal): Promise<void> {
  const { state, path, file } = job;
  const wasAway = state.kind === 'uploading' && state.wasAway === true;
  const isOfFolder = job.folderId !== undefined && !job.isByHand;
  if (!wasAway || isOfFolder || job.fingerprint !== undefined) return;
  const judging = ask(file?.device ?? path, () => judgeFile(job), { signal });
  const hold = holdFor(
    await judging.catch((error: unknown) => Promise.reject(toReadError(error, path))),
  );
  if (hold !== undefined) throw new Kept(hold);
}
