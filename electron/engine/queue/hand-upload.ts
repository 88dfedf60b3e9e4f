import { AppError } from '#shared/errors.ts';
import type { Destination } from '#shared/recording.ts';
import { look, type Found } from '../watch/scan.ts';
import { createSettle } from '../watch/settle.ts';
import { judgeObject } from '../upload/verify.ts';
import type { AheadOf } from '../watch/ahead.ts';
import type { createEvents } from '../events.ts';
import type { Intake } from './intake.ts';
import type { Log } from '../log.ts';
import type { createQueue } from './queue.ts';
import type { Remote } from '../s3/remote.ts';
import type { Job, JobStore } from '../store/jobs.ts';

/** How long it waits for a retry before it leaves the file to the queue. */
const PATIENCE_MS = 60_000;
/** How much longer than two quiet times a window waits for files that it has put in. */
const QUIET_MARGIN_MS = 5_000;
/** How often it waits for a file that changes under its upload. */
const ROUNDS = 3;

export type HandUploadContext = Readonly<{
  jobs: JobStore;
  intake: Intake;
  queue: ReturnType<typeof createQueue>;
  remote: Remote;
  events: ReturnType<typeof createEvents>;
  ahead: Pick<AheadOf, 'begin' | 'drop'>;
  quietMs: number;
  monotonicMs: () => number;
  log: Log;
}>;

/** Files that a person sends, and those of folders that are not watched any more. */
export function createHandUpload(context: HandUploadContext) {
  const { jobs, intake, queue, remote, events, ahead, quietMs, monotonicMs, log } = context;
  const stopping = new AbortController();
  /** Paths that somebody waits for here, until they are quiet or done with. */
  const awaited = new Set<string>();
  /** Of these no job was made yet. */
  const unsettled = new Set<string>();

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

  /** Waits until the files are quiet and makes them jobs; what cannot become one gets its error. */
  async function takeInByHand(
    paths: readonly string[],
    to: Destination,
    results: Map<string, number | AppError>,
    signal: AbortSignal,
    onTaken = () => {},
  ): Promise<void> {
    const open = new Set(paths);
    const all = Promise.withResolvers<void>();
    for (const path of open) unsettled.add(path);
    const note = (path: string, result: number | AppError) => {
      results.set(path, result);
      open.delete(path);
      unsettled.delete(path);
      if (open.size === 0) all.resolve();
    };
    const settle = createSettle({
      quietMs,
      monotonicMs,
      onWaiting: ({ path, sizeBytes }, why, isNews) => {
        if (!isNews) return;
        ahead.drop(path);
        events.emit({ type: 'settling', path, sizeBytes, why });
      },
      onHalfQuiet(sighting) {
        // Of one that is known most likely nothing is sent.
        if (jobs.ofVersion(sighting).length === 0) void ahead.begin(sighting);
      },
      graceMs: 0, // Somebody waits for the answer.
      onSettled(sighting, verdict) {
        note(sighting.path, intake.acceptByHand(sighting, to, verdict).id);
        onTaken();
      },
      onGone: (path) => note(path, new AppError('file-gone', path)),
      onError: (path, error) => log('error', 'A file could not be queued', { path, error }),
    });
    try {
      for (const path of paths) {
        const found = await look(path);
        if (found.kind === 'skipped') note(path, refusal(found));
        else if (found.sighting.sizeBytes === 0) note(path, new AppError('empty-file', path));
        else settle.observe(found.sighting);
      }
      signal.throwIfAborted();
      await Promise.race([all.promise, aborted(signal)]);
    } finally {
      settle.stop();
      for (const path of open) {
        ahead.drop(path);
        unsettled.delete(path);
      }
    }
  }

  /** "Verified" is what was so then. A person who asks anew is told what is so now, and what is gone is sent again. */
  async function reassure(
    result: number | AppError | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const job = typeof result === 'number' ? jobs.get(result) : undefined;
    if (job?.state.kind !== 'verified' || job.key === undefined) return;
    const { key, token, fingerprint } = job;
    const info = await remote.head(key, signal);
    const verdict = info && fingerprint && judgeObject({ token, fingerprint }, info);
    if (verdict !== 'verified' && verdict !== 'read-back-needed') intake.sendAgain(job);
  }

  async function upload(
    paths: readonly string[],
    to: Destination,
    signal: AbortSignal,
  ): Promise<(Job | AppError)[]> {
    const results = new Map<string, number | AppError>();
    let waiting: readonly string[] = [...new Set(paths)];
    queue.start();
    // A file that changes under its upload is waited for again, so that its newer version is sent.
    for (let round = 1; waiting.length > 0 && round <= ROUNDS; round += 1) {
      await takeInByHand(waiting, to, results, signal);
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
    whileAwaited([path], () => takeInByHand([path], to, new Map(), signal))
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
    const patience = AbortSignal.timeout(2 * quietMs + QUIET_MARGIN_MS);
    const until = AbortSignal.any([signal, stopping.signal, patience]);
    const taking = whileAwaited(paths, () =>
      // One that goes on changing holds no other up.
      takeInByHand(paths, to, results, until, () => queue.soon()),
    );
    // A disk that does not answer keeps nobody waiting.
    await Promise.race([taking, aborted(until)]).catch((error: unknown) => {
      if (!patience.aborted) throw error;
    });
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
     */
    uploadNow: (paths: readonly string[], to: Destination, signal: AbortSignal) =>
      whileAwaited(paths, () => upload(paths, to, signal)),

    /**
     * Puts these files into the queue once they are quiet, and leaves them to it.
     *
     * @returns For each path its job's id, or why it is none; a file that goes on changing is left out.
     */
    takeIn,
    takeAgain,
    /** What is outside of the ledger, with the files that are waited for here: a stop would forget them. */
    beside: <T extends Readonly<{ unseen: number }>>(outside: T): T => ({
      ...outside,
      unseen: outside.unseen + unsettled.size,
    }),
    /** Somebody else waits for the file, and decides about a newer version of it. */
    leave: (path: string): void => void awaited.add(path),
    takeBack: (path: string): void => void awaited.delete(path),
    stop: () => stopping.abort(new Error('stopping')),
  };
}

function refusal({ path, reason, code }: Extract<Found, { kind: 'skipped' }>): AppError {
  // Only a file that is gone again has no code.
  return code === undefined
    ? new AppError('no-file', path)
    : new AppError(code, `${path}: ${reason}`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
}
