/** @file Where a damaged ledger goes, whole, before a new one is made from what can be read of it. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { formatDeadline } from '#shared/format.ts';
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
  // One that may not be written takes nothing: it is not of this home, or no longer.
  const isNext =
    unfinished === undefined ||
    !isWritable(unfinished) ||
    (hasLedger(unfinished) && hasLedger(home));
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
  return unnoted(home).at(-1);
}

/** Folders alone: who packs one for somebody else leaves a file beside it. */
const unnoted = (home: string): string[] =>
  readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('damaged-'))
    .map(({ name }) => join(home, name))
    .toSorted()
    .filter((folder) => !existsSync(join(folder, NOTE)));

/** There is a ledger that can be used: whatever was moved aside before was for it. */
export function endAside(home: string, nowMs: number): void {
  for (const folder of unnoted(home))
    try {
      writeFileSync(join(folder, NOTE), noteText(nowMs), { mode: 0o600 });
    } catch {
      // The ledger is what counts: without the note the next damage is still told from this one.
    }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
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
  return `Pan-Sea Sync moved its damaged list of recordings here on ${formatDeadline(nowMs)}
and made a new one from your folders, from the storage and from what could still be read of this.
No recording was deleted. You may delete this folder when everything in the window looks right.
`;
}
