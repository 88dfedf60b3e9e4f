/** @file Memory for parts, used again: a new one for each costs more time than hashing it. */

export type Buffers = Readonly<{
  take: (bytes: number) => Buffer;
  /** Only of a request that has ended well: what failed may still be being read by its socket. */
  giveBack: (buffer: Buffer) => void;
  /** It is not used again. */
  drop: () => void;
}>;

/** There are never more than are taken at a time; when all have come back, their memory is let go. */
export function createBuffers(): Buffers {
  let free: Buffer[] = [];
  let taken = 0;
  const returned = () => {
    taken -= 1;
    if (taken === 0) free = [];
  };
  return {
    take(bytes) {
      taken += 1;
      const index = free.findIndex(({ length }) => length >= bytes);
      const [buffer] = index === -1 ? [] : free.splice(index, 1);
      return buffer ?? Buffer.allocUnsafeSlow(bytes);
    },
    giveBack(buffer) {
      free.push(buffer);
      returned();
    },
    drop: returned,
  };
}
