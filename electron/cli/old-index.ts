import { AppError } from '#shared/errors.ts';
import { formatTime } from '#shared/format.ts';
import type { Database } from 'better-sqlite3';
import type { Remote } from '../engine/s3/remote.ts';
import { historyStore } from '../engine/store/history.ts';
import { objectIndex, type ObjectIndex } from '../engine/store/objects.ts';
import type { Context } from './context.ts';

/** An index this old is refreshed before it is made use of. */
const INDEX_AGE_MS = 15 * 60_000;

/** An old index is better than none: when the storage cannot be reached, the answer says how old it is. */
export async function refreshWhenOld(
  context: Context,
  database: Database,
  list: (remote: Remote, index: ObjectIndex) => Promise<void>,
): Promise<ObjectIndex> {
  const index = objectIndex(database);
  const indexedAtMs = index.indexedAtMs(context.place());
  const isYoung = indexedAtMs !== undefined && Date.now() - indexedAtMs < INDEX_AGE_MS;
  if (isYoung && !misses(database, index, indexedAtMs)) return index;
  try {
    await list(await context.remote(), index);
  } catch (error) {
    if (indexedAtMs === undefined || !(error instanceof AppError)) throw error;
    context.output.note(
      `${error.title}. This is what was there on ${formatTime(indexedAtMs)}.`,
      true,
    );
  }
  return index;
}

/** Whether something was stored from here since: a window notes what it stores, `sync` and `watch` do not. */
function misses(database: Database, index: ObjectIndex, indexedAtMs: number): boolean {
  const last = historyStore(database, Date.now).lastVerified();
  if (last === undefined || last.atMs <= indexedAtMs) return false;
  return index.get(last.key) === undefined;
}
