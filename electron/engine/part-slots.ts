/** @file Bounds what is on its way to the storage, over all uploads, and what of it is in memory. */

/** `gone`, once it is in memory no more. */
export type PartSlots = <T>(bytes: number, run: (gone: () => void) => Promise<T>) => Promise<T>;

/**
 * Runs what has so many bytes, in the order of asking, while no more than `mostBytes` are in memory and no
 * more than `mostUnderWay` have not been answered. What is larger than that by itself runs alone.
 */
export function partSlots(mostBytes: number, mostUnderWay = mostBytes): PartSlots {
  let [held, underWay] = [0, 0];
  const waiting: { bytes: number; start: () => void }[] = [];
  function startNext(): void {
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      const { bytes, start } = next;
      if (!fits(held, bytes, mostBytes) || !fits(underWay, bytes, mostUnderWay)) return;
      held += bytes;
      underWay += bytes;
      waiting.shift();
      start();
    }
  }
  return async (bytes, run) => {
    await new Promise<void>((start) => {
      waiting.push({ bytes, start });
      startNext();
    });
    let isHeld = true;
    const gone = () => {
      if (isHeld) held -= bytes;
      isHeld = false;
      startNext();
    };
    try {
      return await run(gone);
    } finally {
      underWay -= bytes;
      gone();
    }
  };
}

const fits = (taken: number, bytes: number, most: number) => taken === 0 || taken + bytes <= most;
