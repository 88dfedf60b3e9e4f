/** @file Looks at the rows of a ledger that has too many for a start, a few at a time, while the engine works. */
import type { Database } from 'better-sqlite3';
import type { Log } from '../log.ts';
import { isCheckedAtStart, jobCheck, lastJobId, suspect } from '../store/check.ts';

/** Some 10 ms of work, and then as much for others as a disk's rows can wait. */
const SLICE = 1_000;
const PAUSE_MS = 100;

export function createRowCheck(database: Database, log: Log) {
  let timer: NodeJS.Timeout | undefined;

  function from(after: number, last: number, check: ReturnType<typeof jobCheck>): void {
    const problem = check(after, after + SLICE);
    if (problem !== undefined) {
      suspect(database);
      return log('error', 'The ledger holds what cannot be read: the next start makes it anew', {
        problem,
      });
    }
    if (after + SLICE < last)
      timer = setTimeout(() => from(after + SLICE, last, check), PAUSE_MS).unref();
  }

  return {
    start(): void {
      if (isCheckedAtStart(database)) return;
      timer = setTimeout(() => from(0, lastJobId(database), jobCheck(database)), PAUSE_MS).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
