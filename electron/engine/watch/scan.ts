import { constants, type BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ask } from '../files/disks.ts';
import { AT_ONCE, createReading } from './directories.ts';
import {
  createLooks,
  type Entry,
  type Group,
  type Looked,
  type Looks,
  type Seen,
} from './looks.ts';
import { excludedBy, hiddenFolder, selectorFor, withSlashes, type Selector } from './selector.ts';
import type { FileLines } from '../store/folder-jobs.ts';
import type { Folder } from '../store/folders.ts';

/** A regular file as one look found it. Times in nanoseconds since 1970, as text. */
export type Sighting = Readonly<{
  path: string;
  sizeBytes: number;
  mtimeNs: string;
  ctimeNs: string;
  device: string;
  /**
   * The file's number, a dot, and when it was born (0 where the file system does not keep that): a
   * number that was given to another file after a deletion is not the same file.
   */
  inode: string;
}>;
/** `code` says why something could not be taken that nobody left out; without it a rule left it out. */
export type Skipped = Readonly<{
  kind: 'skipped';
  path: string;
  reason: string;
  code?: 'not-a-file' | 'file-unreadable';
}>;
export type Found = Readonly<{ kind: 'file'; sighting: Sighting }> | Skipped;

/** Node shows bytes that are no UTF-8 so; such a name cannot be opened again. */
const NOT_UTF8 = '\ufffd';
const BAD_NAME = 'a name that cannot be read on this computer';
/** The operating system's own, on every disk of Linux: mostly only it may look, and no recorder writes there. */
const systemFolder = /^lost\+found$/i;

/**
 * Whether a folder is there. One that is missing, or does not answer, is "not connected", never "empty".
 *
 * @param disk Under which it is asked: its number, where that is known.
 */
export async function isConnected(folder: string, disk = folder): Promise<boolean> {
  try {
    return (await ask(disk, () => stat(folder))).isDirectory();
  } catch {
    return false;
  }
}

/** How long small directories are read until there are so many: whoever waits for the disk hears something. */
const GATHER_MS = 250;

/**
 * Walks a folder: the truth about what is in it. Links are not followed, so no loop and nothing outside
 * the folder is met; other things than regular files are named and never opened.
 *
 * @throws The system's error when the folder itself cannot be read: a partial listing must not pass for a whole one.
 */
export async function* scanFolder(folder: Folder, signal: AbortSignal): AsyncGenerator<Found> {
  for await (const { found } of scanInPieces(folder, signal)) yield* found;
}

/** `known`: how many files besides, of which nothing more is told. */
export type Piece = Readonly<{ found: readonly Found[]; known: number }>;
/** Whether nothing more needs to be told of any of these files. */
type AreKnown = (files: FileLines) => boolean;

/** The same, many files at a time. */
export async function* scanInPieces(
  folder: Folder,
  signal: AbortSignal,
  areKnown: AreKnown = () => false,
): AsyncGenerator<Piece> {
  using looks = createLooks();
  let before: Looking | undefined;
  for await (const { skipped, groups } of gather(folder, looks, signal)) {
    const now = startLooking(looks, groups);
    yield { found: skipped, known: 0 }; // Whoever waits for the disk hears that it answers.
    if (before) yield* tell(looks, before, areKnown); // The disk works while the ledger is asked.
    before = now;
  }
  if (before) yield* tell(looks, before, areKnown);
}

type Gathered = Readonly<{ skipped: Skipped[]; groups: Group[] }>;

/** What there is to be looked at, of each directory in the order of its names, and what is left out. */
async function* gather(
  folder: Folder,
  looks: Looks,
  signal: AbortSignal,
): AsyncGenerator<Gathered> {
  const select = selectorFor(folder.rule);
  const excluded = excludedBy(folder.rule);
  const pending = [folder.path];
  const reading = createReading(looks, pending);
  let some: Gathered = { skipped: [], groups: [] };
  let entries = 0;
  let sinceMs = performance.now();

  function take(): Gathered {
    reading.begin();
    const taken = some;
    [some, entries, sinceMs] = [{ skipped: [], groups: [] }, 0, performance.now()];
    return taken;
  }

  async function* whenEnough(): AsyncGenerator<Gathered> {
    if (entries < AT_ONCE && performance.now() - sinceMs < GATHER_MS) return;
    await setImmediate(); // However many are left out, others have their turn.
    yield take();
  }

  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    signal.throwIfAborted();
    const below = relative(folder.path, directory);
    const inside = below === '' ? '' : below + sep;
    const above = join(directory, sep);
    try {
      const all = await reading.entriesOf(directory);
      for (let from = 0; from < all.length; from += AT_ONCE) {
        const piece = all.slice(from, from + AT_ONCE);
        const { folders, skipped, names } = sortOut(piece, above, (name) => select(inside + name));
        pending.push(...folders);
        some.skipped.push(...skipped);
        if (names.length > 0) some.groups.push({ directory: above, names });
        entries += piece.length;
        yield* whenEnough();
      }
    } catch (error) {
      if (directory === folder.path) throw error;
      const isLeftOut =
        systemFolder.test(basename(directory)) || excluded(withSlashes(below)) !== undefined;
      const skipped = unseen(directory, error);
      some.skipped.push(
        isLeftOut ? { kind: 'skipped', path: directory, reason: skipped.reason } : skipped,
      );
    }
    entries += 1; // Also of one in which there is nothing, or that cannot be read.
    yield* whenEnough();
  }
  yield take();
}

