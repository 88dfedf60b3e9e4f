import { useCallback, useEffect, useRef } from 'react';
import type { JobView } from '#shared/api.ts';
import { count, printable } from '#shared/format.ts';
import { api } from '../api.ts';

/** What is finished close together is said together. */
const GATHER_MS = 1_500;

/**
 * Says when recordings arrived or need help, and that it is safe to leave once the last has arrived: once for several,
 * never each step on the way.
 */
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
        const isLast = arrived.length > 0 ? isSafeNow() : Promise.resolve(false);
        const parts = [
          sentence(arrived, 'is stored and checked', 'are stored and checked'),
          sentence(stuck, 'needs you', 'need you'),
        ];
        void isLast.then((isSafe) =>
          say([...parts, isSafe ? 'Safe to leave.' : ''].filter((part) => part !== '').join(' ')),
        );
      }, GATHER_MS);
    },
    [say],
  );
}

/** As the engine says at this moment: what the page shows may be some moments old. */
const isSafeNow = (): Promise<boolean> =>
  api.getStatus({}).then(
    ({ safeToLeave, isUnused }) => safeToLeave && !isUnused,
    () => false,
  );

function sentence(jobs: readonly JobView[], one: string, many: string): string {
  const [first] = jobs;
  if (first === undefined) return '';
  return jobs.length === 1
    ? `${printable(first.name)} ${one}.`
    : `${count(jobs.length, 'recording')} ${many}.`;
}
