/** @file Stored recordings that an audit did not find in the storage as they were sent: what a person decides about them. */
import pLimit from 'p-limit';
import type { RefutedReason } from '#shared/audit.ts';
import { AppError } from '#shared/errors.ts';
import { findObject } from '../s3/find.ts';
import { ASKED_ABREAST, type Remote } from '../s3/remote.ts';
import { createIntake } from '../queue/intake.ts';
import type { auditStore } from '../store/audits.ts';
import type { JobStore } from '../store/jobs.ts';
import type { LinkStore } from '../store/links.ts';
import type { ObjectIndex } from '../store/objects.ts';

type Context = Readonly<{
  remote: Remote;
  jobs: JobStore;
  links: LinkStore;
  objects: ObjectIndex;
  nowMs: () => number;
}>;

/**
 * The keys of what a person was shown: an audit that goes by itself may have found others since.
 *
 * @param files As many as were shown.
 * @throws AppError `usage` where it is another number now.
 */
export function keysAsShown(
  audits: Pick<ReturnType<typeof auditStore>, 'keysOf' | 'refuted'>,
  reason: RefutedReason,
  files: number,
): string[] {
  const now = audits.refuted()[reason] ?? 0;
  if (now !== files) throw new AppError('usage', `It is ${now} now, not ${files}: look again`);
  return audits.keysOf(reason);
}

/**
 * Sends them again under new keys, or no longer counts them as stored. The storage is asked once more before:
 * what is there by now stays as it is.
 *
 * @param keys Of objects that the audit found `reason` for.
 * @returns How many are settled, and how many are there after all.
 */
export async function settleGone(
  { remote, jobs, links, objects, nowMs }: Context,
  keys: readonly string[],
  reason: RefutedReason,
  isAgain: boolean,
  signal: AbortSignal,
): Promise<{ settled: number; there: number }> {
  const intake = createIntake(jobs, nowMs);
  const look = pLimit(ASKED_ABREAST);
  const isMissing = reason !== 'differs-in-bucket';
  const isThere = async (key: string) =>
    isMissing && (await findObject(remote, key, signal)) !== undefined;
  let settled = 0;
  let there = 0;
  async function settle(key: string): Promise<void> {
    if (await isThere(key)) {
      there += 1;
      return;
    }
    if (isMissing) links.kill(key, remote.place, nowMs());
    for (const job of jobs.ofObject(key)) {
      if (job.state.kind !== 'verified') continue;
      if (isAgain) intake.sendAgain(job);
      else jobs.apply(job.id, [{ type: 'deleted' }]);
      settled += 1;
    }
    if (isMissing) await objects.remove(key);
  }
  // After the first trouble no other is asked for, and none is still asked for when it is told.
  const troubles: unknown[] = [];
  const unlessTrouble = async (key: string): Promise<void> => {
    if (troubles.length === 0) await settle(key).catch((error: unknown) => troubles.push(error));
  };
  await Promise.all(keys.map((key) => look(unlessTrouble, key)));
  if (troubles.length > 0) throw troubles[0];
  return { settled, there };
}
