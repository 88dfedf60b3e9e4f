/** @file A part on its way: in memory until it has gone out, and again should it have to be sent again. */
import { AppError } from '#shared/errors.ts';
import type { Buffers } from './buffers.ts';
import type { PartPrint } from '../files/fingerprint.ts';
import { readLarge } from '../files/large-files.ts';
import type { PartSlots } from './part-slots.ts';
import type { PassingBody } from '../s3/body.ts';
import type { SourceFile } from '../files/source.ts';

export type PartSource = Readonly<{
  /** The descriptor that was fingerprinted. */
  file: SourceFile;
  /** Bounds the bytes in flight, and with them the memory, over all uploads. */
  slots: PartSlots;
  buffers: Buffers;
}>;

/**
 * Sends one part when it is its turn. Far away most of the time goes into waiting for answers, in which
 * others use the memory; a part that is not answered well is read again then, in memory of its own: it
 * would wait for that of a part that waits for it.
 *
 * @throws AppError `file-changed` when the bytes are not the fingerprinted ones, before any of them is sent.
 */
export function sendPart(
  { file, slots, buffers }: PartSource,
  print: PartPrint,
  send: (body: PassingBody) => Promise<string>,
  passed: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const { sizeBytes } = print.part;
  const whenItsTurn = async (leave: () => void): Promise<string> => {
    signal.throwIfAborted();
    const buffer = buffers.take(sizeBytes);
    let isHere = true;
    const gone = () => {
      if (!isHere) return;
      isHere = false;
      buffers.giveBack(buffer);
      leave();
    };
    try {
      const bytes = await readPart(file, print, buffer, signal);
      const again = () =>
        readPart(file, print, Buffer.from(new SharedArrayBuffer(sizeBytes)), signal);
      const etag = await send({
        byteLength: sizeBytes,
        bytes: async () => (isHere ? bytes : again()),
        gone,
        passed,
      });
      gone();
      return etag;
    } catch (error) {
      if (isHere) buffers.drop();
      isHere = false;
      throw error;
    }
  };
  return slots(sizeBytes, whenItsTurn, signal);
}

async function readPart(
  file: SourceFile,
  { part, crc32 }: PartPrint,
  buffer: Buffer<SharedArrayBuffer>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if ((await readLarge(file, part, buffer.buffer, signal)) !== crc32)
    throw new AppError('file-changed', `Part ${part.number} has changed`);
  return buffer.subarray(0, part.sizeBytes);
}
