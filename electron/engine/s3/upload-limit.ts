/** @file Holds all uploads together to so many bytes a second, so that a lesson’s video call goes on beside them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MIB } from '#shared/parts.ts';

/** A body goes out in pieces of at most so much time, so that uploads take turns and none goes silent. */
const PIECE_MS = 100;
const MOST_BYTES = 64 * 1024;
/** Without a limit. */
export const FREE_PIECE_BYTES = MIB;
/** What was not used is made up for within so much time, not later: a pause is no reason for a burst. */
const BURST_MS = 200;

/** Bytes a second; `undefined` for as many as the line takes. Asked again with each piece of a body. */
export type Rate = () => number | undefined;

export type UploadLimit = Readonly<{
  /** `undefined` while there is no limit. */
  pieceBytes: () => number | undefined;
  /** Resolves when so many bytes may go out, in the order of asking. */
  take: (bytes: number, signal: AbortSignal) => Promise<void>;
}>;

type Clock = Readonly<{
  monotonicMs: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
}>;

const real: Clock = {
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** A token bucket, kept as the time at which it is next empty. */
export function createUploadLimit(rate: Rate, clock: Clock = real): UploadLimit {
  let paidUntilMs = Number.NEGATIVE_INFINITY;
  return {
    pieceBytes() {
      const perSecond = rate();
      return perSecond && Math.ceil(Math.min(MOST_BYTES, (PIECE_MS * perSecond) / 1_000));
    },
    async take(bytes, signal) {
      const perSecond = rate();
      const nowMs = clock.monotonicMs();
      const fromMs = Math.max(paidUntilMs, nowMs - BURST_MS);
      // What waits under an older limit is not waited for by what comes under none.
      paidUntilMs = perSecond ? fromMs + (bytes * 1_000) / perSecond : nowMs;
      if (perSecond && fromMs > nowMs) await clock.sleep(fromMs - nowMs, signal);
    },
  };
}

/** The pieces of a body, each when it may go out. */
export async function* paced(
  body: Uint8Array,
  { pieceBytes, take }: UploadLimit,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < body.byteLength;) {
    const piece = body.subarray(from, from + (pieceBytes() ?? FREE_PIECE_BYTES));
    await take(piece.byteLength, signal);
    yield piece;
    from += piece.byteLength;
  }
}
