/** @file Which changes of a job are worth a line of the history. */
import type { JobState } from '#shared/job.ts';
import type { HistoryStore, NewLine } from './history.ts';
import type { Job } from './job-row.ts';

/** @param before `undefined` for a job that has just been made. @returns The job as it is. */
export function noteChange(history: HistoryStore, before: JobState | undefined, job: Job): Job {
  const line = lineOf(before, job.state);
  const { id: jobId, name, destination } = job;
  const classId = destination?.kind === 'audio' ? destination.classId : undefined;
  if (line !== undefined) history.add({ ...line, name, classId, jobId });
  return job;
}

function lineOf(
  before: JobState | undefined,
  now: JobState,
): Pick<NewLine, 'kind' | 'code'> | undefined {
  if (now.kind === 'held')
    return before?.kind === 'held' && before.reason === now.reason
      ? undefined
      : { kind: 'held', code: now.reason };
  if (now.kind === before?.kind) return undefined;
  const wasDeleted = before?.kind === 'dropped' && before.why === 'deleted';
  if (wasDeleted && (now.kind === 'verified' || now.kind === 'uploaded'))
    return { kind: 'returned' };
  if (now.kind === 'verified') return { kind: 'verified' };
  if (now.kind === 'failed') return { kind: 'failed', code: now.code };
  if (now.kind !== 'dropped' || now.why === 'superseded') return undefined;
  return { kind: now.why === 'deleted' ? 'deleted' : 'dismissed' };
}
