/** @file Bounds what is on its way to the storage, over all uploads, and what of it is in memory. */

/**
 * `gone`, once it is in memory no more.
 *
 * @throws The signal's reason, also while it waits; and what `run` throws.
 */
export type PartSlots = <T>(
  bytes: number,
  run: (gone: () => void) => Promise<T>,
  signal: AbortSignal,
) => Promise<T>;

type Turn = Readonly<{ bytes: number; start: () => void }>;

/**
 * Runs what has so many bytes, in the order of asking, while no more than `mostBytes` are in memory and no
 * more than `mostUnderWay` have not been answered. What is larger than that by itself runs alone.
 */
export function partSlots(mostBytes: number, mostUnderWay = mostBytes): PartSlots {
  let [held, underWay] = [0, 0];
  const waiting = new Set<Turn>();
  const hasRoom = (bytes: number) =>
    fits(held, bytes, mostBytes) && fits(underWay, bytes, mostUnderWay);
  function begin(bytes: number): void {
    held += bytes;
    underWay += bytes;
  }
  function startNext(): void {
    for (const turn of waiting) {
      const { bytes, start } = turn;
      if (!hasRoom(bytes)) return;
      begin(bytes);
      waiting.delete(turn);
      start();
    }
  }
  /** Whoever wants no more does not wait for those before: they may take hours. */
  function turnFor(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const giveUp = () => {
        waiting.delete(turn);
        reject(signal.reason as Error);
        startNext();
      };
      const start = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const turn = { bytes, start };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(turn);
      return startNext();
    });
  }
  return async (bytes, run, signal) => {
    signal.throwIfAborted();
    if (waiting.size === 0 && hasRoom(bytes)) begin(bytes);
    else await turnFor(bytes, signal);
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
