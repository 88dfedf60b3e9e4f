import type { Database } from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import type { Destination } from '#shared/recording.ts';
import { mayHandOver } from '../school/school.ts';
import { judgeObject, lookTwice } from '../upload/verify.ts';
import { unlessAborted } from '../waiting.ts';
import type { AheadOf } from '../watch/ahead.ts';
import type { createEvents } from '../events.ts';
import { createHandTaking } from './hand-taking.ts';
import type { Intake } from './intake.ts';
import type { Log } from '../log.ts';
import type { createQueue } from './queue.ts';
import type { createSpace } from './space.ts';
import type { Remote } from '../s3/remote.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import type { TakenInStore } from '../store/taken-in.ts';

/** How long it waits for a retry before it leaves the file to the queue. */
const PATIENCE_MS = 60_000;
/** How much longer than two quiet times a window waits for the first, or the next, of the files that it has put in. */
const QUIET_MARGIN_MS = 5_000;
/** How often it waits for a file that changes under its upload. */
const ROUNDS = 3;

export type HandUploadContext = Readonly<{
  database: Database;
  jobs: JobStore;
  takenIn: TakenInStore;
  space: Pick<ReturnType<typeof createSpace>, 'assertRoom'>;
  intake: Intake;
  queue: ReturnType<typeof createQueue>;
  remote: Remote;
  events: ReturnType<typeof createEvents>;
  ahead: Pick<AheadOf, 'begin' | 'drop'>;
  quietMs: number;
  nowMs: () => number;
  monotonicMs: () => number;
  log: Log;
}>;

/** Files that a person sends, and those of folders that are not watched any more. */
export function createHandUpload(context: HandUploadContext) {
  const { jobs, takenIn, space, intake, queue, remote, quietMs, log } = context;
  const stopping = new AbortController();
  /** Paths that somebody waits for here, until they are quiet or done with. */
  const awaited = new Set<string>();
  const taking = createHandTaking(context, stopping.signal);

  function stateOf(result: number | AppError | undefined): Job['state'] | undefined {
    return typeof result === 'number' ? jobs.get(result)?.state : undefined;
  }
  function isUnderWay(result: number | AppError | undefined): boolean {
    const kind = stateOf(result)?.kind;
    if (kind === undefined || hasChanged(result)) return false;
    return ['queued', 'uploading', 'uploaded', 'verifying'].includes(kind);
  }
  function hasChanged(result: number | AppError | undefined): boolean {
    const state = stateOf(result);
    if (state?.kind === 'queued') return state.code === 'file-changed';
    return state?.kind === 'dropped' && state.why === 'superseded';
  }

  /** "Verified" is what was so then. A person who asks anew is told what is so now, and what is gone is sent again. */
  async function reassure(
    result: number | AppError | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const job = typeof result === 'number' ? jobs.get(result) : undefined;
    if (job?.state.kind !== 'verified' || job.key === undefined) return;
    const { key, token, fingerprint } = job;
    // A second one of what is there would be there twice for good.
    const info = await lookTwice(remote, key, signal);
    const verdict = info && fingerprint && judgeObject({ token, fingerprint }, info);
    if (verdict !== 'verified' && verdict !== 'read-back-needed') intake.sendAgain(job);
  }

  async function upload(
    paths: readonly string[],
    to: Destination,
    signal: AbortSignal,
  ): Promise<(Job | AppError)[]> {
    mayHandOver(remote.limits);
    const results = new Map<string, number | AppError>();
    let waiting: readonly string[] = [...new Set(paths)];
    queue.start();
    // A file that changes under its upload is waited for again, so that its newer version is sent.
    for (let round = 1; waiting.length > 0 && round <= ROUNDS; round += 1) {
      await taking.take(waiting, to, results, signal);
      for (const path of waiting) await reassure(results.get(path), signal);
      queue.pump();
      const isDone = () => [...results.values()].every((result) => !isUnderWay(result));
      await queue.idle(PATIENCE_MS, signal, isDone);
      waiting = waiting.filter((path) => hasChanged(results.get(path)));
    }
    return paths.map((path) => {
      const result = results.get(path)!;
      if (hasChanged(result)) return new AppError('file-changed', path);
      return result instanceof AppError ? result : jobs.get(result)!;
    });
  }

  /** A file has changed under an upload that nobody waits for: its newer version goes where that was to go. */
  function takeAgain({ path, destination: to }: Job): void {
    if (to === undefined || awaited.has(path)) return;
    const { signal } = stopping;
    whileAwaited([path], () => taking.take([path], to, new Map(), signal))
      .then(() => queue.pump())
      .catch((error: unknown) => {
        if (!signal.aborted) log('error', 'A file could not be looked at again', { path, error });
      });
  }

  async function takeIn(
    paths: readonly string[],
    to: Destination,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number | AppError>> {
    const results = new Map<string, number | AppError>();
    mayHandOver(remote.limits);
    space.assertRoom();
    const patience = new AbortController();
    const until = AbortSignal.any([signal, stopping.signal, patience.signal]);
    const timer = setTimeout(() => patience.abort(), 2 * quietMs + QUIET_MARGIN_MS);
    const onTaken = () => {
      // Of a large folder the last one is no less quiet than the first.
      timer.refresh();
      queue.soon();
    };
    const taken = whileAwaited(paths, () =>
      // One that goes on changing holds no other up.
      taking.take(paths, to, results, until, { onTaken, isWritten: true }),
    );
    try {
      // A disk that does not answer keeps nobody waiting.
      await unlessAborted(taken, until).catch((error: unknown) => {
        if (!patience.signal.aborted) throw error;
      });
    } finally {
      clearTimeout(timer);
      // At an end nobody hears the answer: the next start goes on. Else it says what was not taken.
      const isEnd = signal.aborted || stopping.signal.aborted;
      const forget = () => paths.forEach((path) => takenIn.remove(path, to));
      // Behind what is being written down.
      if (!isEnd) await jobs.together(forget);
    }
    for (const [path, result] of results) {
      await reassure(result, signal).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        results.set(path, error);
      });
      const job = hasChanged(result) && typeof result === 'number' && jobs.get(result);
      if (job) takeAgain(job);
    }
    queue.pump();
    return results;
  }

  async function whileAwaited<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const path of paths) awaited.add(path);
    try {
      return await work();
    } finally {
      for (const path of paths) awaited.delete(path);
    }
  }

  return {
    /**
     * Uploads these files now, once they are quiet.
     *
     * @returns For each path its job when it is done with, or the error that kept it from becoming one.
     * @throws AppError as `mayHandOver`
     */
    uploadNow: (paths: readonly string[], to: Destination, signal: AbortSignal) =>
      whileAwaited(paths, () => upload(paths, to, signal)),

    /**
     * Puts these files into the queue once they are quiet, and leaves them to it.
     *
     * @returns For each path its job's id, or why it is none; a file that goes on changing is left out.
     * @throws AppError `disk-full`; as `mayHandOver`
     */
    takeIn,
    takeAgain,
    goOn: taking.goOn,
    settling: taking.settling,
    outside: taking.outside,
    /** Somebody else waits for the file, and decides about a newer version of it. */
    leave: (path: string): void => void awaited.add(path),
    takeBack: (path: string): void => void awaited.delete(path),
    stop: () => stopping.abort(new Error('stopping')),
  };
}
