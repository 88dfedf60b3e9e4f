/**
 * @file Large files are read by a thread or two for each disk, so that the event loop sends meanwhile. Bytes are
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
import { unlessAborted } from '../waiting.ts';
import type { SourceFile } from './source.ts';

/** What is still in the cache when it is hashed. */
const PIECE_BYTES = MIB / 4;
/** A question takes no longer, or one piece: it is what is waited for, and a slow disk is no silent one. */
const QUESTION_MS = 20;
/** Of a file that is hashed for so much longer than it has time, one thread reads and one hashes: to start it takes 40 ms. */
const LATE_MS = 500;
export const HASHED_BYTES_A_MS = 1_000_000;
/** A thread of which nothing is wanted for so long ends. */
const REST_MS = 5_000;

/** What is left of a file puts it behind, by a second for each 10 MB: it waits for none that comes later than that. */
const BYTES_A_MS = 10_000;

/** Once through a file, or a part. `sinceMs`: since when it is wanted. */
type Pass = { leftBytes: number; readonly sinceMs: number; readonly ended: Promise<void> };
type Reader = Readonly<{ thread: Thread<Wanted, Passed>; resting: NodeJS.Timeout }>;
type Work = { readonly passes: Set<Pass>; reader?: Reader | undefined };
/** While there is both, each has a thread: a file is hashed for as long as the one before it is sent. */
type Disk = Readonly<Record<'hashing' | 'sending', Work>>;
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
  const byTwo = sizeBytes / HASHED_BYTES_A_MS > inMs + LATE_MS;
  const whole = { startByte: 0, sizeBytes, partBytes: parts[0]!.sizeBytes, byTwo };
  const { sha256, sums } = await readStretch(file, whole, signal, inMs);
  const prints = parts.map((part, i) => ({ part, crc32: sums[i]! }));
  return printOf(sha256!, prints);
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
  signal: AbortSignal,
): Promise<number> {
  const stretch = { startByte, sizeBytes, partBytes: sizeBytes, memory };
  const { sums } = await readStretch(file, stretch, signal);
  return sums[0]!;
}

async function readStretch(
  file: SourceFile,
  stretch: Stretch,
  signal: AbortSignal,
  inMs = 0,
): Promise<{ sha256: string | undefined; sums: readonly number[] }> {
  const disk = diskOf(file);
  const work = stretch.memory ? disk.sending : disk.hashing;
  const id = (begun += 1);
  const sums: number[] = [];
  const { sizeBytes } = stretch;
  let doneBytes = 0;
  let reader: Reader | undefined;
  const fail = (error: unknown): never => {
    throw toReadError(error, file.path, stretch.startByte + doneBytes);
  };
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const pass: Pass = { leftBytes: sizeBytes, sinceMs: performance.now() + inMs, ended };
  work.passes.add(pass);
  try {
    for (;;) {
      // A disk takes two questions together: of each kind one, where there is both.
      if (work === disk.hashing || disk.hashing.passes.size > 0)
        await turnOf(pass, work.passes, signal);
      const asked = file.lend((descriptor) => {
        // What it has read so far is known to that thread alone.
        reader ??= readerFor(work, disk);
        return reader.thread.ask({ kind: 'go on', id, file: descriptor, ...stretch });
      });
      const { crc32, sha256, isShort, failed, ...rest } = await asked.catch(fail);
      ({ doneBytes } = rest);
      pass.leftBytes = sizeBytes - doneBytes;
      if (failed) fail(Object.assign(new Error(failed.message), failed));
      if (isShort) throw new AppError('file-changed', 'The file became shorter');
      sums.push(...crc32);
      if (doneBytes === sizeBytes) return { sha256, sums };
    }
  } finally {
    if (doneBytes < sizeBytes) reader?.thread.ask({ kind: 'forget', id }).catch(() => {});
    work.passes.delete(pass);
    end();
    (reader ?? work.reader)?.resting.refresh();
  }
}

/** Who has the least left goes first: it is sent while the others are read, and a lesson overtakes an archive. */
async function turnOf(own: Pass, passes: ReadonlySet<Pass>, signal: AbortSignal): Promise<void> {
  const dueMs = ({ leftBytes, sinceMs }: Pass) => sinceMs + leftBytes / BYTES_A_MS;
  const first = () => [...passes].toSorted((a, b) => dueMs(a) - dueMs(b))[0];
  for (let other = first(); other && other !== own; other = first())
    await unlessAborted(other.ended, signal);
}

function diskOf({ device }: SourceFile): Disk {
  const disk = disks.get(device) ?? {
    hashing: { passes: new Set() },
    sending: { passes: new Set() },
  };
  disks.set(device, disk);
  return disk;
}

/** Its own, or the other's when that has nothing to do. */
function readerFor(work: Work, disk: Disk): Reader {
  const other = work === disk.hashing ? disk.sending : disk.hashing;
  if (work.reader === undefined && other.passes.size === 0) {
    work.reader = other.reader;
    other.reader = undefined;
  }
  return (work.reader ??= start(disk));
}

function start(disk: Disk): Reader {
  const works = [disk.hashing, disk.sending];
  const leave = () => {
    for (const work of works) if (work.reader === reader) work.reader = undefined;
  };
  const thread = startThread<Wanted, Passed>(
    serve,
    ['fs', 'crypto', 'zlib', 'worker_threads', 'module'],
    [import.meta.url, PIECE_BYTES, QUESTION_MS, hashPieces.toString()],
    leave,
  );
  const resting = setTimeout(() => {
    if (works.some((work) => work.reader === reader && work.passes.size > 0)) return;
    leave();
    thread.end();
  }, REST_MS).unref();
  const reader: Reader = { thread, resting };
  return reader;
}
