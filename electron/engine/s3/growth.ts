/** @file Whether asking more at a time is worth it: tried, and kept where more comes through. */

/** Raised by so much, at first in great steps, and kept when so much more was answered in the same time. */
const STEPS = { first: 2, later: 1.25 };
const GAIN = 1.08;
/** Rounds for which a limit that was not worth raising stays: the line and the storage may change. */
const REST_ROUNDS = 40;

/** Hill climbing between `least` and `most` calls at a time, by how many are answered in a second. */
export function createGrowth(least: number, most: number, monotonicMs: () => number) {
  let answered = 0;
  let sinceMs: number | undefined;
  /** Answers in a millisecond before the limit was last raised. */
  let before = 0;
  let rest = 0;
  let step = STEPS.first;
  let lower = least;

  function next(limit: number, rate: number): number {
    if (rest > 0) {
      rest -= 1;
      return limit;
    }
    if (limit === most && rate * GAIN > before) return limit;
    if (rate > before * GAIN) {
      before = rate;
      lower = limit;
      return Math.min(most, limit * step);
    }
    before = 0;
    rest = REST_ROUNDS;
    step = STEPS.later;
    return Math.min(lower, limit);
  }

  return {
    /**
     * A call was answered.
     *
     * @param isFull Whether others wait for a turn: only then the limit says how fast it goes.
     * @returns The limit from now on.
     */
    answered(limit: number, isFull: boolean): number {
      if (!isFull || limit < least) {
        sinceMs = undefined;
        return limit;
      }
      if (sinceMs === undefined) {
        sinceMs = monotonicMs();
        answered = 0;
        return limit;
      }
      answered += 1;
      const ms = monotonicMs() - sinceMs;
      // A round: each of those that run together was answered once.
      if (answered < limit || ms === 0) return limit;
      const rate = answered / ms;
      sinceMs = undefined;
      return next(limit, rate);
    },
  };
}
