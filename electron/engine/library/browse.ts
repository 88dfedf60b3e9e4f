import { setImmediate as turn } from 'node:timers/promises';
import { learnNames } from './learn-names.ts';
import { PAGE_KEYS, type ListedObject, type ListPage, type Remote } from '../s3/remote.ts';
import type { Mark, ObjectIndex } from '../store/objects.ts';

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

/** Pages that are written while others are asked for: no more of them are in memory. */
const WRITTEN_ABREAST = 3;

export type Listing = Readonly<{
  /** Asks for a page. */
  page: (next: string | undefined) => Promise<ListPage>;
  /** When a listing has ended that was of all of the bucket; `undefined` for one of a part. */
  nowMs: (() => number) | undefined;
  /** Which storage it is of, as `Remote.place` says. */
  place: string;
}>;

/** Takes a whole listing in. One that fails half-way forgets nothing. @returns Where the index stands then. */
export async function takeInListing(index: ObjectIndex, listing: Listing): Promise<Mark> {
  const before = index.mark();
  await turn(); // To open the index, to start its thread and the first request take milliseconds each.
  try {
    return await takeIn(index, listing);
  } catch (error) {
    // What was taken in is gone with the file.
    if (index.isStill(before)) throw error;
    return takeIn(index, listing);
  }
}

async function takeIn(index: ObjectIndex, { page, nowMs, place }: Listing): Promise<Mark> {
  // What comes between it and the first page is not in that page, and outlives the listing.
  const begun = quiet(index.nextListing(nowMs !== undefined));
  await turn();
  let coming: Promise<ListPage> | undefined = quiet(page(undefined));
  const seen = await begun;
  const writing: Promise<void>[] = [];
  while (coming !== undefined) {
    const { objects, next }: ListPage = await coming;
    await turn(); // The turn of the event loop that has read it ends here, and has taken long enough.
    await turn();
    const abreast = writing.push(quiet(index.put(objects, seen)));
    // Asked for sooner, it would be read in the turn that has handed this one over.
    coming = next === undefined ? undefined : quiet(page(next));
    if (abreast > WRITTEN_ABREAST) await writing.shift();
  }
  await Promise.all(writing);
  return index.finish(seen, nowMs ? { atMs: nowMs(), place } : null);
}

/** It is waited for later. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Lists the whole bucket into the local index. */
export async function listIntoIndex(
  remote: Remote,
  index: ObjectIndex,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<void> {
  const page = (next: string | undefined) => remote.list('', PAGE_KEYS, next, signal);
  await takeInListing(index, { page, nowMs, place: remote.place });
}

/** The same, and learns the human names that the ledger does not know. @returns How many are still without one. */
export async function refreshIndex(
  remote: Remote,
  index: ObjectIndex,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<{ unnamed: number }> {
  await listIntoIndex(remote, index, nowMs, signal);
  const { unnamed } = await learnNames(remote, index, nowMs, signal);
  return { unnamed };
}
