/** @file Archived objects are made readable again: asked for, and waited for. */
import { setTimeout } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import {
  archiveTerms,
  USUAL_RESTORE_DAYS,
  type Readability,
  type RestoreSpeed,
} from '#shared/restore.ts';
import { mayBeDone, mustHead, mustLook } from './objects.ts';
import type { Remote } from '../s3/remote.ts';
import type { RestoreStore } from '../store/restores.ts';

type Context = Readonly<{ remote: Remote; restores: RestoreStore; nowMs: () => number }>;

export type RestoreRequest = Readonly<{
  key: string;
  /** How long its copy stays readable; a week unless said. Out of Intelligent-Tiering it stays for good. */
  days?: number | undefined;
  speed: RestoreSpeed;
}>;

/**
 * Asks for an archived object to be made readable; of one whose copy can be read it sets the end anew. It
 * costs, so nobody asks unasked. That somebody waits for it is on record; what can be read all along is not
 * waited for.
 *
 * @returns Whether it can be read from then on, which is seldom at once.
 * @throws AppError `not-archived` for what can be read as it is, also where a storage only uses an archive's
 *   name; `usage` for what its archive does not offer; `object-restoring`, `restore-denied`, `no-object`
 */
export async function restoreObject(
  { remote, restores, nowMs }: Context,
  { key, days, speed }: RestoreRequest,
  signal: AbortSignal,
): Promise<Exclude<Readability, { kind: 'archived' }>> {
  const { readability: before, metadata } = await mustLook(remote, key, signal);
  if (before.kind === 'readable') throw new AppError('not-archived', key);
  const { archive } = before;
  const { isCopy, speeds } = archiveTerms[archive];
  if (speeds[speed] === undefined)
    throw new AppError('usage', `From this archive (${archive}) nothing comes back within minutes`);
  if (!isCopy && days !== undefined)
    throw new AppError('usage', `What comes back from this archive (${archive}) stays: no days`);
  const order = { days: isCopy ? (days ?? USUAL_RESTORE_DAYS) : undefined, speed };
  const name = metadata['original_filename'] ?? key.slice(key.lastIndexOf('/') + 1);
  const { place } = remote;
  const wasReadable = before.kind === 'restored';
  const note = () => {
    if (!wasReadable) restores.begun({ key, place, name, speed, askedAtMs: nowMs() });
  };
  await remote.restoreObject(key, order, signal).catch((error: unknown) => {
    const isUnderWay = error instanceof AppError && error.code === 'object-restoring';
    // Somebody else's, or ours whose answer was lost, and which is paid for: here, too, somebody waits for it.
    if (isUnderWay || mayBeDone(error) || signal.aborted) note();
    throw error;
  });
  note();
  const { readability } = await mustHead(remote, key, signal);
  if (wasReadable && readability.kind === 'restored')
    restores.prolonged(key, place, readability.untilMs);
  return readability.kind === 'archived' ? { kind: 'restoring', archive } : readability;
}

/** How long to leave a storage alone between two looks, milliseconds: what takes minutes is looked for by the minute. */
export const lookEveryMs = (speed: RestoreSpeed): number =>
  speed === 'expedited' ? 60_000 : 5 * 60_000;

/**
 * Waits until a restore that is under way has ended, however long that takes. A storage that cannot be asked
 * for now is asked again, and so is one that may only not say yet that it has begun.
 *
 * @param everyMs Between two looks.
 * @throws AppError `object-archived` when it has ended without a readable copy; `no-object`
 */
export async function whenReadable(
  remote: Remote,
  key: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<Readability> {
  for (let isFirst = true; ; isFirst = false) {
    const state = await stateOf(remote, key, signal);
    if (state?.kind === 'archived' && !isFirst) throw new AppError('object-archived', key);
    if (state && state.kind !== 'restoring' && state.kind !== 'archived') return state;
    await setTimeout(everyMs, undefined, { signal });
  }
}

/** `undefined` when the storage cannot be asked for now. */
async function stateOf(
  remote: Remote,
  key: string,
  signal: AbortSignal,
): Promise<Readability | undefined> {
  try {
    return (await mustHead(remote, key, signal)).readability;
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError) || error.retry !== 'backoff') throw error;
    return undefined;
  }
}
