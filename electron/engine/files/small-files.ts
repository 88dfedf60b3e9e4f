/**
 * @file Small files by the hundred. Each is some six questions to its disk, and Node asks each by one of
 * four threads for all that the process does: going there and back costs many times the question. So a
 * thread for each disk opens, reads and hashes many in a row; one that its disk never answers keeps no
 * other disk's files waiting.
 */
import { AppError } from '#shared/errors.ts';
import { ask, Silence } from './disks.ts';
import { toReadError } from './file-errors.ts';
import { fingerprintBytes, readWhole } from './fingerprint.ts';
import { gather } from './gather.ts';
import { startReader, type Reader, type ReadError, type Taken } from './small-reader.ts';
import { checksOf, openSource, READ_BYTES, READ_MS } from './source.ts';
import type { Source } from './source.ts';
import type { FileVersion, Fingerprint, Job } from '../store/jobs.ts';

/** By then a thread pays: to start one costs as much as to read dozens of files without it. */
const MANY = 16;
/** Files in one question. */
const TOGETHER = 64;

type Version = FileVersion & Pick<Job, 'file'>;

/** All of a small file, read and hashed. */
type WholeSource = Omit<Source, 'file' | 'opened'> &
  Readonly<{
    body: Buffer;
    fingerprint: Fingerprint;
    /** Its memory is used again: only of a request that has ended well. */
    giveBack: () => void;
  }>;

export type SmallFiles = Disposable &
  Readonly<{
    /** As `openSource`. @throws AppError `file-changed`, also when it did while it was read. */
    open: (version: Version, signal: AbortSignal) => Promise<WholeSource>;
  }>;

type Take = (version: FileVersion) => Promise<Taken | undefined>;

export function createSmallFiles(): SmallFiles {
  const readers = new Map<string, Reader>();
  const takes = new Map<string, Take>();
  let isOver = false;

  /** @returns What takes a file of this disk; nothing while there are too few for a thread. */
  function takeFor(device: string): Take {
    const before = takes.get(device);
    if (before) return before;
    const take = gather(howMany, async (versions: readonly FileVersion[]) => {
      const isFew = !readers.has(device) && versions.length < MANY;
      if (isOver || isFew) return alone(versions);
      try {
        const reader = readers.get(device) ?? startReader(device, () => readers.delete(device));
        readers.set(device, reader);
        return await reader.take(versions);
      } catch (error) {
        if (error instanceof Silence) throw error;
        return alone(versions); // What a thread cannot do is done without it.
      }
    });
    takes.set(device, take);
    return take;
  }

  return {
    async open(version, signal) {
      const device = version.file?.device;
      if (device === undefined || version.sizeBytes > READ_BYTES) return openAlone(version, signal);
      const source = await openTaken(version, device, takeFor(device), signal);
      return source ?? openAlone(version, signal);
    },
    [Symbol.dispose]() {
      isOver = true;
      for (const reader of readers.values()) reader.end();
    },
  };
}

const alone = (versions: readonly FileVersion[]) => versions.map(() => undefined);

/** As many as are read in one question. */
function howMany(waiting: readonly FileVersion[]): number {
  let bytes = 0;
  const most = waiting.findIndex(({ sizeBytes }, i) => {
    bytes += sizeBytes;
    return i === TOGETHER || bytes > READ_BYTES;
  });
  return most === -1 ? waiting.length : Math.max(1, most);
}

async function openAlone(version: Version, signal: AbortSignal): Promise<WholeSource> {
  const { file, ...source } = await openSource(version, signal);
  try {
    const body = await readWhole(file, version.sizeBytes, signal);
    await source.assertUnchanged();
    return { ...source, body, fingerprint: fingerprintBytes(body), giveBack() {} };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

async function openTaken(
  version: Version,
  device: string,
  take: Take,
  signal: AbortSignal,
): Promise<WholeSource | undefined> {
  signal.throwIfAborted();
  const { path, sizeBytes } = version;
  const taking = take(version);
  let giveUp: ((reason: unknown) => void) | undefined;
  /** One after another. Not as a race: what has lost one is kept for as long as what may still end it. */
  const unlessStopped = <T>(answer: Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      answer.then(resolve, reject);
      giveUp = reject;
      if (signal.aborted) reject(signal.reason as Error);
    });
  let isOpen = true;
  /** Also what is taken when nobody wants it any more. */
  const close = () => {
    if (isOpen) taking.then((taken) => taken?.close()).catch(() => {});
    isOpen = false;
    signal.removeEventListener('abort', stop);
  };
  const stop = () => {
    giveUp?.(signal.reason);
    close();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const taken = await unlessStopped(taking);
    if (taken === undefined) {
      close();
      return undefined;
    }
    if (taken.failed) throw taken.failed;
    const { sha256, crc32 } = taken;
    const checks = checksOf(version, taken.opened(), {
      question: (put) => ask(device, put, { limitMs: READ_MS, signal }),
      look: () => unlessStopped(taken.look()),
    });
    const body = Buffer.from(taken.body.buffer, 0, taken.body.byteLength);
    if (body.length < sizeBytes) throw new AppError('file-changed', 'The file became shorter');
    await checks.assertUnchanged(taken.afterwards());
    const fingerprint = { sha256, crc32, sizeBytes };
    return {
      ...checks,
      body,
      fingerprint,
      giveBack: taken.giveBack,
      [Symbol.asyncDispose]: () => Promise.resolve(close()),
    };
  } catch (error) {
    close();
    throw toReadError(error, path, (error as Partial<ReadError>).atByte);
  }
}
