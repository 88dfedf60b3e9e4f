import { AppError, type ErrorCode } from '#shared/errors.ts';
import { MAX_RETRY_MS } from '#shared/retry.ts';
import { createFailures, type Interruption } from './failures.ts';
import { createGate, type StorageState, type Trouble } from './gate.ts';
import { createIdle } from './idle.ts';
import { newTarget } from './targets.ts';
import { crashPoint, isMutant } from '../test-hooks.ts';
import { Recalled } from '../upload/recalled.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import type { Lane } from '../store/job-indexes.ts';

export type QueueOptions = Readonly<{
  jobs: JobStore;
  /** Jobs at a time in each lane. */
  width: Readonly<Record<Lane, number>>;
  nowMs: () => number;
  /** Never jumps, unlike the computer's clock. */
  monotonicMs: () => number;
  random: () => number;
  run: (job: Job, signal: AbortSignal) => Promise<void>;
  /** A file changed under its upload: its path has to be looked at again. */
  onSuperseded: (job: Job) => void;
  onStorage: (state: StorageState, trouble?: Trouble) => void;
  onError: (job: Job, error: unknown, code: ErrorCode) => void;
}>;

/** How soon a ledger that could not be written is tried again. */
const LEDGER_RETRY_MS = 5_000;

const lanes: readonly Lane[] = ['small', 'large'];

/** What a clock loses by itself, and by being corrected a little, is less. */
const CLOCK_JUMP_MS = 2_000;

