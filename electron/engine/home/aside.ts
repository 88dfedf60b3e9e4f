/** @file Where a damaged ledger goes, whole, before a new one is made from what can be read of it. */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../files/durable-file.ts';

const FILES = ['ledger.db', 'ledger.db-wal', 'ledger.db-shm', 'ledger.db-journal'];
/** For people; and without it nothing was made of these files yet. */
const NOTE = 'read-me.txt';

/** @returns The folder with the damaged files, from now or from a rebuilding that was cut off. */
export function moveAside(home: string, nowMs: number): string | undefined {
  const there = FILES.filter((name) => existsSync(join(home, name)));
  const unfinished = movedAside(home);
  if (there.length === 0) return unfinished;
  // One that has its ledger was done with but for the note: what is damaged now is the one that was made from it.
  const isNext = unfinished === undefined || (hasLedger(unfinished) && hasLedger(home));
  const folder = isNext ? freeName(join(home, `damaged-${dayAndTime(nowMs)}`)) : unfinished;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // The ledger last: until it has gone, the whole is begun again. None stays: a log that is left is taken for the new one's.
  for (const name of there.toReversed()) renameSync(join(home, name), freeName(join(folder, name)));
  syncFolder(folder);
  syncFolder(home);
  return folder;
}

/** The damaged files of a rebuilding that is not known to have come to its end. */
export function movedAside(home: string): string | undefined {
  const name = readdirSync(home)
    .filter((entry) => entry.startsWith('damaged-'))
    .toSorted()
    .findLast((entry) => !existsSync(join(home, entry, NOTE)));
  return name && join(home, name);
}

/** There is a ledger that can be used: whatever was moved aside before was for it. */
export function endAside(home: string, nowMs: number): void {
  for (let folder = movedAside(home); folder !== undefined; folder = movedAside(home))
    writeFileSync(join(folder, NOTE), noteText(nowMs), { mode: 0o600 });
}

/** What is empty is none. */
const hasLedger = (folder: string): boolean =>
  (statSync(join(folder, 'ledger.db'), { throwIfNoEntry: false })?.size ?? 0) > 0;

const dayAndTime = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-');

function freeName(name: string): string {
  for (let n = 1; ; n += 1) {
    const free = n === 1 ? name : `${name}-${n}`;
    if (!existsSync(free)) return free;
  }
}

function noteText(nowMs: number): string {
  return `Pan-Sea Sync moved its damaged list of recordings here on ${new Date(nowMs).toISOString()}
and made a new one from your folders, from the storage and from what could still be read of this.
No recording was deleted. You may delete this folder when everything in the window looks right.
`;
}
