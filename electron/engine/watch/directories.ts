/** @file Reads a folder's directories for its scan, one step ahead of the looks at their files. */
import { readdir } from 'node:fs/promises';
import type { Entry, Looks } from './looks.ts';

/** Entries of a folder that are looked at together: one question to its disk. */
export const AT_ONCE = 500;
/** How many directories are read ahead, at most. */
const MOST_AHEAD = 50;

/**
 * Small directories are read many at a time: to wake a thread for each costs more than to read it.
 *
 * @param pending Those that are wanted next, the last first.
 */
export function createReading(looks: Looks, pending: readonly string[]) {
  const ahead = new Map<string, readonly Entry[]>();
  /** That are too large to be read with others, or cannot be read. */
  const alone = new Set<string>();
  let coming: Promise<void> | undefined;
  const isToRead = (directory: string) => !ahead.has(directory) && !alone.has(directory);
  const next = () => pending.slice(-MOST_AHEAD).filter(isToRead).toReversed();

  async function read(directories: readonly string[]): Promise<void> {
    for (const [i, list] of (await looks.lists(directories, AT_ONCE)).entries())
      if (list) ahead.set(directories[i]!, list);
      else alone.add(directories[i]!);
  }

  return {
    async entriesOf(directory: string): Promise<readonly Entry[]> {
      await coming;
      coming = undefined;
      if (isToRead(directory)) await read([directory, ...next()]);
      alone.delete(directory);
      const entries = ahead.get(directory);
      ahead.delete(directory);
      if (entries) return entries;
      const all = await readdir(directory, { withFileTypes: true });
      return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    /** Of those that are wanted next, while others are looked at. */
    begin(): void {
      const last = pending.at(-1);
      if (last === undefined || !isToRead(last)) return;
      // Who wants one that this could not read reads it again, and hears why.
      coming = read(next()).catch(() => {});
    },
  };
}
