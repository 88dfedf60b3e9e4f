import { AppError } from '#shared/errors.ts';
import { isRefusal } from './refusals.ts';
import type { ObjectInfo, Remote } from './remote.ts';

/**
 * As `head`, for whoever says "missing". HEAD has no words: its "not found" may be about the whole bucket, whose
 * name is mistyped, and recordings would be called missing that lie safely in another. A listing has them.
 *
 * @throws AppError `no-bucket`
 */
export async function findObject(
  remote: Pick<Remote, 'head' | 'list'>,
  key: string,
  signal: AbortSignal,
): Promise<ObjectInfo | undefined> {
  const info = await remote.head(key, signal);
  if (info === undefined) await remote.list(key, 1, undefined, signal).catch(letUntold);
  return info;
}

/** Who may not list, and of a storage that cannot, knows no more than HEAD has said. */
function letUntold(error: unknown): void {
  const isUntold =
    error instanceof AppError && (error.code === 'not-supported' || isRefusal(error));
  if (!isUntold) throw error;
}
