import { writeFile } from 'node:fs/promises';
import { toWriteError } from '../engine/files/file-errors.ts';

/** A file for the user alone, where there is none yet. @throws AppError `download-exists` · `cannot-write` */
export async function saveNew(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw toWriteError(error, path);
  }
}
