import { useCallback, useEffect, useRef } from 'react';
import type { JobView } from '#shared/api.ts';
import { count, printable } from '#shared/format.ts';

/** What is finished close together is said together. */
const GATHER_MS = 1_500;

/** Says when recordings arrived or need help: once for several, never each step on the way. */
export function useMilestones(say: (text: string) => void): (job: JobView) => void {
  const gathered = useRef(new Map<number, JobView>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(
    (job) => {
      gathered.current.set(job.id, job);
      if (timer.current !== undefined) return;
      timer.current = setTimeout(() => {
        timer.current = undefined;
        const jobs = [...gathered.current.values()];
        gathered.current.clear();
        const arrived = jobs.filter(({ state }) => state === 'verified');
        const stuck = jobs.filter(({ state }) => state === 'failed' || state === 'held');
        const parts = [
          sentence(arrived, 'is stored and checked', 'are stored and checked'),
          sentence(stuck, 'needs you', 'need you'),
        ];
        say(parts.filter((part) => part !== '').join(' '));
      }, GATHER_MS);
    },
    [say],
  );
}

function sentence(jobs: readonly JobView[], one: string, many: string): string {
  const [first] = jobs;
  if (first === undefined) return '';
  return jobs.length === 1
    ? `${printable(first.name)} ${one}.`
    : `${count(jobs.length, 'recording')} ${many}.`;
}
