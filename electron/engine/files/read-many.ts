/** @file What a thread does with small files: see small-files.ts. */
import type { Reply } from './thread.ts';

/** Of the numbers that a descriptor shows: see `Shown`. */
export const NUMBERS = 7;

export type Wanted = Readonly<
  | { kind: 'take'; paths: readonly string[]; sizes: readonly number[] }
  | { kind: 'look'; files: readonly number[] }
  /** With memory that is used again. */
  | { kind: 'close'; files: readonly number[]; bodies: readonly ArrayBuffer[] }
>;

/** `atByte`: of a reading that failed. */
export type Failed = Readonly<{ code: string; message: string; atByte: number | undefined }>;

/** Of the first files that were asked for, as many as there was time for. */
export type Answered = Readonly<{
  /** Of each file: when it was opened and after it was read; of a look, once. */
  shown: BigInt64Array<ArrayBuffer>;
  failed: ReadonlyMap<number, Failed>;
  /** Descriptors. They are the process's, and have to be closed by the thread that opened them. */
  files: readonly number[];
  /** As many bytes as were wanted and there, at the beginning of more memory. */
  bodies: readonly Uint8Array<ArrayBuffer>[];
  sha256: readonly string[];
  crc32: readonly number[];
}>;

/** What the thread runs. It goes there as text: nothing around it is known to it. */
export function serve(
  { openSync, fstatSync, readSync, closeSync }: typeof import('node:fs'),
  { hash }: typeof import('node:crypto'),
  { crc32 }: typeof import('node:zlib'),
  flags: number,
  questionMs: number,
): (wanted: Wanted) => Reply<Answered> {
  const look = (file: number): bigint[] => {
    const shown = fstatSync(file, { bigint: true });
    const { mode, size, mtimeNs, ctimeNs, dev, ino, nlink } = shown;
    return [mode, size, mtimeNs, ctimeNs, dev, ino, nlink];
  };
  const nothing: bigint[] = [0n, 0n, 0n, 0n, 0n, 0n, 0n];

  /** By their length, of which there are few: a quarter more is the most that is not used. New memory for each body is let go only when the collector looks through all of it. */
  const free = new Map<number, ArrayBuffer[]>();
  const MOST_FREE_BYTES = 32 * 1024 * 1024;
  let freeBytes = 0;
  function memoryFor(bytes: number): ArrayBuffer {
    const step = 2 ** Math.max(12, Math.floor(Math.log2(bytes)) - 2);
    const length = step * Math.ceil(Math.max(bytes, 1) / step);
    const memory = free.get(length)?.pop();
    if (memory) freeBytes -= length;
    else if (freeBytes > MOST_FREE_BYTES) {
      // Of lengths that may not come again.
      free.clear();
      freeBytes = 0;
    }
    return memory ?? new ArrayBuffer(length);
  }
  function takeBack(memory: ArrayBuffer): void {
    freeBytes += memory.byteLength;
    const known = free.get(memory.byteLength);
    if (known) known.push(memory);
    else free.set(memory.byteLength, [memory]);
  }

  /** Less than `wanted` where the file ends before. */
  function read(file: number, wanted: number, at: { byte?: number }): Uint8Array<ArrayBuffer> {
    const memory = memoryFor(wanted);
    const body = new Uint8Array(memory, 0, wanted);
    for (let done = 0; done < wanted;) {
      at.byte = done;
      const bytes = readSync(file, body, done, wanted - done, done);
      if (bytes === 0) return new Uint8Array(memory, 0, done);
      done += bytes;
    }
    delete at.byte;
    return body;
  }

  function close(file: number): void {
    try {
      if (file !== -1) closeSync(file);
    } catch {
      // It was only read.
    }
  }

  return (wanted) => {
    const shown: bigint[] = [];
    const failed = new Map<number, Failed>();
    const files: number[] = [];
    const bodies: Uint8Array<ArrayBuffer>[] = [];
    const sha256: string[] = [];
    const sums: number[] = [];
    const endMs = performance.now() + questionMs;

    function fail(error: unknown, atByte?: number): void {
      const { code = 'error', message } = error as NodeJS.ErrnoException;
      failed.set(files.length, { code, message, atByte });
    }

    function take(path: string, size: number): void {
      const at: { byte?: number } = {};
      let file = -1;
      let both = [...nothing, ...nothing];
      let body = new Uint8Array(0);
      try {
        file = openSync(path, flags);
        const before = look(file);
        // Whoever asked looks at what it is, and does not want another version’s bytes.
        if (Number(before[1]) === size) body = read(file, size, at);
        sha256[files.length] = hash('sha256', body);
        sums[files.length] = crc32(body);
        both = [...before, ...look(file)];
      } catch (error) {
        fail(error, at.byte);
        close(file);
      }
      shown.push(...both);
      bodies.push(body);
      files.push(file);
    }

    function lookAgain(file: number): void {
      try {
        shown.push(...look(file));
      } catch (error) {
        fail(error);
        shown.push(...nothing);
      }
      files.push(file);
    }

    if (wanted.kind === 'close') {
      wanted.files.forEach(close);
      wanted.bodies.forEach(takeBack);
    } else if (wanted.kind === 'look') wanted.files.forEach(lookAgain);
    else
      for (const [i, path] of wanted.paths.entries()) {
        take(path, wanted.sizes[i]!);
        if (performance.now() >= endMs) break;
      }
    const numbers = BigInt64Array.from(shown);
    const answer = { shown: numbers, failed, files, bodies, sha256, crc32: sums };
    return { answer, transfer: [numbers.buffer, ...bodies.map(({ buffer }) => buffer)] };
  };
}
