/** @file Whose is what lies at a job's key: an answer that was lost may have been of an upload that was done. */
import { AppError } from '#shared/errors.ts';
import { isRefusal } from '../s3/refusals.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';
import type { Job } from '../store/jobs.ts';
import { isMutant } from '../test-hooks.ts';
import { judgeObject, lookTwice } from './verify.ts';

/** How long a person who changes or dismisses an upload waits for the storage at most. */
const RECALL_MS = 4_000;

export type Owner = 'nobody' | 'we' | 'somebody else';

export function ownerOf(info: ObjectInfo | undefined, token: string): Owner {
  if (info === undefined) return 'nobody';
  if (isMutant(5)) return 'we'; // Bug 5: what is there is ours.
  return info.metadata['upload_token'] === token ? 'we' : 'somebody else';
}

/** An account that may write but not look still uploads: its key is fresh, and the write is conditional. */
export function nobodyIfDenied(error: unknown): Owner {
  if (isRefusal(error)) return 'nobody';
  throw error;
}

/** After a lost answer the retry hears "taken" or "no such upload", though the first try did it: the token tells. */
export async function wasStoredAllTheSame(
  error: unknown,
  whose: () => Promise<Owner>,
): Promise<boolean> {
  if (!(error instanceof AppError) || (error.code !== 'key-taken' && error.code !== 'upload-gone'))
    return false;
  // Bug 4: an upload that is gone was completed.
  if (isMutant(4) && error.code === 'upload-gone') return true;
  return (await whose()) === 'we';
}

/** Its answer may have been on its way when it was stopped. Where the storage does not say, it counts as not stored. */
export async function wasStoredMeanwhile(
  remote: Remote,
  key: string,
  token: string,
): Promise<boolean> {
  const signal = AbortSignal.timeout(RECALL_MS);
  return ownerOf(await lookTwice(remote, key, signal).catch(() => undefined), token) === 'we';
}

/** The file is gone, or another version: a former attempt may have stored the whole of it without our hearing of it. */
export async function wasFinishedBefore(
  remote: Remote,
  { key, token, fingerprint }: Job,
  error: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  const isOver = error instanceof AppError && ['file-gone', 'file-changed'].includes(error.code);
  if (!isOver || key === undefined || fingerprint === undefined) return false;
  const info = await remote.head(key, signal).catch((denied: unknown) => {
    nobodyIfDenied(denied);
    return undefined;
  });
  return info !== undefined && judgeObject({ token, fingerprint }, info) !== 'someone-elses';
}
