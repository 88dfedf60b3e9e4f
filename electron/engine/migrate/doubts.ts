/**
 * @file What speaks against a file of an archive, for its plan: a few of its own bytes are read, as of the recordings
 * of a watched folder.
 */
import { AppError } from '#shared/errors.ts';
import type { PlanProblem } from '#shared/migration/plan.ts';
import { judgeOpened } from '../container/judge.ts';
import type { Unfinished, Verdict } from '../container/verdict.ts';
import { openSource } from '../files/source.ts';
import type { Sighting } from '../watch/scan.ts';

const unfinished: Record<Unfinished, string> = {
  'no-index': 'players find no pictures or sound in it',
  'not-closed': 'its recorder did not close it',
  'cut-short': 'it ends before the end that it names',
  'no-sound': 'a label, and no sound',
};

/** Why a file cannot be read; or that it looks unfinished, or is not what its name says. */
export async function doubtAbout(
  path: string,
  sighting: Sighting,
  signal: AbortSignal,
): Promise<PlanProblem | undefined> {
  try {
    await using source = await openSource({ ...sighting, file: sighting }, signal);
    return doubtOf(path, await judgeOpened(source.file, sighting));
  } catch (error) {
    if (signal.aborted) throw error;
    return readProblem(path, error);
  }
}

function doubtOf(path: string, verdict: Verdict): PlanProblem | undefined {
  if (verdict.kind === 'unfinished')
    return { problem: 'unfinished', path, detail: unfinished[verdict.why] };
  if (verdict.kind === 'unconverted')
    return { problem: 'unfinished', path, detail: 'Zoom has made no video of it yet' };
  return verdict.kind === 'kept'
    ? { problem: 'wrong-type', path, detail: verdict.hold.detail }
    : undefined;
}

/** @throws What is no trouble with a file. */
export function readProblem(path: string, error: unknown): PlanProblem {
  if (!(error instanceof AppError)) throw error;
  return error.code === 'file-changed' || error.code === 'file-gone'
    ? { problem: 'still-changing', path }
    : { problem: 'unreadable', path, detail: error.title };
}
