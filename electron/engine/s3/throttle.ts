/** @file How much is asked of a storage at once: less when it says so, more again by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SlowReason } from '#shared/corrections.ts';
import { AppError } from '#shared/errors.ts';
import { retryAfterIn } from './errors.ts';
import { createGrowth } from './growth.ts';
import type { Remote } from './remote.ts';

/** Calls at a time while nothing is wrong; and where more at a time get more done, as on a long way. */
const USUAL = 24;
const MOST = 128;
/** What was on its way together is refused together: that counts once. */
const CUT_EVERY_MS = 1_000;
/** Without another refusal for so long the storage is well. */
const FORGET_MS = 5 * 60_000;
/** A storage that takes longer for a look is worked too hard, or the line is full: fewer at a time lose nothing. */
const SLOW_MS = 5_000;
const SLOW_CUT_EVERY_MS = 20_000;
/** So often a refused call is made again before it counts as refused, after 0.5, 1, 2 and 4 s, or as long as the storage says. */
const REPEATS = 4;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

type Options = Readonly<{
  /** Never jumps. */
  monotonicMs: () => number;
  random: () => number;
  /** `undefined`: at full speed again. */
  onChange: (why: SlowReason | undefined) => void;
}>;

type Throttle = ReturnType<typeof createThrottle>;

/**
 * Additive increase, multiplicative decrease (Chiu and Jain, 1989) of the calls at a time, over all that is
 * sent: halved when the storage refuses for being busy, one more after as many successes as there are calls.
 * Beyond the usual number only where that is seen to help.
 */
export function createThrottle({ monotonicMs, random, onChange }: Options) {
  let limit = USUAL;
  const growth = createGrowth(USUAL, MOST, monotonicMs);
  let running = 0;
  let cutAtMs = Number.NEGATIVE_INFINITY;
  let why: SlowReason | undefined;
  let forgetting: NodeJS.Timeout | undefined;
  const waiting = new Set<() => void>();

  function fill(): void {
    for (const start of waiting) {
      if (running >= Math.floor(limit)) return;
      waiting.delete(start);
      running += 1;
      start();
    }
  }

  function enter(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        if (waiting.delete(start)) reject(signal.reason as Error);
      };
      const start = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      if (signal.aborted) return reject(signal.reason as Error);
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(start);
      return fill();
    });
  }

  function become(next: SlowReason | undefined): void {
    if (next === why) return;
    why = next;
    onChange(why);
  }

  function cut(reason: SlowReason, everyMs: number): void {
    const nowMs = monotonicMs();
    if (nowMs - cutAtMs < everyMs) return;
    cutAtMs = nowMs;
    limit = Math.max(1, Math.min(limit, running) / 2);
    become(reason);
    clearTimeout(forgetting);
    forgetting = setTimeout(forget, FORGET_MS).unref();
  }

  function forget(): void {
    limit = USUAL;
    become(undefined);
    fill();
  }

  function raise(): void {
    if (limit < USUAL) limit = Math.min(USUAL, limit + 1 / limit);
    else limit = growth.answered(limit, waiting.size > 0);
    if (limit >= USUAL) become(undefined);
  }

  async function once<T>(call: () => Promise<T>, signal: AbortSignal, isLook: boolean): Promise<T> {
    signal.throwIfAborted();
    if (running < Math.floor(limit)) running += 1; // Nobody waits while there is room.
    else await enter(signal);
    const startMs = monotonicMs();
    try {
      const answer = await call();
      if (isLook && monotonicMs() - startMs >= SLOW_MS) cut('slow', SLOW_CUT_EVERY_MS);
      else raise();
      return answer;
    } catch (error) {
      if (isBusy(error)) cut('asked', CUT_EVERY_MS);
      throw error;
    } finally {
      running -= 1;
      fill();
    }
  }

  return {
    /** Why less is asked than could be; `undefined` at full speed. */
    get why() {
      return why;
    },
    /** Calls at a time, as it is now. */
    get limit() {
      return Math.floor(limit);
    },
    /**
     * Makes a call when it is its turn, and again a few times where it was refused, which changed nothing.
     *
     * @param isLook It moves next to nothing, so that its time tells how the storage is.
     * @throws AppError `busy` when the storage has refused for long.
     */
    async run<T>(call: () => Promise<T>, signal: AbortSignal, isLook = false): Promise<T> {
      for (let repeats = 0; ; repeats += 1) {
        try {
          return await once(call, signal, isLook);
        } catch (error) {
          if (!isBusy(error) || repeats === REPEATS) throw error;
          const pauseMs = FIRST_PAUSE_MS * 2 ** repeats * (0.5 + random() / 2);
          const askedMs = retryAfterIn(error) ?? 0;
          if (askedMs > LONGEST_PAUSE_MS) throw error;
          await sleep(Math.max(pauseMs, askedMs), undefined, { signal });
        }
      }
    },
    close: () => clearTimeout(forgetting),
  };
}

function isBusy(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'busy';
}

type Calls = Pick<
  Remote,
  | 'putObject'
  | 'createUpload'
  | 'completeUpload'
  | 'putPart'
  | 'listParts'
  | 'listUploads'
  | 'abortUpload'
  | 'head'
  | 'read'
  | 'readRange'
  | 'deleteObject'
  | 'restoreObject'
  | 'list'
  | 'listVersions'
  | 'headVersion'
  | 'removeMarker'
>;

/** A storage that is asked at once for whatever is wanted. */
export type Unpaced = Omit<Remote, 'slowed' | 'putStream' | 'place'>;

/** All calls of a storage, in their turn. A stream's are made of these. */
export function throttled(
  remote: Unpaced,
  throttle: Throttle,
): Omit<Remote, 'putStream' | 'place'> {
  function turn<Name extends keyof Calls>(name: Name, isLook = false): Calls[Name] {
    const call = (...args: unknown[]): Promise<unknown> =>
      throttle.run(
        () => Reflect.apply(remote[name], remote, args) as Promise<unknown>,
        args.at(-1) as AbortSignal, // Every call's last one.
        isLook,
      );
    return call as Calls[Name];
  }
  return {
    ...remote,
    putObject: turn('putObject'),
    createUpload: turn('createUpload'),
    completeUpload: turn('completeUpload'),
    putPart: turn('putPart'),
    listParts: turn('listParts'),
    listUploads: turn('listUploads'),
    abortUpload: turn('abortUpload'),
    head: turn('head', true),
    read: turn('read'),
    readRange: turn('readRange'),
    deleteObject: turn('deleteObject'),
    restoreObject: turn('restoreObject'),
    list: turn('list'),
    listVersions: turn('listVersions'),
    headVersion: turn('headVersion', true),
    removeMarker: turn('removeMarker'),
    slowed: () => throttle.why,
    close() {
      throttle.close();
      remote.close();
    },
  };
}
