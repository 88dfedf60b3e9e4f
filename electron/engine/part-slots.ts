/** @file Bounds what is in memory on its way to the storage, over all uploads. */

export type PartSlots = <T>(bytes: number, run: () => Promise<T>) => Promise<T>;

/**
 * Runs what holds so many bytes, in the order of asking, while no more than `mostBytes` are held. What is
 * larger than that by itself runs alone.
 */
export function partSlots(mostBytes: number): PartSlots {
  let held = 0;
  const waiting: { bytes: number; start: () => void }[] = [];
  function startNext(): void {
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      if (held > 0 && held + next.bytes > mostBytes) return;
      held += next.bytes;
      waiting.shift();
      next.start();
    }
  }
  return async (bytes, run) => {
    await new Promise<void>((start) => {
      waiting.push({ bytes, start });
      startNext();
    });
    try {
      return await run();
    } finally {
      held -= bytes;
      startNext();
    }
  };
}
