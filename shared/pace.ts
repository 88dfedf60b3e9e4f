/** @file How fast uploads are, and when they may be done: from what the storage has acknowledged. */

/** Bytes acknowledged since some beginning, at a time of a clock that never jumps, milliseconds. */
export type Mark = Readonly<{ atMs: number; bytes: number }>;

/** Bytes per second and milliseconds, each from the least to the most that the last minutes make likely. */
export type Pace = Readonly<{
  bytesPerSecond: Range;
  leftMs: Range;
}>;
type Range = Readonly<{ least: number; most: number }>;

/** Marks older than this say nothing about now. */
export const PACE_WINDOW_MS = 180_000;
/** Speeds are compared over the last of these and over the whole window. */
const SPANS_MS = [20_000, 60_000, PACE_WINDOW_MS] as const;
/** Sooner nothing is said: the first parts of an upload arrive all at once. */
const KNOWN_AFTER_MS = 15_000;
/** A speed is measured between acknowledgements, and one part is as good as none. */
const KNOWN_AFTER_MARKS = 4;
/** Without an acknowledgement for so long the speed is not known any more. */
const STALE_MS = 30_000;

/**
 * The speed of the last 20 seconds, minute and three minutes, as one range, and how long `bytesLeft` takes
 * at each end of it.
 *
 * @param marks Oldest first, one for each acknowledgement.
 * @returns `undefined` while it is not known: too early, stalled, or nothing left.
 */
export function paceOf(marks: readonly Mark[], bytesLeft: number, nowMs: number): Pace | undefined {
  const recent = marks.filter(({ atMs }) => nowMs - atMs <= PACE_WINDOW_MS);
  const [first] = recent;
  const last = recent.at(-1);
  if (!first || !last || recent.length < KNOWN_AFTER_MARKS || bytesLeft <= 0) return undefined;
  if (nowMs - first.atMs < KNOWN_AFTER_MS || nowMs - last.atMs > STALE_MS) return undefined;
  const speeds = SPANS_MS.map((span) => speedOver(recent, nowMs, span)).filter(
    (speed) => speed !== undefined && speed > 0,
  ) as number[];
  if (speeds.length === 0) return undefined;
  const bytesPerSecond = { least: Math.min(...speeds), most: Math.max(...speeds) };
  const leftAt = (speed: number) => (bytesLeft / speed) * 1_000;
  return {
    bytesPerSecond,
    leftMs: { least: leftAt(bytesPerSecond.most), most: leftAt(bytesPerSecond.least) },
  };
}

/** Bytes per second over the last `spanMs`; `undefined` when the marks do not reach back that far. */
function speedOver(marks: readonly Mark[], nowMs: number, spanMs: number): number | undefined {
  const [first] = marks;
  const startMs = Math.max(nowMs - spanMs, first!.atMs);
  // A span that is hardly longer than the shorter one has nothing of its own to say.
  if (spanMs > SPANS_MS[0] && nowMs - first!.atMs < spanMs / 2) return undefined;
  const before = marks.findLast(({ atMs }) => atMs <= startMs);
  const bytes = marks.at(-1)!.bytes - (before?.bytes ?? 0);
  return bytes / ((nowMs - startMs) / 1_000);
}
