/**
 * @file Where tests reach into a run from source: places to die at, and bugs to switch on. The build
 * takes every call out (scripts/without-test-hooks.ts), so nothing of this is in what is shipped.
 */

/** The engine's moments at which a kill is tested, in the order in which a recording meets them. */
export const crashPoints = [
  'migration-step',
  'after-stat',
  'after-insert',
  'after-key-commit',
  'before-put',
  'after-put-reply-before-commit',
  'before-create',
  'after-create-reply-before-commit',
  'after-uploadid-commit',
  'after-part-reply-before-commit',
  'after-part-commit',
  'after-last-read-before-fstat',
  'after-fstat-before-complete',
  'after-complete-reply-before-commit',
  'after-completing-commit',
  'after-head-before-verified',
  'after-verified',
  'abort-before-commit',
  'abort-after-commit',
  'settings-half-written',
  'wal-checkpoint',
  'holder-removed',
  'report-export-mid',
  'cleanup-after-intent',
  'cleanup-after-rename',
  'cleanup-after-commit-before-unlink',
  'cleanup-after-unlink',
  'undo-after-rename',
  'move-after-placeholder',
  'move-after-link',
  'ledger-rebuilt',
  'delete-before-intent',
  'delete-after-intent',
  'delete-after-answer',
  'delete-before-end-of-intent',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

const [name, hit = '1'] = (process.env['CRASH_AT'] ?? '').split(':');
let hitsLeft = Number(hit);

let other: ((point: CrashPoint) => void) | undefined;

/** Lets something happen whenever a point is passed in this process, as another program might do it just then. */
export function meanwhile(happens: ((point: CrashPoint) => void) | undefined): void {
  other = happens;
}

/** Kills this process at once, as a power button would, when `CRASH_AT=point:n` names this point's nth passing. */
export function crashPoint(point: CrashPoint): void {
  other?.(point);
  if (point === name && --hitsLeft === 0) process.kill(process.pid, 'SIGKILL');
}

const mutant = Number(process.env['MUTANT']);

/** Whether `MUTANT=n` seeds this bug, of those in scripts/mutants.mjs; what each does is said where it is asked for. */
export function isMutant(number: number): boolean {
  return number === mutant;
}
