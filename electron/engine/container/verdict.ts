import type { Hold } from '#shared/job.ts';

/**
 * What a file's own bytes say about whether it is finished. `unknown` is everything that is no recording
 * of a kind we read, or that cannot be read: it counts as complete, since nothing speaks against it.
 */
export type Verdict = Readonly<
  | { kind: 'complete' | 'unknown' | 'empty' | 'unconverted' }
  | { kind: 'unfinished'; why: Unfinished }
  /** Its name, its size or its first bytes are not what its rule takes. */
  | { kind: 'kept'; hold: Hold }
>;

/**
 * `no-index` players cannot find the pictures and sounds · `not-closed` its recorder has not written what
 * it writes last · `cut-short` it says that it is longer than it is · `no-sound` a label and nothing after it.
 */
export type Unfinished = 'no-index' | 'not-closed' | 'cut-short' | 'no-sound';

export const complete: Verdict = { kind: 'complete' };
export const unknown: Verdict = { kind: 'unknown' };
export const unfinished = (why: Unfinished): Verdict => ({ kind: 'unfinished', why });
