/** @file What a thread does with large files: see large-files.ts. */
import type { Hash } from 'node:crypto';
import type { Reply } from './thread.ts';

/** Bytes of a file, from one to another, in parts of so many. */
export type Stretch = Readonly<{
  startByte: number;
  sizeBytes: number;
  partBytes: number;
  /** Where they are wanted; without it they are only hashed. */
  memory?: SharedArrayBuffer;
}>;

/** `file`: its descriptor, which is the process's. Each `id` is one stretch, begun with the first question. */
export type Wanted =
  | (Stretch & Readonly<{ kind: 'go on'; id: number; file: number }>)
  | Readonly<{ kind: 'forget'; id: number }>;

export type Passed = Readonly<{
  doneBytes: number;
  /** Of the parts that were completed since the last question. */
  crc32: readonly number[];
  /** At the end; of bytes that are only hashed. */
  sha256?: string | undefined;
  /** The file ended before. */
  isShort?: boolean;
  /** By the byte after those that are done. */
  failed?: Readonly<{ code: string; message: string }>;
}>;

/** What the thread runs. It goes there as text: nothing around it is known to it. */
export function serve(
  { readSync }: typeof import('node:fs'),
  { createHash }: typeof import('node:crypto'),
  { crc32 }: typeof import('node:zlib'),
  pieceBytes: number,
  questionMs: number,
): (wanted: Wanted) => Reply<Passed> {
  type Begun = { sha256: Hash | undefined; crc: number; done: number };
  const begun = new Map<number, Begun>();
  const scratch = Buffer.allocUnsafeSlow(pieceBytes);

  /** @returns Why no more can be read. */
  function goOn(
    at: Begun,
    { file, startByte, sizeBytes, partBytes, memory }: Stretch & { file: number },
    sums: number[],
  ): Pick<Passed, 'failed' | 'isShort'> {
    const kept = memory && Buffer.from(memory);
    const endMs = performance.now() + questionMs;
    do {
      const toEnd = Math.min(partBytes - (at.done % partBytes), sizeBytes - at.done);
      const most = Math.min(pieceBytes, toEnd);
      const room = kept?.subarray(at.done, at.done + most) ?? scratch;
      let bytes: number;
      try {
        bytes = readSync(file, room, 0, most, startByte + at.done);
      } catch (error) {
        const { code = 'error', message } = error as NodeJS.ErrnoException;
        return { failed: { code, message } };
      }
      if (bytes === 0) return { isShort: true };
      const piece = room.subarray(0, bytes);
      at.sha256?.update(piece);
      at.crc = crc32(piece, at.crc);
      at.done += bytes;
      if (bytes < toEnd) continue;
      sums.push(at.crc);
      at.crc = 0;
    } while (at.done < sizeBytes && performance.now() < endMs);
    return {};
  }

  return (wanted) => {
    const { id } = wanted;
    if (wanted.kind === 'forget') {
      begun.delete(id);
      return { answer: { doneBytes: 0, crc32: [] } };
    }
    const sha256 = wanted.memory ? undefined : createHash('sha256');
    const at = begun.get(id) ?? { sha256, crc: 0, done: 0 };
    begun.set(id, at);
    const sums: number[] = [];
    const trouble = goOn(at, wanted, sums);
    const isDone = at.done === wanted.sizeBytes;
    if (isDone) begun.delete(id);
    return {
      answer: {
        doneBytes: at.done,
        crc32: sums,
        sha256: isDone ? at.sha256?.digest('hex') : undefined,
        ...trouble,
      },
    };
  };
}
