import { constants, type BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import picomatch from 'picomatch';
import { takesType } from '#shared/limits.ts';
import { isUnconvertedZoom } from '../container/judge.ts';
import { ask } from '../files/disks.ts';
import { createLooks, type Entry, type Looks, type Seen } from './looks.ts';
import { isMedia } from '../container/media.ts';
import type { Folder, FolderRule } from '../store/folders.ts';

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

/** Half-written files of browsers, copy tools and recorders: the finished one comes under another name. */
export const temporaryEndings =
  'part partial crdownload download tmp temp filepart opdownload aria2 !ut zoom inprogress'.split(
    ' ',
  );
const temporary = picomatch(['~$*', `*.{${temporaryEndings.join(',')}}`, '*~'], {
  nocase: true,
  dot: true,
});

/** What is in these was put there by a program, such as what a person has thrown into a disk’s trash. */
const hiddenFolder = /^(?:\.|(?:\$RECYCLE\.BIN|System Volume Information)$)/i;

/** Whether a folder, by its path below a watched one, is hidden or in a hidden one. */
export function isHidden(relativeFolder: string): boolean {
  return relativeFolder.split(sep).some((name) => name !== '.' && hiddenFolder.test(name));
}

/** Says of a path below the folder why it is not uploaded; `undefined` when it is. */
export type Selector = (relativePath: string) => string | undefined;

export function selectorFor(rule: FolderRule): Selector {
  const known = selectors.get(rule);
  if (known) return known;
  const selector = newSelector(rule);
  selectors.set(rule, selector);
  return selector;
}

/** Patterns take much longer to be made than to be asked. */
const selectors = new WeakMap<FolderRule, Selector>();

function newSelector(rule: FolderRule): Selector {
  const [include, exclude] = [said(rule.include), said(rule.exclude)];
  const included = include.length > 0 ? matcher(include) : undefined;
  const excluded = matcher(exclude);
  const notIncluded = `not included by this folder’s rule (${include.join(', ')})`;
  const types = (rule.types ?? []).join(', ');
  // Files are asked about folder by folder.
  let lastFolder: string | undefined;
  let isLastHidden = false;
  return (relativePath) => {
    const path = withSlashes(relativePath);
    const name = basename(relativePath);
    const folder = dirname(relativePath);
    if (folder !== lastFolder) {
      lastFolder = folder;
      isLastHidden = isHidden(folder);
    }
    if (isLastHidden) return 'in a hidden folder';
    if (name.startsWith('.')) return 'a hidden name';
    const isZoom = isUnconvertedZoom(path); // Held, so that its owner hears how to get a recording of it.
    if (temporary(name) && !isZoom) return 'a temporary name';
    const pattern = excluded(path);
    if (pattern !== undefined) return `excluded by this folder’s rule (${pattern})`;
    if (included) return included(path) === undefined ? notIncluded : undefined;
    // What its limits keep of recordings is held, so that nobody misses one.
    if (isZoom || isMedia(path)) return undefined;
    if (rule.kind !== 'audio')
      return takesType(rule, path) ? undefined : `not a type that this folder takes (${types})`;
    return types !== '' && takesType(rule, path) ? undefined : 'not a recording';
  };
}

/** As patterns are written. */
const withSlashes = (path: string): string => (sep === '/' ? path : path.split(sep).join('/'));

/** An empty pattern, such as a variable in a script that was not set, says nothing. */
const said = (patterns: readonly string[]): string[] =>
  patterns.filter((pattern) => pattern !== '');

/** Finds the first of the patterns that a path matches. */
function matcher(patterns: readonly string[]): (path: string) => string | undefined {
  const each = patterns.map((pattern) => ({ pattern, fits: picomatch(pattern, { nocase: true }) }));
  return (path) => each.find(({ fits }) => fits(path))?.pattern;
}

/** Node shows bytes that are no UTF-8 so; such a name cannot be opened again. */
const NOT_UTF8 = '\ufffd';
const BAD_NAME = 'a name that cannot be read on this computer';
/** The operating system's own, on every disk of Linux: mostly only it may look, and no recorder writes there. */
const systemFolder = /^lost\+found$/i;

/** Whether a folder is there. One that is missing, or does not answer, is "not connected", never "empty". */
export async function isConnected(folder: string): Promise<boolean> {
  try {
    return (await ask(folder, () => stat(folder))).isDirectory();
  } catch {
    return false;
  }
}

/** Entries of a folder that are looked at together: one question to its disk and one to the ledger. */
const AT_ONCE = 500;
/** How many directories are read ahead, at most. */
const MOST_AHEAD = 50;
/** How long small directories are read until there are so many: whoever waits for the disk hears something. */
const GATHER_MS = 250;

/**
 * Walks a folder: the truth about what is in it. Links are not followed, so no loop and nothing outside
 * the folder is met; other things than regular files are named and never opened.
 *
 * @throws The system's error when the folder itself cannot be read: a partial listing must not pass for a whole one.
 */
export async function* scanFolder(folder: Folder, signal: AbortSignal): AsyncGenerator<Found> {
  for await (const some of scanInPieces(folder, signal)) yield* some;
}

/** The same, many files at a time. */
export async function* scanInPieces(
  folder: Folder,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  const select = selectorFor(folder.rule);
  const excluded = matcher(said(folder.rule.exclude));
  using looks = createLooks();
  const pending = [folder.path];
  let found: string[] = [];
  let sinceMs = performance.now();
  const ahead = new Map<string, readonly Entry[]>();
  /** That are too large to be read with others. */
  const large = new Set<string>();

  /** With those that come after it: to wake a thread for each costs more than to read it. */
  async function entriesOf(directory: string): Promise<readonly Entry[]> {
    if (!large.delete(directory) && !ahead.has(directory)) {
      const isToAsk = (other: string) => !ahead.has(other) && !large.has(other);
      const asked = [directory, ...pending.slice(-MOST_AHEAD).filter(isToAsk).toReversed()];
      for (const [i, list] of (await looks.lists(asked, AT_ONCE)).entries())
        if (list) ahead.set(asked[i]!, list);
        else if (i > 0) large.add(asked[i]!);
    }
    const entries = ahead.get(directory);
    ahead.delete(directory);
    return entries ?? readdir(directory, { withFileTypes: true });
  }

  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    signal.throwIfAborted();
    const below = relative(folder.path, directory);
    const inside = below === '' ? '' : below + sep;
    try {
      const entries = await entriesOf(directory);
      for (let from = 0; from < entries.length; from += AT_ONCE) {
        const piece = entries.slice(from, from + AT_ONCE);
        const { folders, skipped, paths } = sortOut(piece, directory, (name) =>
          select(inside + name),
        );
        pending.push(...folders);
        if (skipped.length > 0) yield skipped;
        found.push(...paths);
        await setImmediate(); // However many are left out, others have their turn.
      }
    } catch (error) {
      if (directory === folder.path) throw error;
      const isLeftOut =
        systemFolder.test(basename(directory)) || excluded(withSlashes(below)) !== undefined;
      const skipped = unseen(directory, error);
      yield [isLeftOut ? { kind: 'skipped', path: directory, reason: skipped.reason } : skipped];
    }
    const isFew = found.length < AT_ONCE && performance.now() - sinceMs < GATHER_MS;
    if (isFew && pending.length > 0) continue;
    yield* lookAtAll(looks, found);
    found = [];
    sinceMs = performance.now();
  }
}

