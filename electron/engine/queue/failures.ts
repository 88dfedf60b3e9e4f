/** @file What the failure of a job's attempt means, for it and for the storage. */
import { catalogue } from '#shared/troubles/catalogue.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { retryDelayMs } from '#shared/retry.ts';
import type { Gate } from './gate.ts';
import type { QueueOptions } from './queue.ts';
import { newTarget } from './targets.ts';
import { crashPoint } from '../test-hooks.ts';
import { Kept } from '../upload/kept.ts';
import type { Job } from '../store/jobs.ts';

/** Of what is kept with a job for support: an error of a whole page must not fill the ledger. */
const DETAIL_CHARACTERS = 500;

/** Failures after which the storage may be in trouble as before: the file's own, and a refusal. */
const saysNothing: ReadonlySet<ErrorCode> = new Set([
  'access-denied',
  'upload-denied',
  'disk-error',
  'file-changed',
  'file-away',
  'file-gone',
  'file-unreadable',
  'not-a-file',
  'scan-failed',
  'scan-hit',
  'scanner-missing',
  'unexpected',
]);

/** `passes`: that a person has put it first counts no more. */
export type Interruption = Readonly<{
  code: ErrorCode | null;
  detail?: string | undefined;
  passes?: boolean;
}>;

type Options = Pick<QueueOptions, 'jobs' | 'nowMs' | 'random' | 'onSuperseded' | 'onError'>;

/**
 * @param putBack Lets a job wait for its turn again, with others that have failed in the same way.
 * @returns Writes down what becomes of a job that has failed.
 */
export function createFailures(
  options: Options,
  gate: Gate,
  putBack: (id: number, why: Interruption) => Promise<void>,
) {
  const { jobs, nowMs, random, onSuperseded, onError } = options;
  /** Put first, and the one with which the door was shut. */
  const shutters = new Set<number>();

  /** Again, though others came through meanwhile: it is this one that the storage does not take. */
  function isShutAgainBy({ id, state }: Job): boolean {
    if (gate.trouble !== undefined || !('turnMs' in state)) return false;
    const isAgain = shutters.has(id);
    shutters.add(id);
    return isAgain;
  }

  return async (id: number, error: unknown): Promise<void> => {
    const job = jobs.get(id);
    if (!job || !('attempts' in job.state)) return;
    if (error instanceof Kept) {
      jobs.apply(id, [{ type: 'kept', hold: error.hold }]);
      return;
    }
    const code = error instanceof AppError ? error.code : 'unexpected';
    onError(job, error, code);
    const detail =
      error instanceof AppError ? error.details?.slice(0, DETAIL_CHARACTERS) : undefined;
    const { retry, scope } = catalogue[code];
    if (scope === 'storage') {
      // Not this file's fault: it keeps its attempts, and the others need not find out one by one.
      const passes = isShutAgainBy(job);
      gate.failed(code, detail);
      return putBack(id, { code, detail, passes });
    }
    // Nothing of it is claimed until it is back: no attempt was made on the file.
    if (code === 'folder-away') return putBack(id, { code, detail });
    if (code === 'scan-hit') {
      const found = error instanceof Error ? error.message : undefined;
      jobs.apply(id, [{ type: 'kept', hold: { reason: 'infected', detail: found } }]);
      return;
    }
    if (!saysNothing.has(code)) gate.succeeded();
    const notBeforeMs =
      nowMs() +
      (retry === 'backoff' || retry === 'superseded' || job.state.attempts > 1
        ? retryDelayMs(job.state.attempts, random)
        : 0);
    const event = { type: 'broke', code, detail, notBeforeMs } as const;
    if (retry === 'new-key') jobs.retarget(id, [event], newTarget(job.destination, job.name));
    else jobs.apply(id, [event]);
    if (retry !== 'backoff' && retry !== 'after-user') crashPoint('abort-after-commit');
    if (retry === 'superseded') onSuperseded(job);
  };
}
