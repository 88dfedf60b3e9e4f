/** @file Files that appear whole, and over nothing else. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';
import { link, lstat, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, parse } from 'node:path';
import { crashPoint } from '../test-hooks.ts';

/** What file systems without hard links say: exFAT and FAT, some network drives. */
const withoutLinks: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  // Node's answer on Windows, which other systems give for a folder: https://github.com/nodejs/node/issues/65817
  ...(process.platform === 'win32' ? ['EISDIR'] : []),
]);

/**
 * Gives a file another name on its disk, never over what has come into being there, as a rename would.
 *
 * @throws The system's error, `EEXIST` when the name is taken.
 */
export async function moveIfFree(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!withoutLinks.has((error as NodeJS.ErrnoException).code)) throw error;
    return moveWhole(from, to);
  }
  crashPoint('move-after-link');
  await unlink(from);
}

/** What an empty file that holds a name says, by its time of change, to tell it from anybody else's. */
const HOLDS_NAME_SINCE = new Date('2000-01-01T12:00:00Z');
/** FAT keeps local times: in another zone they are others. */
const ANY_ZONE_MS = 86_400_000n;

/**
 * The same, and whatever is at `from` in the moment of the move is moved and nothing of it deleted, while between the link
 * and the unlink of `moveIfFree` another program may save a new version there. The name is taken first, by
 * an empty file, which a crash leaves: for folders in which nobody else writes, and disks without links.
 *
 * @throws The system's error, `EEXIST` when the name is taken.
 */
export async function moveWhole(from: string, to: string): Promise<void> {
  await holdName(to);
  crashPoint('move-after-placeholder');
  try {
    await rename(from, to);
  } catch (error) {
    // A share may have done it and say that it has not.
    const { size } = await lstat(to);
    if (size === 0) await unlink(to);
    throw error;
  }
}

async function holdName(path: string): Promise<void> {
  await using holder = await open(path, 'wx', 0o600);
  try {
    await holder.utimes(HOLDS_NAME_SINCE, HOLDS_NAME_SINCE);
  } catch (error) {
    await unlink(path);
    throw error;
  }
}

/** Whether a file is what a crash in `moveWhole` has left, empty. */
export function isHoldingName({ size, mtimeMs }: Pick<BigIntStats, 'size' | 'mtimeMs'>): boolean {
  const off = mtimeMs - BigInt(HOLDS_NAME_SINCE.getTime());
  return size === 0n && off < ANY_ZONE_MS && off > -ANY_ZONE_MS;
}

/** What is looked at once more before it is deleted. */
const APART = /^\.[\da-f-]{36}\.nothing$/;

/**
 * Deletes a file that is nothing, unless another program has moved something over it since it was looked at: what is
 * to be deleted has a name of its own when it is looked at again. What is there after all gets its name back, or
 * where that is taken by then, one beside it; after a kill see `findApart`.
 *
 * @param isNothing By what the file shows then.
 */
export async function deleteNothing(
  path: string,
  isNothing: (shown: BigIntStats) => boolean,
): Promise<void> {
  const apart = join(dirname(path), `.${randomUUID()}.nothing`);
  await rename(path, apart);
  if (isNothing(await lstat(apart, { bigint: true }))) await unlink(apart);
  else await moveBeside(apart, path);
}

async function moveBeside(from: string, to: string): Promise<void> {
  const { dir, name, ext } = parse(to);
  for (let n = 1; ; n += 1)
    try {
      return await moveIfFree(from, n === 1 ? to : join(dir, `${name} (${n})${ext}`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
}

/**
 * Gives a file its name back that a kill in `deleteNothing` has left beside it, hidden.
 *
 * @param isIt By what the file shows.
 * @returns Whether there was one.
 * @throws The system's error, `EEXIST` when the name is taken.
 */
export async function findApart(
  path: string,
  isIt: (shown: BigIntStats) => boolean,
): Promise<boolean> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const apart of names.filter((name) => APART.test(name)).map((name) => join(folder, name))) {
    if (!isIt(await lstat(apart, { bigint: true }))) continue;
    await moveIfFree(apart, path);
    return true;
  }
  return false;
}

/** Less than V8 keeps apart as large objects, each of which costs a collection where memory is short. */
const WRITE_CHARACTERS = 48 * 1024;

/**
 * Writes a new file of any length, readable by its owner alone. It appears whole, or not at all.
 *
 * @throws The system's error, `EEXIST` when there is one of that name.
 */
export async function writeNewFile(
  path: string,
  text: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    let waiting = '';
    for await (const piece of text) {
      waiting += piece;
      if (waiting.length < WRITE_CHARACTERS) continue;
      await file.writeFile(waiting);
      waiting = '';
      crashPoint('report-export-mid');
    }
    await file.writeFile(waiting);
    await file.sync();
    await moveIfFree(temporary, path);
    syncFolder(dirname(path));
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

/** Replaces a file in one step: after a crash it holds the old text or the new one. Readable by its owner alone. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    fchmodSync(file, 0o600); // One that was left behind keeps its mode when it is opened.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

type Sync = { running: Promise<void>; next: Promise<void> | undefined };
const syncs = new Map<string, Sync>();

/** As `syncFolder`, beside other work: whoever asks while it runs shares the one after it. */
export function syncFolderShared(path: string): Promise<void> {
  const now = syncs.get(path);
  if (now === undefined) return startSync(path);
  now.next ??= now.running.catch(() => {}).then(() => startSync(path));
  return now.next;
}

function startSync(path: string): Promise<void> {
  const running = (async () => {
    if (process.platform === 'win32') return;
    await using folder = await open(path, 'r');
    await folder.sync();
  })();
  const sync: Sync = { running, next: undefined };
  syncs.set(path, sync);
  const end = () => {
    if (sync.next === undefined && syncs.get(path) === sync) syncs.delete(path);
  };
  running.then(end, end);
  return running;
}

/** Makes names that were created or changed in a folder survive a power cut. Windows has no such call and needs none. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
