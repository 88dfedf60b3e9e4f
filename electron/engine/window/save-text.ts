import { writeFile } from 'node:fs/promises';
import { toWriteError } from '../files/file-errors.ts';
import type { Desktop } from '../desktop.ts';

/**
 * To where a person says, for that person alone: what is written may name recordings.
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
  await writeFile(path, text, { mode: 0o600 }).catch((error: unknown) => {
    throw toWriteError(error, path);
  });
  return path;
}