type Sorted = { folders: string[]; skipped: Skipped[]; paths: string[] };

/** What of a directory's entries is another directory, what is left out, and what has to be looked at. */
function sortOut(entries: readonly Entry[], directory: string, select: Selector): Sorted {
  const sorted: Sorted = { folders: [], skipped: [], paths: [] };
  const above = join(directory, sep);
  for (const entry of entries) {
    const path = above + entry.name;
    const reason = select(entry.name);
    if (entry.isDirectory()) {
      if (hiddenFolder.test(entry.name))
        sorted.skipped.push({ kind: 'skipped', path, reason: 'a hidden folder' });
      else sorted.folders.push(path);
      if (/\.[A-Za-z0-9]{2,4}$/.test(entry.name) && reason === undefined)
        sorted.skipped.push(notAFile(path, 'a folder, not a file'));
    } else if (reason !== undefined) sorted.skipped.push({ kind: 'skipped', path, reason });
    else if (path.includes(NOT_UTF8)) sorted.skipped.push(unreadable(path, BAD_NAME));
    else sorted.paths.push(path);
  }
  return sorted;
}

async function* lookAtAll(looks: Looks, paths: readonly string[]): AsyncGenerator<Found[]> {
  for (let done = 0; done < paths.length;) {
    const rest = paths.slice(done, done + AT_ONCE);
    const seen = await looks.at(rest);
    yield seen.map((each, i) => foundAt(rest[i]!, each));
    done += seen.length;
  }
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
