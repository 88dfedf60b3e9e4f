import { open } from 'node:fs/promises';
import { toWriteError } from '../files/file-errors.ts';
import type { Desktop } from '../desktop.ts';

/**
 * To where a person says, for that person alone: what is written may name recordings, or be links to them.
 *
 * @param content Or what makes it, once it is known where to.
 * @returns The path; null when the dialog was closed.
 * @throws AppError `cannot-write`, `disk-full`
 */
export async function saveText(
  desktop: Desktop,
  name: string,
  content: string | Uint8Array | (() => Promise<string>),
): Promise<string | null> {
  const path = await desktop.chooseSavePath(name, () => false);
  if (path === undefined) return null;
  const text = typeof content === 'function' ? await content() : content;
  await write(path, text).catch((error: unknown) => {
    throw toWriteError(error, path);
  });
  return path;
}

async function write(path: string, text: string | Uint8Array): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  // One that was there keeps its mode when it is opened. Some disks have none.
  await file.chmod(0o600).catch(() => {});
  await file.writeFile(text);
}
