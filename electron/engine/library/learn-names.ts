/** @file The human names of objects that the ledger does not know, a HEAD each. */
import { setImmediate as turn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { DAY_MS } from '#shared/time.ts';
import { isRefusal } from '../s3/refusals.ts';
import { ASKED_ABREAST, type Remote } from '../s3/remote.ts';
import type { ObjectIndex, Unnamed } from '../store/objects.ts';

/** Names that the storage is asked for at a time. */
const NAMES_AT_ONCE = 2_000;
/** A folder of which so many are refused, with none that is not, is closed. */
const PROBES = 4;
/** So is one where so many in a row are, though others were not. */
const REFUSED_IN_A_ROW = 16;
/** So many closed folders, with none that is not between them: most likely all are. */
const CLOSED_IN_A_ROW = 16;

/** Until when folders count as closed, after it was given up among them: for whoever signs, other keys make another remote. */
const closedFor = new WeakMap<Remote, Map<string, number>>();

/**
 * Learns the next names that are not known, as many as take some seconds. An account that may list but not look
 * still has its index, without the names; a folder that it may not look into is left out. After many of them in
 * a row it gives up: they are left alone for a day, and the next call goes on behind them. The first failure that is
 * no refusal ends it all: what it asks for goes through the throttle that uploads share.
 *
 * @returns How many it has learned, and how many are still without one: without the former, asking on is in vain.
 */
export async function learnNames(
  remote: Remote,
  index: ObjectIndex,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<{ learned: number; unnamed: number }> {
  const limit = pLimit(ASKED_ABREAST);
  const abreast = pLimit(ASKED_ABREAST);
  const known = closedFor.get(remote) ?? new Map<string, number>();
  closedFor.set(remote, known);
  const closed = new Set<string>();
  const refusals = new Map<string, number>();
  let [asked, learned, closedInARow, isOver] = [0, 0, 0, false];
  const goesOn = (): boolean => !isOver && asked < NAMES_AT_ONCE && closedInARow < CLOSED_IN_A_ROW;
  const isClosed = (folder: string): boolean =>
    closed.has(folder) || (known.get(folder) ?? 0) > nowMs();

  /** @returns Whether the account may look at it; `undefined` where it was not asked. */
  async function learn({ key }: Unnamed): Promise<boolean | undefined> {
    const folder = folderOf(key);
    if (!goesOn() || isClosed(folder)) return undefined;
    asked += 1;
    try {
      const info = await remote.head(key, signal);
      closedInARow = 0;
      refusals.delete(folder);
      if (info === undefined) return true;
      // What carries no name goes by the end of its key, and is not asked for again and again.
      await index.setName(key, info.metadata['original_filename'] || basename(key) || key);
      learned += 1;
      return true;
    } catch (error) {
      if (!isRefusal(error)) {
        isOver = true;
        throw error;
      }
      const inARow = (refusals.get(folder) ?? 0) + 1;
      refusals.set(folder, inARow);
      if (inARow === REFUSED_IN_A_ROW) closed.add(folder);
      return false;
    }
  }

  async function inFolder(folder: string, objects: readonly Unnamed[]): Promise<void> {
    // One by one, until one may be looked at.
    for (const [n, object] of objects.entries()) {
      if (n === PROBES) break;
      const isOpen = await limit(learn, object);
      if (isOpen === undefined) return;
      if (isOpen) {
        await Promise.all(objects.slice(n + 1).map((other) => limit(learn, other)));
        return;
      }
    }
    closed.add(folder);
    closedInARow += 1;
  }

  let some = index.unnamed(0, NAMES_AT_ONCE);
  while (some.length > 0 && goesOn()) {
    const folders = Map.groupBy(some, ({ key }) => folderOf(key));
    await Promise.all([...folders].map((folder) => abreast(inFolder, ...folder)));
    await turn(); // Of thousands that are left out none has given others theirs.
    some = index.unnamed(some.at(-1)!.id, NAMES_AT_ONCE);
  }
  if (closedInARow >= CLOSED_IN_A_ROW)
    for (const folder of closed) known.set(folder, nowMs() + DAY_MS);
  return { learned, unnamed: index.countUnnamed() };
}

const basename = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
/** Rights go by the beginnings of keys. */
const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1);
