import { PACE_WINDOW_MS, paceOf, type Mark, type Pace } from '#shared/pace.ts';
import { sentBytesOf } from './views.ts';
import type { Job, JobStore } from '../store/jobs.ts';

/** Follows what the storage acknowledges, over all uploads together. */
export function createPaceMeter(jobs: Pick<JobStore, 'tally'>, monotonicMs: () => number) {
  /** Acknowledged bytes of each running upload; `undefined` until those of a former attempt are known. */
  const running = new Map<number, number | undefined>();
  let marks: Mark[] = [];
  let total = 0;

  return {
    note(job: Job): void {
      const { id, state } = job;
      if (state.kind !== 'uploading' && state.kind !== 'verifying') return void running.delete(id);
      const sentBytes = sentBytesOf(job);
      const isResumed = state.kind === 'uploading' && state.upload !== null && sentBytes === 0;
      const before = running.get(id);
      running.set(id, isResumed ? undefined : sentBytes);
      if (before === undefined || sentBytes <= before) return;
      total += sentBytes - before;
      const atMs = monotonicMs();
      marks = marks.filter((mark) => atMs - mark.atMs <= PACE_WINDOW_MS);
      marks.push({ atMs, bytes: total });
    },
    /** @returns `undefined` while it is not known. */
    pace(): Pace | undefined {
      const waiting = jobs
        .tally()
        .filter(({ kind }) => kind === 'queued' || kind === 'uploading')
        .reduce((sum, { bytes }) => sum + bytes, 0);
      const sent = [...running.values()].reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
      return paceOf(marks, waiting - sent, monotonicMs());
    },
  };
}
