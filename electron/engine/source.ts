import { constants } from 'node:fs';
import { open, lstat, type FileHandle } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';
import { toReadError } from './file-errors.ts';
import { isMutant } from './test-hooks.ts';
import type { FileVersion } from './store/jobs.ts';

/** Reads `length` bytes at most from `position` on, as `FileHandle` does. */
export interface PositionalReader {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
}

export type Source = AsyncDisposable &
  Readonly<{
    /** Fails with the errors of `toReadError`, naming the byte. */
    file: PositionalReader;
    /** @throws AppError `file-changed` when the descriptor or the path no longer shows the version that was opened. */
    assertUnchanged: () => Promise<void>;
  }>;

/** Not a link, and a FIFO or device must not block the open. Windows has neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens one version of a local file: every byte of an upload comes from this descriptor. It is closed with
 * `signal`, too: whoever waits for an answer that never comes must not keep a file open on a drive that is
 * to be taken out.
 *
 * @throws AppError `file-changed` when another version is at the path, and the errors of `toReadError`.
 */
export async function openSource(version: FileVersion, signal: AbortSignal): Promise<Source> {
  const { path } = version;
  const file = await open(path, FLAGS).catch((error: unknown) => {
    throw toReadError(error, path);
  });
  const isOurs = (stats: { size: bigint; mtimeNs: bigint }) =>
    Number(stats.size) === version.sizeBytes && String(stats.mtimeNs) === version.mtimeNs;
  try {
    const opened = await file.stat({ bigint: true });
    if (!opened.isFile()) throw new AppError('not-a-file', path);
    if (!isOurs(opened)) throw new AppError('file-changed', path);
    const close = () => void file.close().catch(() => {});
    signal.addEventListener('abort', close, { once: true });
    return {
      file: readerOf(file, path),
      async assertUnchanged() {
        if (isMutant(1)) return; // Bug 1: nobody looks at the file again.
        const now = await file.stat({ bigint: true });
        if (
          !isOurs(now) ||
          (now.nlink > 0n && now.ctimeNs !== opened.ctimeNs && !(await isRenamed(path, now.ino)))
        )
          throw new AppError('file-changed', path);
      },
      [Symbol.asyncDispose]: () => {
        signal.removeEventListener('abort', close);
        return file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw toReadError(error, path);
  }
}

function readerOf(file: FileHandle, path: string): PositionalReader {
  return {
    async read(buffer, offset, length, position) {
      try {
        return await file.read(buffer, offset, length, position);
      } catch (error) {
        throw toReadError(error, path, position);
      }
    },
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
