/**
 * @file Large files are read by a thread for each disk, so that the event loop sends meanwhile. Bytes are
 * hashed while they are in the processor's cache, and what waits in the kernel for a disk that is silent keeps
 * no other disk's files waiting.
 */
import { AppError } from '#shared/errors.ts';
import { MIB, SINGLE_PUT_BYTES, type Part } from '#shared/parts.ts';
import { toReadError } from './file-errors.ts';
import { fingerprintFile, printOf, type Print } from './fingerprint.ts';
import { hashPieces } from './hash-beside.ts';
import { serve, type Passed, type Stretch, type Wanted } from './read-large.ts';
import { startThread, type Thread } from './thread.ts';
import type { SourceFile } from './source.ts';

/** What is still in the cache when it is hashed. */
const PIECE_BYTES = MIB / 4;
/**
 * A question takes no longer, or one piece: it is what is waited for, and a slow disk is no silent one. Parts
 * to be sent are read between the questions of a file that is hashed.
 */
const QUESTION_MS = 5;
/** Of a file that is hashed for so much longer than it has time, one thread reads and one hashes: to start it takes 40 ms. */
const LATE_MS = 500;
const HASHED_BYTES_A_MS = 1_000_000;
/** A thread of which nothing is wanted for so long ends. */
const REST_MS = 5_000;

/** What is left of a file puts it behind, by a second for each 10 MB: it waits for none that comes later than that. */
const BYTES_A_MS = 10_000;

/** Once through a file. `sinceMs`: since when it is wanted. */
type Pass = { leftBytes: number; readonly sinceMs: number; readonly ended: Promise<void> };
type Disk = {
  readonly passes: Set<Pass>;
  thread?: Thread<Wanted, Passed> | undefined;
  resting?: NodeJS.Timeout;
  /** Stretches that are being read. */
  under: number;
};
/** By their devices' numbers. */
const disks = new Map<string, Disk>();
let begun = 0;

/**
 * As `fingerprintFile`; of a large file by a thread.
 *
 * @param inMs When it is wanted.
 */
export async function fingerprintLarge(
  file: SourceFile,
  parts: readonly Part[],
  signal: AbortSignal,
  inMs = 0,
): Promise<Print> {
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (sizeBytes <= SINGLE_PUT_BYTES) return fingerprintFile(file, parts, signal);
  const { passes } = diskOf(file);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const pass: Pass = { leftBytes: sizeBytes, sinceMs: performance.now() + inMs, ended };
  passes.add(pass);
  try {
    const byTwo = sizeBytes / HASHED_BYTES_A_MS > inMs + LATE_MS;
    const whole = { startByte: 0, sizeBytes, partBytes: parts[0]!.sizeBytes, byTwo };
    const { sha256, sums } = await readStretch(file, whole, (doneBytes) => {
      pass.leftBytes = sizeBytes - doneBytes;
      return turnOf(pass, passes, signal);
    });
    const prints = parts.map((part, i) => ({ part, crc32: sums[i]! }));
    return printOf(sha256!, prints);
  } finally {
    passes.delete(pass);
    end();
  }
}

/**
 * Some bytes into memory. It may still be written to when this has failed.
 *
 * @returns Their CRC-32.
 * @throws AppError as `fingerprintFile`
 */
export async function readLarge(
  file: SourceFile,
  { startByte, sizeBytes }: Part,
  memory: SharedArrayBuffer,
): Promise<number> {
  const stretch = { startByte, sizeBytes, partBytes: sizeBytes, memory };
  const { sums } = await readStretch(file, stretch, async () => {});
  return sums[0]!;
}

/** @param turn Before each question, with what is done. */
async function readStretch(
  file: SourceFile,
  stretch: Stretch,
  turn: (doneBytes: number) => Promise<void>,
): Promise<{ sha256: string | undefined; sums: readonly number[] }> {
  const disk = diskOf(file);
  const id = (begun += 1);
  const sums: number[] = [];
  let doneBytes = 0;
  let thread: Thread<Wanted, Passed> | undefined;
  const fail = (error: unknown): never => {
    throw toReadError(error, file.path, stretch.startByte + doneBytes);
  };
  disk.under += 1;
  try {
    for (;;) {
      await turn(doneBytes);
      const asked = file.lend((descriptor) => {
        // What it has read so far is known to that thread alone.
        thread ??= disk.thread ??= start(disk);
        return thread.ask({ kind: 'go on', id, file: descriptor, ...stretch });
      });
      const { crc32, sha256, isShort, failed, ...rest } = await asked.catch(fail);
      ({ doneBytes } = rest);
      if (failed) fail(Object.assign(new Error(failed.message), failed));
      if (isShort) throw new AppError('file-changed', 'The file became shorter');
      sums.push(...crc32);
      if (doneBytes === stretch.sizeBytes) return { sha256, sums };
    }
  } finally {
    disk.under -= 1;
    if (doneBytes < stretch.sizeBytes) thread?.ask({ kind: 'forget', id }).catch(() => {});
    disk.resting?.refresh();
  }
}

/** Who has the least left goes first: it is sent while the others are read, and a lesson overtakes an archive. */
async function turnOf(own: Pass, passes: ReadonlySet<Pass>, signal: AbortSignal): Promise<void> {
  const dueMs = ({ leftBytes, sinceMs }: Pass) => sinceMs + leftBytes / BYTES_A_MS;
  const first = () => [...passes].toSorted((a, b) => dueMs(a) - dueMs(b))[0];
  for (let other = first(); other && other !== own; other = first()) {
    using waiting = whenAborted(signal);
    await Promise.race([other.ended, waiting.aborted]);
  }
}

/** For who waits for something else until then. */
export function whenAborted(signal: AbortSignal) {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  aborted.catch(() => {}); // When it is not waited for any more.
  return { aborted, [Symbol.dispose]: () => signal.removeEventListener('abort', stop) };
}

function diskOf({ device }: SourceFile): Disk {
  const disk = disks.get(device) ?? { passes: new Set(), under: 0 };
  disks.set(device, disk);
  return disk;
}

function start(disk: Disk): Thread<Wanted, Passed> {
  const leave = () => {
    if (disk.thread === thread) disk.thread = undefined;
  };
  const thread = startThread<Wanted, Passed>(
    serve,
    ['fs', 'crypto', 'zlib', 'worker_threads', 'module'],
    [import.meta.url, PIECE_BYTES, QUESTION_MS, hashPieces.toString()],
    leave,
  );
  disk.resting = setTimeout(() => {
    if (disk.under > 0) return;
    leave();
    thread.end();
  }, REST_MS).unref();
  return thread;
}
