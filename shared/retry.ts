/** No retry is put off for longer. */
export const MAX_RETRY_MS = 15 * 60_000;

/**
 * How long to wait before attempt `attempts + 1`: doubling from 2 s, capped at 15 min, with full
 * jitter so that a classroom of laptops does not return to S3 in step after an outage.
 *
 * @param attempts Attempts already made, ≥ 1.
 * @param random   In [0, 1). Pass `Math.random` outside tests.
 * @returns Milliseconds, ≥ 1000.
 */
export function retryDelayMs(attempts: number, random: () => number): number {
  const ceilingMs = Math.min(MAX_RETRY_MS, 2_000 * 2 ** (attempts - 1));
  return Math.max(1_000, Math.floor(ceilingMs * random()));
}
