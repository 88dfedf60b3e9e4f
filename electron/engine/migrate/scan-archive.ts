import { AppError } from '#shared/errors.ts';
import type { Folder } from '../store/folders.ts';
import { scanFolder, type Found } from '../watch/scan.ts';

const unopened: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'ENOTDIR']);

/**
 * Walks an archive, for files of every kind, since a line of the mapping says what each is.
 *
 * @throws AppError `usage` when its folder cannot be opened, as where a system asks for a permission of its own; else
 *   as `scanFolder`.
 */
export async function* scanArchive(root: string, signal: AbortSignal): AsyncGenerator<Found> {
  const rule: Folder['rule'] = { kind: 'uploads', userId: 'any', include: [], exclude: [] };
  try {
    yield* scanFolder({ id: 0, path: root, rule, addedAtMs: 0 }, signal);
  } catch (error) {
    if (!unopened.has((error as NodeJS.ErrnoException).code)) throw error;
    throw new AppError(
      'usage',
      `${root} cannot be opened: see whether it is a folder, and whether this program may read it`,
      { cause: error },
    );
  }
}