type Sorted = { folders: string[]; skipped: Skipped[]; names: string[] };

/** What of a directory's entries is another directory, what is left out, and what has to be looked at. */
function sortOut(entries: readonly Entry[], above: string, select: Selector): Sorted {
  const sorted: Sorted = { folders: [], skipped: [], names: [] };
  const isBad = above.includes(NOT_UTF8);
  for (const entry of entries) {
    const reason = select(entry.name);
    if (!entry.isDirectory() && reason === undefined && !isBad && !entry.name.includes(NOT_UTF8)) {
      sorted.names.push(entry.name);
      continue;
    }
    const path = above + entry.name;
    if (entry.isDirectory()) {
      const isHidden = hiddenFolder.test(entry.name);
      if (isHidden) sorted.skipped.push({ kind: 'skipped', path, reason: 'a hidden folder' });
      else sorted.folders.push(path);
      if (!isHidden && /\.[A-Za-z0-9]{2,4}$/.test(entry.name) && reason === undefined)
        sorted.skipped.push(notAFile(path, 'a folder, not a file'));
    } else if (reason !== undefined) sorted.skipped.push({ kind: 'skipped', path, reason });
    else sorted.skipped.push(unreadable(path, BAD_NAME));
  }
  return sorted;
}

type Looking = Readonly<{ groups: readonly Group[]; looked: Promise<Looked> }>;

function startLooking(looks: Looks, groups: readonly Group[]): Looking {
  const looked = looks.among(groups);
  looked.catch(() => {}); // It is waited for later.
  return { groups, looked };
}

async function* tell(looks: Looks, looking: Looking, areKnown: AreKnown): AsyncGenerator<Piece> {
  let { groups } = looking;
  for (let looked = await looking.looked; groups.length > 0;) {
    yield pieceOf(groups, looked, areKnown);
    groups = without(groups, looked.length);
    if (groups.length > 0) looked = await looks.among(groups);
  }
}

function pieceOf(groups: readonly Group[], looked: Looked, areKnown: AreKnown): Piece {
  const found: Found[] = [];
  let [at, known] = [0, 0];
  for (const [i, group] of groups.entries()) {
    const names = group.names.slice(0, Math.max(0, looked.length - at));
    const lines = looked.lines[i];
    if (lines !== undefined && areKnown({ ...group, names, lines })) known += names.length;
    else
      for (const [n, name] of names.entries())
        found.push(foundAt(group.directory + name, looked.seen(at + n)));
    at += names.length;
  }
  return { found, known };
}

/** Without so many files at their beginning. */
function without(groups: readonly Group[], files: number): Group[] {
  let rest = files;
  return groups.flatMap(({ directory, names }) => {
    const left = names.slice(rest);
    rest = Math.max(0, rest - names.length);
    return left.length > 0 ? [{ directory, names: left }] : [];
  });
}

/** One look at a path, without following a link and without opening anything. */
export async function look(path: string): Promise<Found> {
  if (path.includes(NOT_UTF8)) return unreadable(path, BAD_NAME);
  try {
    return foundAt(path, await lstat(path, { bigint: true }));
  } catch (error) {
    return unseen(path, error);
  }
}

export function foundAt(path: string, seen: Seen): Found {
  if ('code' in seen) return unseen(path, seen);
  const type = Number(seen.mode) & constants.S_IFMT;
  if (type === constants.S_IFLNK) return notAFile(path, 'a link');
  if (type === constants.S_IFDIR) return notAFile(path, 'a folder, not a file');
  if (type !== constants.S_IFREG) return notAFile(path, 'not a regular file');
  return {
    kind: 'file',
    sighting: {
      path,
      sizeBytes: Number(seen.size),
      mtimeNs: String(seen.mtimeNs),
      ctimeNs: String(seen.ctimeNs),
      device: String(seen.dev),
      inode: inodeOf(seen),
    },
  };
}

export function inodeOf({ ino, birthtimeNs }: Pick<BigIntStats, 'ino' | 'birthtimeNs'>): string {
  return `${ino}.${birthtimeNs}`;
}

/**
 * Whether a directory lists a file under exactly this name. Where upper and lower case, or two forms of an
 * accent, are one name, a file that was renamed from one to the other is still found by its old name.
 * What cannot be looked at counts as listed.
 */
export async function isListed(path: string): Promise<boolean> {
  const names = await readdir(dirname(path)).catch(() => undefined);
  return names === undefined || names.includes(basename(path));
}

function notAFile(path: string, reason: string): Skipped {
  return { kind: 'skipped', path, reason, code: 'not-a-file' };
}

function unreadable(path: string, reason: string): Skipped {
  return { kind: 'skipped', path, reason, code: 'file-unreadable' };
}

/** What the system's error means for something that was there a moment ago. */
function unseen(path: string, error: unknown): Skipped {
  const { code = 'error' } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return unreadable(path, `cannot be read (${code})`);
  // A folder whose name Node cannot give back is there all the same, and so are the recordings in it.
  if (path.includes(NOT_UTF8)) return unreadable(path, BAD_NAME);
  return { kind: 'skipped', path, reason: 'gone again' };
}
