/**
 * @file Bytes that have left and are not acknowledged yet. On a slow line a part takes a minute, in which a person
 * would see nothing move. They are shown, and nothing is built on them: a line that drops takes them with it.
 */

/** So often it is told that a job's have changed. */
const TELL_MS = 500;

export type OnTheWay = ReturnType<typeof createOnTheWay>;

export function createOnTheWay(monotonicMs: () => number, onChange: (jobId: number) => void) {
  const jobs = new Map<number, { parts: Map<number, number>; toldMs: number }>();
  return {
    /** Of one part of an open upload; none when it is over, whatever became of it. */
    note(jobId: number, part: number, bytes: number): void {
      const job = jobs.get(jobId) ?? { parts: new Map<number, number>(), toldMs: -Infinity };
      jobs.set(jobId, job);
      if (bytes > 0) job.parts.set(part, bytes);
      else job.parts.delete(part);
      if (job.parts.size === 0) return void jobs.delete(jobId);
      const nowMs = monotonicMs();
      if (nowMs - job.toldMs < TELL_MS) return;
      job.toldMs = nowMs;
      onChange(jobId);
    },
    of: (jobId: number): number =>
      [...(jobs.get(jobId)?.parts.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0),
  };
}
