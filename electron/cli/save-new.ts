import { writeFile } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';

/** A file for the user alone, where there is none yet. @throws AppError `cannot-write` */
export async function saveNew(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const why = isThere ? 'there is a file of that name already' : String(cause);
    throw new AppError('cannot-write', `${path}: ${why}`, { cause });
  }
}
