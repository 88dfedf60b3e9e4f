import { AppError } from '#shared/errors.ts';
import { formatTime } from '#shared/format.ts';
import type { Remote } from '../engine/s3/remote.ts';
import type { ObjectIndex } from '../engine/store/objects.ts';
import type { Context } from './context.ts';

/** An index this old is refreshed before it is made use of. */
const INDEX_AGE_MS = 15 * 60_000;

/** An old index is better than none: when the storage cannot be reached, the answer says how old it is. */
export async function refreshWhenOld(
  context: Context,
  index: ObjectIndex,
  list: (remote: Remote) => Promise<void>,
): Promise<void> {
  const indexedAtMs = index.indexedAtMs(context.place());
  if (indexedAtMs !== undefined && Date.now() - indexedAtMs < INDEX_AGE_MS) return;
  try {
    await list(await context.remote());
  } catch (error) {
    if (indexedAtMs === undefined || !(error instanceof AppError)) throw error;
    context.output.note(
      `${error.title}. This is what was there on ${formatTime(indexedAtMs)}.`,
      true,
    );
  }
}
