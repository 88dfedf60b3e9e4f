/**
 * @file Notices when a watcher has told of so much that it may have missed some. Linux keeps 16,384 events
 * for a process that is busy (inotify(7), max_queued_events) and drops what comes after; libuv passes
 * nothing of that on, so only the number tells.
 */

/** Far below what fills the system's queue, and more than a lesson leaves behind. */
export const BURST_HINTS = 1_000;
/** Without a hint for so long, a burst is over. */
export const PAUSE_MS = 2_000;

/** @param onBurst Called once after each burst, with what it was heard of. */
export function createBursts<T>(onBurst: (of: T) => void) {
  const heard = new Map<T, { hints: number; timer: NodeJS.Timeout }>();
  const end = (of: T) => {
    const { hints = 0 } = heard.get(of) ?? {};
    heard.delete(of);
    if (hints >= BURST_HINTS) onBurst(of);
  };
  return {
    hint(of: T): void {
      const burst = heard.get(of);
      if (burst === undefined)
        return void heard.set(of, { hints: 1, timer: setTimeout(end, PAUSE_MS, of) });
      burst.hints += 1;
      burst.timer.refresh();
    },
    stop(): void {
      for (const { timer } of heard.values()) clearTimeout(timer);
      heard.clear();
    },
  };
}
