import pLimit from 'p-limit';
import { isRefusal } from './s3/refusals.ts';
import type { ListedObject, ListPage, Remote } from './s3/remote.ts';
import type { ObjectIndex } from './store/objects.ts';

const PAGE_KEYS = 1_000;
/** Names that one refresh asks the storage for, one HEAD each. */
const NAMES_AT_ONCE = 2_000;
const HEADS_IN_FLIGHT = 16;

/** Up to `maxKeys` objects below a prefix, in key order. `truncated`: there are more. */
export async function listObjects(
  remote: Remote,
  prefix: string,
  maxKeys: number,
  signal: AbortSignal,
): Promise<{ objects: ListedObject[]; truncated: boolean }> {
  const objects: ListedObject[] = [];
  let next: string | undefined;
  do {
    const page = await remote.list(
      prefix,
      Math.min(PAGE_KEYS, maxKeys - objects.length),
      next,
      signal,
    );
    objects.push(...page.objects);
    next = page.next;
  } while (next !== undefined && objects.length < maxKeys);
  return { objects, truncated: next !== undefined };
}

/** Taken in at a time: the loop is never kept for long by one page. */
const OBJECTS_AT_ONCE = 200;

/** Takes a whole listing in, page by page, the next one being asked for meanwhile. @returns Its number. */
export async function takeInListing(
  index: ObjectIndex,
  page: (next: string | undefined) => Promise<ListPage>,
): Promise<number> {
  const seen = index.nextListing();
  let coming: Promise<ListPage> | undefined = page(undefined);
  while (coming !== undefined) {
    const { objects, next }: ListPage = await coming;
    coming = next === undefined ? undefined : page(next);
    coming?.catch(() => {}); // It is waited for below.
    for (let from = 0; from < objects.length; from += OBJECTS_AT_ONCE) {
      index.put(objects.slice(from, from + OBJECTS_AT_ONCE), seen);
      await index.rest();
    }
  }
  return seen;
}

/**
 * Lists the whole bucket into the local index. A listing that fails half-way forgets nothing.
 *
 * @returns How many objects are still without a name.
 */
export async function listIntoIndex(
  remote: Remote,
  index: ObjectIndex,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<{ unnamed: number }> {
  const seen = await takeInListing(index, (next) => remote.list('', PAGE_KEYS, next, signal));
  return index.finish(seen, nowMs());
}

/** The same, and learns the human names that the ledger does not know. */
export async function refreshIndex(
  remote: Remote,
  index: ObjectIndex,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<{ unnamed: number }> {
  await listIntoIndex(remote, index, nowMs, signal);
  await learnNames(remote, index, signal);
  return { unnamed: index.countUnnamed() };
}

/** An account that may list but not look still gets its index, without the names. */
async function learnNames(remote: Remote, index: ObjectIndex, signal: AbortSignal): Promise<void> {
  const limit = pLimit(HEADS_IN_FLIGHT);
  let refusals = 0;
  const learn = async (key: string): Promise<void> => {
    if (refusals >= HEADS_IN_FLIGHT) return;
    try {
      const info = await remote.head(key, signal);
      // What carries no name goes by the end of its key, and is not asked for again and again.
      const name = info && (info.metadata['original_filename'] || basename(key));
      if (name) await index.together(() => index.setName(key, name));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals += 1;
    }
  };
  await Promise.all(index.unnamed(NAMES_AT_ONCE).map((key) => limit(learn, key)));
}

const basename = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
