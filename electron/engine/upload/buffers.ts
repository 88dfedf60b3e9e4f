/** @file Memory for parts, used again: a new one for each costs more time than hashing it. */
import { isMutant } from '../test-hooks.ts';

export type Buffers = Readonly<{
  take: (bytes: number) => Buffer<SharedArrayBuffer>;
  /** Only when the kernel has all of it: what failed may still be being read by its socket. */
  giveBack: (buffer: Buffer<SharedArrayBuffer>) => void;
  /** It is not used again. */
  drop: () => void;
}>;

/** A storage that is faster than the disk has them all back again and again. */
const REST_MS = 1_000;

/**
 * There are never more than are taken at a time; when all have been back for a while, their memory is let go.
 * Threads may fill it.
 */
export function createBuffers(): Buffers {
  let free: Buffer<SharedArrayBuffer>[] = [];
  let taken = 0;
  let resting: NodeJS.Timeout | undefined;
  const returned = () => {
    taken -= 1;
    if (taken > 0) return;
    resting ??= setTimeout(() => {
      if (taken === 0) free = [];
    }, REST_MS).unref();
    resting.refresh();
  };
  return {
    take(bytes) {
      taken += 1;
      // Bug 30: each part has memory of its own, and what comes back is kept, too.
      const index = isMutant(30) ? -1 : free.findIndex(({ length }) => length >= bytes);
      const [buffer] = index === -1 ? [] : free.splice(index, 1);
      return buffer ?? Buffer.from(new SharedArrayBuffer(bytes));
    },
    giveBack(buffer) {
      free.push(buffer);
      returned();
    },
    drop: returned,
  };
}
