/** @file What keeps a file from being sent unasked, and what kept it until now. */
import type { Hold } from '#shared/job.ts';
import type { Verdict } from '../container/verdict.ts';
import type { Job } from '../store/jobs.ts';

export const needsClass: Hold = { reason: 'needs-class' };

export function isHeldForItself(
  state: Job['state'],
): state is Extract<Job['state'], { kind: 'held' }> {
  return state.kind === 'held' && state.reason !== 'needs-class';
}

export function isHeldForClass(state: Job['state']): boolean {
  return state.kind === 'held' && state.reason === 'needs-class';
}

/** By what its folder's rule says of names and sizes, and not by its bytes. */
export function isKeptByLimits(
  state: Job['state'],
): state is Extract<Job['state'], { kind: 'held' }> {
  return state.kind === 'held' && ['not-taken', 'over-limit', 'under-limit'].includes(state.reason);
}

export function isSameHold({ reason, detail }: Hold, other: Hold | undefined): boolean {
  return reason === other?.reason && detail === other.detail;
}

/** What keeps a file from being sent unasked, by itself. */
export function holdFor(verdict: Verdict): Hold | undefined {
  if (verdict.kind === 'kept') return verdict.hold;
  return verdict.kind === 'complete' || verdict.kind === 'unknown'
    ? undefined
    : { reason: verdict.kind };
}
