/** @file Times of log lines. Those for people are in shared/format.ts; `--json` has them as ISO 8601 in UTC. */

// Swedish dates are those that sort as they are written.
const seconds = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

/** `2026-03-05 14:07:09`, in the user's zone, for the lines of a log. */
export const logTime = (ms: number): string => seconds.format(ms);
