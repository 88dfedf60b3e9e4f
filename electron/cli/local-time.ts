/** @file Times for people, in the user's zone. `--json` has them as ISO 8601 in UTC. */
const minutes = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** `5 Mar 2026, 14:07`, as the window shows it. */
export const localTime = (ms: number): string => minutes.format(ms);

// Swedish dates are those that sort as they are written.
const seconds = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

/** `2026-03-05 14:07:09`, for the lines of a log. */
export const logTime = (ms: number): string => seconds.format(ms);
