/** @file What a thread does with large files: see large-files.ts. */
import type { Ring } from './hash-beside.ts';
import type { Reply } from './thread.ts';

/** Bytes of a file, from one to another, in parts of so many. */
export type Stretch = Readonly<{
  startByte: number;
  sizeBytes: number;
  partBytes: number;
  /** Where they are wanted; without it they are only hashed. */
  memory?: SharedArrayBuffer;
  /** The SHA-256 has a thread of its own, which runs `hashPieces`. */
  byTwo?: boolean;
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

/** SHA-256 of what is put into its rooms, one after the other. */
type Hashing = Readonly<{
  /** For the next piece. */
  room: () => Uint8Array;
  /** So many bytes of it are there. */
  take: (bytes: number) => void;
  digest: () => string;
  end: () => void;
}>;

/**
 * What the thread runs. It goes there as text: nothing around it is known to it.
 *
 * @param home From where packages are found.
 */
export function serve(
  { readSync }: typeof import('node:fs'),
  { createHash }: typeof import('node:crypto'),
  zlib: typeof import('node:zlib'),
  { Worker }: typeof import('node:worker_threads'),
  { createRequire: requireFrom }: typeof import('node:module'),
  home: string,
  pieceBytes: number,
  questionMs: number,
  hashPieces: string,
): (wanted: Wanted) => Reply<Passed> {
  type Begun = { hashing: Hashing | undefined; crc: number; done: number };
  const begun = new Map<number, Begun>();
  const scratch = Buffer.allocUnsafeSlow(pieceBytes);
  const { crc32 } = fastest();

  /** Node's own tells the same and takes five times as long; the other one is not there for each platform. */
  function fastest(): Pick<typeof zlib, 'crc32'> {
    try {
      return requireFrom(home)('@node-rs/crc32') as typeof zlib;
    } catch {
      return zlib;
    }
  }

  function hashHere(): Hashing {
    const sha256 = createHash('sha256');
    return {
      room: () => scratch,
      take: (bytes) => void sha256.update(scratch.subarray(0, bytes)),
      digest: () => sha256.digest('hex'),
      end: () => {},
    };
  }

  function hashBeside(): Hashing {
    const [FILLED, HASHED, PLACES, PATIENCE_MS] = [0, 1, 4, 10_000];
    const memory = new SharedArrayBuffer(PLACES * pieceBytes);
    const ring: Ring = {
      counts: new Int32Array(new SharedArrayBuffer(8)),
      lengths: new Int32Array(new SharedArrayBuffer(4 * PLACES)),
      places: Array.from(
        { length: PLACES },
        (_, i) => new Uint8Array(memory, i * pieceBytes, pieceBytes),
      ),
    };
    const code = `const { workerData } = require('node:worker_threads');
      (${hashPieces})(require('node:crypto'), workerData);`;
    const limits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 };
    const own = { name: 'hash beside', workerData: ring, resourceLimits: limits };
    const worker = new Worker(code, { eval: true, execArgv: [], env: {}, ...own });
    let filled = 0;
    function untilHashed(pieces: number): void {
      for (let n = -1; (n = Atomics.load(ring.counts, HASHED)) < pieces;)
        if (Atomics.wait(ring.counts, HASHED, n, PATIENCE_MS) === 'timed-out')
          throw new Error('The thread that hashes does not go on');
    }
    function take(bytes: number): void {
      ring.lengths[filled % PLACES] = bytes;
      Atomics.store(ring.counts, FILLED, (filled += 1));
      Atomics.notify(ring.counts, FILLED);
    }
    function room(): Uint8Array {
      untilHashed(filled - PLACES + 1);
      return ring.places[filled % PLACES]!;
    }
    return {
      room,
      take,
      digest() {
        const end = room();
        take(0);
        untilHashed(filled);
        return Buffer.from(end.subarray(0, 64)).toString('latin1');
      },
      end: () => void worker.terminate(),
    };
  }

  /** @returns Why no more can be read. */
  function goOn(
    at: Begun,
    { file, startByte, sizeBytes, partBytes, memory }: Stretch & { file: number },
    sums: number[],
  ): Pick<Passed, 'failed' | 'isShort'> {
    const kept = memory && new Uint8Array(memory);
    const endMs = performance.now() + questionMs;
    do {
      const toEnd = Math.min(partBytes - (at.done % partBytes), sizeBytes - at.done);
      const most = Math.min(pieceBytes, toEnd);
      const room = at.hashing?.room() ?? kept!.subarray(at.done, at.done + most);
      let bytes: number;
      try {
        bytes = readSync(file, room, 0, most, startByte + at.done);
      } catch (error) {
        const { code = 'error', message } = error as NodeJS.ErrnoException;
        return { failed: { code, message } };
      }
      if (bytes === 0) return { isShort: true };
      at.hashing?.take(bytes);
      at.crc = crc32(room.subarray(0, bytes), at.crc);
      at.done += bytes;
      if (bytes < toEnd) continue;
      sums.push(at.crc);
      at.crc = 0;
    } while (at.done < sizeBytes && performance.now() < endMs);
    return {};
  }

  function begin({ memory, byTwo }: Stretch): Begun {
    const hash = byTwo ? hashBeside : hashHere;
    return { hashing: memory ? undefined : hash(), crc: 0, done: 0 };
  }

  return (wanted) => {
    const { id } = wanted;
    if (wanted.kind === 'forget') {
      begun.get(id)?.hashing?.end();
      begun.delete(id);
      return { answer: { doneBytes: 0, crc32: [] } };
    }
    const at = begun.get(id) ?? begin(wanted);
    begun.set(id, at);
    const sums: number[] = [];
    const trouble = goOn(at, wanted, sums);
    const isDone = at.done === wanted.sizeBytes;
    if (isDone) begun.delete(id);
    return {
      answer: {
        doneBytes: at.done,
        crc32: sums,
        sha256: isDone ? at.hashing?.digest() : undefined,
        ...trouble,
      },
    };
  };
}
