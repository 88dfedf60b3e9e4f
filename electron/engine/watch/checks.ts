/** @file When watched folders are checked to be there: one check at a time, and seldom while all are. */
import { hearOthers } from '../home/news.ts';
import type { createFollowing } from './following.ts';

type ChecksOptions = Readonly<{
  following: () => Pick<ReturnType<typeof createFollowing>, 'check' | 'everyMs'>;
  homePath: string;
  /** There may be something to be begun. */
  onWork: () => void;
  inBackground: (work: Promise<unknown>) => void;
}>;

export function createChecks({ following, homePath, onWork, inBackground }: ChecksOptions) {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let everyMs: number | undefined;
  let isStarted = false;
  let hearNoMore: (() => void) | undefined;

  /** However long a disk takes to answer. */
  function check(): void {
    running ??= following()
      .check()
      .finally(() => {
        running = undefined;
        inTime();
      });
    inBackground(running);
  }

  /** What is so now is told, not what a check has seen that runs already. */
  const checkAnew = (): Promise<void> => (running ?? Promise.resolve()).then(check);

  /** Nearly all that an engine does that has nothing to do: on some machines each waking takes milliseconds. */
  function tick(): void {
    onWork(); // Also what this process itself has made ready without telling, and others have.
    check();
  }

  /** As often as it is wanted now. */
  function inTime(): void {
    const wantedMs = following().everyMs();
    if (!isStarted || wantedMs === everyMs) return;
    everyMs = wantedMs;
    clearInterval(timer);
    timer = setInterval(tick, everyMs);
  }

  return {
    check,
    checkAnew,
    inTime,
    start(): void {
      isStarted = true;
      check();
      inTime();
      hearNoMore = hearOthers(homePath, () => {
        onWork();
        // One that runs may have read the list of folders before it was changed.
        inBackground(checkAnew());
      });
    },
    stop(): void {
      isStarted = false;
      clearInterval(timer);
      hearNoMore?.();
    },
  };
}