/** Claims jobs, runs them, and decides what a failure means. */
export function createQueue(options: QueueOptions) {
  const { jobs, width, nowMs, random, run, onStorage, onError } = options;
  const { monotonicMs } = options;
  const running = new Map<number, { stop: AbortController; ended: Promise<void> }>();
  /** How many run in each lane. */
  const busy = { small: 0, large: 0 };
  const gate = createGate({ nowMs, random, onChange: onStorage });
  const failed = createFailures(options, gate, putBack);
  let timer: NodeJS.Timeout | undefined;
  let isStarted = false;
  let isDue = false;
  let isPaused = false;
  let grace: NodeJS.Timeout | undefined;
  let holds = 0;
  /** Jobs whose end the ledger could not take down; they are put back when it can. */
  const unwritten = new Set<number>();
  let ledgerTrouble: AppError | undefined;
  let isClaiming = false;
  const isBusy = () => running.size > 0 || isClaiming;
  const idle = createIdle({
    gate,
    isBusy,
    ledgerTrouble: () => ledgerTrouble,
    nextStartMs: () => jobs.nextStartMs(),
    nowMs,
  });

  /** How far the computer's clock is ahead of the one that never jumps. */
  let aheadMs = Infinity;
  /** Times are stored by the computer's clock. One that was set back must not make anything wait for the difference. */
  function followClock(): void {
    const before = aheadMs;
    aheadMs = nowMs() - monotonicMs();
    if (before - aheadMs < CLOCK_JUMP_MS || isMutant(22)) return; // Bug 22: it keeps them waiting.
    jobs.bringForward(nowMs() + MAX_RETRY_MS, nowMs());
    gate.tryNow();
  }

  /** Keeps up to `width` jobs running. Call it whenever there may be work; too often is harmless. */
  function pump(): void {
    if (!isStarted || holds > 0) return;
    try {
      followClock();
      for (const id of unwritten) {
        interrupted(id);
        unwritten.delete(id);
      }
      if (!isPaused && mayFill()) void fill();
      else if (!isPaused && !isBusy() && !gate.trouble && jobs.startApart(nowMs())) soon();
      ledgerTrouble = undefined;
      if (gate.trouble && !isBusy() && jobs.nextStartMs() === undefined) gate.forget();
      // What claims calls this again when it has.
      if (!isPaused && !isClaiming) arm();
      idle.check();
    } catch (error) {
      ledgerFailed(error);
    }
  }

  /** The disk is full, or gone: nothing is begun that could not be written down. */
  function ledgerFailed(error: unknown): void {
    ledgerTrouble = new AppError('home-unusable', String(error), { cause: error });
    clearTimeout(timer);
    timer = setTimeout(pump, LEDGER_RETRY_MS);
    idle.check();
  }

  /** The same, once, after all that happens in this turn of the event loop. */
  function soon(): void {
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      pump();
    });
  }

  function roomIn(lane: Lane): number {
    // While the storage is in trouble one job at a time finds out whether it is back.
    if (gate.trouble !== undefined) return 1 - running.size;
    return width[lane] - busy[lane];
  }
  const isFull = () => roomIn('small') <= 0 && roomIn('large') <= 0;

  const mayStart = (lane: Lane) => roomIn(lane) > 0 && jobs.hasRunnable(lane, nowMs());
  const mayFill = () => !isClaiming && gate.isOpen() && lanes.some(mayStart);

  /** Claims share their commit with whatever else is written: see `together`. */
  async function fill(): Promise<void> {
    isClaiming = true;
    const trouble = await jobs.together(claim).catch((error: unknown) => error);
    isClaiming = false;
    if (trouble === undefined) pump();
    else if (isStarted) ledgerFailed(trouble);
  }

  /** Inside a transaction, and later than it was asked for: whatever has happened meanwhile counts. */
  function claim(): void {
    if (!isStarted || isPaused || holds > 0 || !gate.isOpen()) return;
    const { trouble } = gate;
    // What was put first may itself be the trouble: every other probe is of something else, if there is anything.
    const isForOthers = trouble !== undefined && trouble.failures % 2 === 0;
    const taken = isForOthers ? claimFrom(0, 0) : 0;
    claimFrom(undefined, taken);
  }

  /** @returns How many have been claimed, with those of before. */
  function claimFrom(turnMs: number | undefined, before: number): number {
    let taken = before;
    for (const lane of lanes) {
      const room = gate.trouble === undefined ? roomIn(lane) : roomIn(lane) - taken;
      if (room <= 0) continue;
      const claimed = jobs.claim(lane, nowMs(), room, turnMs);
      taken += claimed.length;
      jobs.afterCommit(() => {
        for (const job of claimed) begin(job, lane);
      });
    }
    return taken;
  }

  /** It counts as running from here on: who stops it, or changes it, waits for its end. */
  function begin(claimed: Job, lane: Lane): void {
    // Bug 6: each attempt chooses its key, and knows nothing of the one before.
    const { id, destination, name } = claimed;
    const job = isMutant(6) ? jobs.retarget(id, [], newTarget(destination, name)) : claimed;
    crashPoint('after-key-commit');
    const stop = new AbortController();
    busy[lane] += 1;
    // An attempt that has put its job back itself may not have come to its end yet.
    const former = running.get(id)?.ended;
    running.set(id, { stop, ended: attempt(job, lane, stop, former) });
  }

  /** Wakes at the time when the next waiting job may start. */
  function arm(): void {
    clearTimeout(timer);
    const next = Math.max(jobs.nextStartMs() ?? Infinity, gate.trouble?.nextTryAtMs ?? -Infinity);
    // A probe that runs wakes the queue itself when it ends.
    if (next === Infinity || isFull()) return;
    timer = setTimeout(pump, Math.min(60_000, Math.max(50, next - nowMs())));
  }

  /** Never throws. */
  async function attempt(
    job: Job,
    lane: Lane,
    stop: AbortController,
    former: Promise<void> | undefined,
  ): Promise<void> {
    const { signal } = stop;
    try {
      await former;
      await run(job, signal);
      gate.succeeded();
    } catch (error) {
      try {
        await (signal.aborted ? putBack(job.id) : failed(job.id, error));
      } catch (ledger) {
        unwritten.add(job.id);
        onError(job, ledger, 'home-unusable');
      }
    } finally {
      busy[lane] -= 1;
      if (running.get(job.id)?.stop === stop) running.delete(job.id);
      soon();
    }
  }

  function stopAll(): void {
    for (const { stop } of running.values()) stop.abort();
  }

  function interrupted(id: number, why: Interruption = { code: null }): void {
    const kind = jobs.get(id)?.state.kind;
    // Somebody may have cancelled it meanwhile.
    if (kind === 'uploading' || kind === 'verifying')
      jobs.apply(id, [{ type: 'interrupted', atMs: nowMs(), ...why }]);
  }

  /** Hundreds that are stopped, or that lose the storage, at once: one wait for the disk, not one each. */
  function putBack(id: number, why?: Interruption): Promise<void> {
    return jobs.together(() => interrupted(id, why));
  }

  return {
    pump,
    soon,
    start(): void {
      isStarted = true;
      pump();
    },
    get isPaused() {
      return isPaused;
    },
    /** Nothing starts until it is ended. What still runs after `graceMs` is put back, resumable. */
    setPaused(paused: boolean, graceMs = 0): void {
      isPaused = paused;
      clearTimeout(grace);
      if (paused && graceMs === 0) stopAll();
      else if (paused) grace = setTimeout(stopAll, graceMs);
      pump();
    },
    /** The storage's trouble, while it lasts. */
    get trouble() {
      return gate.trouble;
    },
    /** The storage has given a proven answer: the others need not wait for the probe's end. */
    reached(): void {
      const waited = gate.trouble !== undefined;
      gate.succeeded();
      if (waited) pump();
    },
    /** Tries the storage again now, because somebody asked. */
    tryNow(): void {
      gate.tryNow();
      pump();
    },
    /** Stops these jobs and lets `change` alter what waits, before anything is begun again. */
    async change<T>(ids: readonly number[], change: () => T | Promise<T>): Promise<T> {
      holds += 1;
      try {
        const stopped = ids.flatMap((id) => running.get(id) ?? []);
        for (const { stop } of stopped) stop.abort(new Recalled());
        await Promise.all(stopped.map(({ ended }) => ended));
        return await change();
      } finally {
        holds -= 1;
        pump();
      }
    },
    idle: idle.wait,
    /** Stops every running job and puts it back, resumable. */
    async stop(): Promise<void> {
      isStarted = false;
      clearTimeout(timer);
      clearTimeout(grace);
      stopAll();
      await Promise.allSettled([...running.values()].map(({ ended }) => ended));
    },
  };
}
