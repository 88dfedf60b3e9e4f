/** @file How long a person may pause uploads: all lengths but one end by themselves, for who forgets to resume. */
const HOUR_MS = 3_600_000;
const MORNING_HOUR = 7;

export const pauseLengths = ['resumed', 'hour', 'tomorrow'] as const;
export type PauseLength = (typeof pauseLengths)[number];

/** Longer than any that can be chosen, also where the clocks are changed in between. */
export const LONGEST_PAUSE_MS = 48 * HOUR_MS;

/** By the clock and the zone of who asks. @returns In ms since 1970; null where only a person ends it. */
export function pauseEndMs(length: PauseLength, nowMs: number): number | null {
  if (length === 'resumed') return null;
  if (length === 'hour') return nowMs + HOUR_MS;
  const morning = new Date(nowMs);
  morning.setDate(morning.getDate() + 1);
  return morning.setHours(MORNING_HOUR, 0, 0, 0);
}
