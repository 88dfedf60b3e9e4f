import { constants, type BigIntStats } from 'node:fs';
import { open, lstat, type FileHandle } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';
import { MIB } from '#shared/parts.ts';
import { ask } from './disks.ts';
import { toReadError } from './file-errors.ts';
import { isMutant } from '../test-hooks.ts';
import type { FileVersion, Job } from '../store/jobs.ts';

/** Reads some bytes, `length` at most, from `position` on, as `FileHandle` does. */
export interface PositionalReader {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
}

/** Its reading fails with the errors of `toReadError`, naming the byte. */
export type SourceFile = PositionalReader &
  Readonly<{
    path: string;
    /** The number of its disk. */
    device: string;
    /** A question to its disk by who uses the descriptor itself. It stays open until that is answered. */
    lend: <T>(put: (descriptor: number) => Promise<T>) => Promise<T>;
  }>;

export type Source = AsyncDisposable &
  Readonly<{
    file: SourceFile;
    /** What its descriptor showed first. */
    opened: Shown;
    /** @throws AppError `file-changed` when the descriptor or the path no longer shows the version that was opened. */
    assertUnchanged: () => Promise<void>;
    /** @throws AppError `file-changed` unless the path leads to this very file, untouched since it was opened. */
    assertInPlace: () => Promise<void>;
    /**
     * Whether this very file is at another path now. By what both say now: a move changes the times, and on
     * some disks the number of the file.
     */
    isAt: (other: string) => Promise<boolean>;
  }>;

/** What a descriptor shows of its file. */
export type Shown = Pick<
  BigIntStats,
  'mode' | 'size' | 'mtimeNs' | 'ctimeNs' | 'dev' | 'ino' | 'nlink'
>;

/** Not a link, and a FIFO or device must not block the open. Windows has neither flag. */
export const READ_FLAGS =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** One question to a disk. A share that is slower than this for so much is not waited for: 35 kB a second. */
export const READ_BYTES = MIB;
export const READ_MS = 30_000;

/**
 * Opens one version of a local file: every byte of an upload comes from this descriptor. With `signal` all
 * waiting ends and it is closed: whoever waits for an answer that never comes must not keep a file open on
 * a drive that is to be taken out.
 *
 * @throws AppError `file-changed` when another version is at the path, and the errors of `toReadError`.
 */
export async function openSource(
  version: FileVersion & Pick<Job, 'file'>,
  signal: AbortSignal,
): Promise<Source> {
  const { path } = version;
  let unanswered = 0;
  let lent: Promise<unknown> = Promise.resolve();
  const question = <T>(put: () => Promise<T>): Promise<T> =>
    ask(
      version.file?.device ?? path,
      () => {
        unanswered += 1;
        return put().finally(() => (unanswered -= 1));
      },
      { limitMs: READ_MS, signal },
    );
  let opening: Promise<FileHandle> | undefined;
  const { file, opened } = await question(async () => {
    // Bug 27: it is opened as an editor does it.
    const handle = await (opening = open(path, isMutant(27) ? 'r+' : READ_FLAGS));
    return { file: handle, opened: await handle.stat({ bigint: true }) };
  }).catch((error: unknown) => {
    // It may be opened after all, when nobody wants it any more.
    opening?.then((late) => late.close()).catch(() => {});
    throw toReadError(error, path);
  });
  /**
   * Node closes a file when all is answered: for ever, on a disk that does not answer. Of what is lent it does
   * not know, and the descriptor's number would be another file's.
   */
  const close = async () => {
    const closed = lent.then(() => file.close());
    if (unanswered === 0) await closed;
    else closed.catch(() => {});
  };
  try {
    const checks = checksOf(version, opened, {
      question,
      look: () => question(() => file.stat({ bigint: true })),
    });
    const stop = () => void close().catch(() => {});
    signal.addEventListener('abort', stop, { once: true });
    return {
      file: {
        path,
        device: String(opened.dev),
        lend: (put) =>
          question(() => {
            const answer = put(file.fd);
            // Without their values, or the last one would hold all before it.
            lent = Promise.allSettled([lent, answer]).then(() => undefined);
            return answer;
          }),
        async read(buffer, offset, length, position) {
          const bytes = Math.min(length, READ_BYTES);
          try {
            return await question(() => file.read(buffer, offset, bytes, position));
          } catch (error) {
            throw toReadError(error, path, position);
          }
        },
      },
      opened,
      ...checks,
      [Symbol.asyncDispose]: () => {
        signal.removeEventListener('abort', stop);
        return close();
      },
    };
  } catch (error) {
    await close();
    throw toReadError(error, path);
  }
}

type Asking = Readonly<{
  question: <T>(put: () => Promise<T>) => Promise<T>;
  /** What the descriptor shows now. */
  look: () => Promise<Shown>;
}>;

/**
 * Whether a file is the wanted version, and stays it.
 *
 * @param opened What its descriptor showed first.
 * @throws AppError `not-a-file`, `file-changed` when another version was opened.
 */
export function checksOf(
  { path, sizeBytes, mtimeNs }: FileVersion,
  opened: Shown,
  { question, look }: Asking,
) {
  const isOurs = (shown: Shown) =>
    Number(shown.size) === sizeBytes && String(shown.mtimeNs) === mtimeNs;
  if ((Number(opened.mode) & constants.S_IFMT) !== constants.S_IFREG)
    throw new AppError('not-a-file', path);
  if (!isOurs(opened)) throw new AppError('file-changed', path);
  const { ctimeNs } = opened; // Of what is kept while the file is held, as little as is needed.

  const leadsTo = async (other: string, { ino, dev }: Shown) => {
    const there = await question(() => lstat(other, { bigint: true }));
    return there.ino === ino && there.dev === dev;
  };

  return {
    /** @param seen What its descriptor shows, for who has just looked. */
    async assertUnchanged(seen?: Shown): Promise<void> {
      if (isMutant(1)) return; // Bug 1: nobody looks at the file again.
      const now = seen ?? (await look());
      const isTouched = now.nlink > 0n && now.ctimeNs !== ctimeNs;
      if (!isOurs(now) || (isTouched && !(await question(() => isRenamed(path, now.ino)))))
        throw new AppError('file-changed', path);
    },
    async assertInPlace(): Promise<void> {
      const now = await look();
      if (!isOurs(now) || now.ctimeNs !== ctimeNs || !(await leadsTo(path, now)))
        throw new AppError('file-changed', path);
    },
    isAt: async (other: string) => leadsTo(other, await look()),
  };
}

/** Renaming, replacing and deleting move the ctime too, but not the bytes behind an open descriptor. */
async function isRenamed(path: string, inode: bigint): Promise<boolean> {
  try {
    return (await lstat(path, { bigint: true })).ino !== inode;
  } catch {
    return true;
  }
}
