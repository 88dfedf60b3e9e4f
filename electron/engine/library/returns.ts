/** @file What a kill, or a line that broke off, has left unsaid of deleting and of bringing back is noted after the next start. */
import type { Database } from 'better-sqlite3';
import { DAY_MS } from '#shared/time.ts';
import { isRefusal } from '../s3/refusals.ts';
import { ledgerOf, noteReturn, type Ledger } from './bring-back.ts';
import type { Log } from '../log.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import { lookTwice } from '../upload/verify.ts';
import { wasDeleted } from './deleted.ts';
import { noteRemoval, whileStopped, type Stopping } from './objects.ts';

/**
 * A kill in another process may yet be to come, and a computer may sleep over a holiday: what is as it was is asked
 * for at each start of a week. What is gone later may be gone for another reason.
 */
const ASKED_FOR_MS = 7 * DAY_MS;
/** A computer often has no network yet when it starts. */
const AGAIN_MS = 60_000;

type Options = Readonly<{
  database: Database;
  remote: Remote;
  /** What sends here. */
  queue?: Stopping | undefined;
  /** For a job that waits: where its folder's rule says by now. */
  goByRule?: ((job: Job) => void) | undefined;
  nowMs: () => number;
  log: Log;
  /** How long after a storage could not be asked it is asked again. */
  againMs?: number;
}>;

type RuledLedger = Ledger & Pick<Options, 'goByRule'>;

/** @param onSettled There may be something to look at. */
export function createReturns(
  { database, remote, queue, goByRule, nowMs, log, againMs = AGAIN_MS }: Options,
  jobs: JobStore,
  onSettled: () => void,
) {
  const ending = new AbortController();
  let settled: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isTold = false;
  let opened: RuledLedger | undefined;
  const open = (): RuledLedger => (opened ??= { ...ledgerOf(database, jobs, nowMs), goByRule });

  function settle(): Promise<void> {
    settled ??= settleAll().then(onSettled).catch(askAgain);
    return settled;
  }

  async function settleAll(): Promise<void> {
    const ledger = open();
    await settleReturns(remote, ledger, ending.signal);
    await settleRemovals(remote, ledger, queue, ending.signal);
  }

  function askAgain(error: unknown): void {
    if (ending.signal.aborted) return;
    // A line of the log for the first time only.
    if (!isTold) log('warn', 'What was deleted or brought back is asked for later', { error });
    isTold = true;
    again();
  }

  function again(): void {
    if (ending.signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      settled = undefined;
      void settle();
    }, againMs).unref();
  }

  return {
    /**
     * Once for each start, and never throws: a storage that cannot be asked is asked again each minute. It
     * waits for the first of these tries alone.
     */
    settle,
    /** Once more in a minute: a deletion that was asked for since was not heard to be done. */
    again,
    /**
     * Of an object that is gone: whether a person has asked for its deletion from here, which was not heard. Then it
     * is noted; or, where it was not deleted by that, its job waits to go by its folder's rule.
     *
     * @throws AppError trouble with the storage
     */
    wasRemoved: (key: string, signal: AbortSignal): Promise<boolean> =>
      noteIfRemoved(remote, open(), key, signal),
    async stop(): Promise<void> {
      ending.abort(new Error('The library closes'));
      clearTimeout(timer);
      await settled;
    },
  };
}

/** What was being brought back, and is there. @throws AppError trouble with the storage */
async function settleReturns(remote: Remote, ledger: Ledger, signal: AbortSignal): Promise<void> {
  const { returns, nowMs } = ledger;
  for (const { key, begunAtMs } of returns.open(remote.place)) {
    const info = await orRefused(remote.head(key, signal));
    if (info && info !== 'refused') await noteReturn(ledger, info, remote.place);
    else if (nowMs() - begunAtMs > ASKED_FOR_MS) returns.end(key, remote.place);
  }
}

/** What was being deleted, and is gone. Who may not look does not know. @throws AppError trouble with the storage */
async function settleRemovals(
  remote: Remote,
  ledger: RuledLedger,
  queue: Stopping | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { jobs, removals, nowMs } = ledger;
  for (const { key, begunAtMs } of removals.open(remote.place)) {
    const info = await orRefused(lookTwice(remote, key, signal));
    const isLate = nowMs() - begunAtMs > ASKED_FOR_MS;
    if (info === undefined)
      await whileStopped(queue, jobs, key, () => noteIfRemoved(remote, ledger, key, signal));
    else if (isLate && info === 'refused')
      await whileStopped(queue, jobs, key, () => endUndone(ledger, key, remote.place));
    // What is there stays where it is.
    else if (isLate) removals.end(key, remote.place);
  }
  for (const key of removals.elsewhere(remote.place))
    await whileStopped(queue, jobs, key, () => jobs.together(() => goByRules(ledger, key)));
}

/** It was not deleted, as far as is known. */
const endUndone = (ledger: RuledLedger, key: string, place: string): Promise<void> =>
  ledger.jobs.together(() => {
    ledger.removals.end(key, place);
    goByRules(ledger, key);
  });

/** What is on its way looks for its own key, and finds nothing there: it is begun again. */
function goByRules({ jobs, goByRule, nowMs }: RuledLedger, key: string): void {
  for (const job of jobs.ofObject(key)) {
    const back = { type: 'interrupted', atMs: nowMs(), code: null } as const;
    goByRule?.(job.state.kind === 'uploading' ? jobs.apply(job.id, [back]) : job);
  }
}

/**
 * What was asked for long ago, and shows no marker, is not taken for deleted: it counts as before.
 *
 * @returns Whether it was asked for.
 */
async function noteIfRemoved(
  remote: Remote,
  ledger: RuledLedger,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { objects, removals, nowMs } = ledger;
  const begunAtMs = removals.begunAtMs(key, remote.place);
  if (begunAtMs === undefined) return false;
  const isLate = nowMs() - begunAtMs > ASKED_FOR_MS;
  if (isLate && !(await wasDeleted(remote, key, signal))) {
    await endUndone(ledger, key, remote.place);
    return true;
  }
  noteRemoval(ledger, key, remote.place, nowMs());
  await objects.remove(key);
  return true;
}

const orRefused = (
  look: Promise<ObjectInfo | undefined>,
): Promise<ObjectInfo | 'refused' | undefined> =>
  look.catch((error: unknown) => {
    if (isRefusal(error)) return 'refused';
    throw error;
  });
