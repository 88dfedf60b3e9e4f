/** @file Reading a few bytes of a large file, never more than a bound. */
import type { PositionalReader } from '../files/source.ts';

/** A parser that wants more than this is being led about by the file, and gets nothing more. */
export const MAX_READS = 20_000;
export const MAX_BYTES = 2 * 1_024 * 1_024;

/** The bound is used up: nothing can be said of the file. */
export class OutOfBounds extends Error {}

export type Bytes = Readonly<{
  sizeBytes: number;
  /** Up to `length` bytes from `offset` on: fewer at the end of the file. @throws OutOfBounds */
  read: (offset: number, length: number) => Promise<Buffer>;
}>;

/** @param head What was read of its beginning already, which is not read again. */
export function openBytes(
  file: PositionalReader,
  sizeBytes: number,
  head: Buffer = Buffer.alloc(0),
): Bytes {
  let reads = 0;
  let total = 0;
  return {
    sizeBytes,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      reads += 1;
      total += wanted;
      if (reads > MAX_READS || total > MAX_BYTES) throw new OutOfBounds();
      if (wanted === 0) return Buffer.alloc(0);
      if (offset + wanted <= head.length) return head.subarray(offset, offset + wanted);
      const buffer = Buffer.alloc(wanted);
      const { bytesRead } = await file.read(buffer, 0, wanted, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}
