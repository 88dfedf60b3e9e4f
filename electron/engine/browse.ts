import pLimit from 'p-limit';
import type { ListedObject, Remote } from './s3/remote.ts';
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

/**
 * Lists the whole bucket into the local index, and learns the human names that the ledger does not
 * know. A listing that fails half-way leaves the former index as it was found.
 *
 * @returns How many objects are still without a name.
 */
export async function refreshIndex(
  remote: Remote,
  index: ObjectIndex,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<{ unnamed: number }> {
  const seen = index.nextListing();
  let next: string | undefined;
  do {
    const page = await remote.list('', PAGE_KEYS, next, signal);
    index.put(page.objects, seen);
    next = page.next;
  } while (next !== undefined);
  const limit = pLimit(HEADS_IN_FLIGHT);
  await Promise.all(
    index.unnamed(NAMES_AT_ONCE).map((key) =>
      limit(async () => {
        const info = await remote.head(key, signal);
        const name = info?.metadata['original_filename'];
        if (name !== undefined) index.setName(key, name);
      }),
    ),
  );
  return index.finish(seen, nowMs());
}
