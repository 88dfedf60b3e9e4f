/**
 * @file How an engine hears that another process has written to its ledger, such as a retry on the command line:
 * that one touches the file that names the holder of the home, which nobody else changes meanwhile.
 */
import { utimesSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Names the process that holds the home, for as long as it does. */
export const holderFile = (home: string): string => join(home, 'lock.txt');

/** Whoever does not hear it finds what was written a little later, by looking. */
export function tellHolder(home: string): void {
  const now = new Date();
  try {
    utimesSync(holderFile(home), now, now);
  } catch {
    // Nobody holds it.
  }
}

/** @returns Ends it. Only a hint: where the system has no watch to give, nothing is heard. */
export function hearOthers(home: string, onNews: () => void): () => void {
  try {
    const watcher = watch(holderFile(home), { persistent: false }, onNews);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}
