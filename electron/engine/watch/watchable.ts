import { realpath, stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { ask, Silence, type Patience } from '../files/disks.ts';
import { isConnected } from './scan.ts';
import { diskOf, identify } from './presence.ts';
import type { Folder, FolderIdentity, FolderStore } from '../store/folders.ts';

export type Place = Readonly<{
  /** As it is watched already, where it is; else as it was given. */
  path: string;
  /** What is there now is meant. */
  identity: FolderIdentity;
}>;

/**
 * Where systems show themselves as files: what is there changes without end, and some of it must not be read.
 * Sticks and shares are mounted elsewhere.
 */
const ofTheSystem = process.platform === 'win32' ? [] : ['/proc', '/sys', '/dev'];

/**
 * Folders are compared by what they are, not by how they are written: through a link, or where upper and
 * lower case are one name, the same one has many paths.
 *
 * @param homePath Holds the ledger and must never be uploaded.
 * @param known    Of a folder that is watched already: what is there now need not be the one that is meant.
 * @throws AppError `bad-folder` when the folder is missing, inside another one, around one, holds the home, or is no
 *   place on a disk.
 */
export async function assertWatchable(
  path: string,
  folders: FolderStore,
  homePath: string,
  known?: FolderIdentity,
): Promise<Place> {
  if (known) return { path, identity: known };
  if (!(await isConnected(path)))
    throw new AppError('bad-folder', `${path}: there is no such folder`);
  const { real, identity } = await answerOf(path, async () => ({
    real: await realpath(path),
    identity: await identify(path),
  }));
  if (ofTheSystem.some((top) => isBelow(real, top)))
    throw new AppError(
      'bad-folder',
      `${path} shows how this computer works, and holds no recordings`,
    );
  const same = await placeAmong(path, folders.list(), folders, homePath);
  return { path: same?.path ?? path, identity };
}

/**
 * @param watched Those that it must not be inside or around.
 * @returns The one of them that it is.
 * @throws AppError `bad-folder` when it is inside one, around one, holds the home, or does not answer.
 */
export async function placeAmong(
  path: string,
  watched: readonly Folder[],
  folders: FolderStore,
  homePath: string,
): Promise<Folder | undefined> {
  const place = await answerOf(path, () => spotAt(path));
  if (isInside(await spotAt(homePath), place))
    throw new AppError('bad-folder', `${path} holds the app’s own data`);
  let same: Folder | undefined;
  for (const folder of watched) {
    const { path: other } = folder;
    const asked = ask(diskOf(folders, folder), () => spotAt(other));
    const there = await asked.catch(() => undefined);
    const isIn = there ? isInside(place, there) : isBelow(place.real, other);
    const isAround = there ? isInside(there, place) : isBelow(other, place.real);
    if (other === path || (isIn && isAround)) same = folder;
    else if (isIn)
      throw new AppError('bad-folder', `${path} is inside ${other}, which is already watched`);
    else if (isAround)
      throw new AppError('bad-folder', `${other}, which is already watched, is inside ${path}`);
  }
  return same;
}

/** Where a watched folder really is; `undefined` when it is not there, or does not answer. */
export async function reach(
  folders: FolderStore,
  folder: Folder,
  patience?: Patience,
): Promise<string | undefined> {
  return ask(diskOf(folders, folder), () => realpath(folder.path), patience).catch(() => undefined);
}

/** By their names, also of the top of a disk. */
export function isBelow(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** A folder that is there. `numbers`: its own, and of each folder above it. */
type Spot = Readonly<{ real: string; numbers: readonly string[] }>;

/** Two of them are compared without asking their disks again. */
async function spotAt(path: string): Promise<Spot> {
  const real = await realpath(path);
  const numbers: string[] = [];
  for (let at = real; ; at = dirname(at)) {
    const { dev, ino } = await stat(at, { bigint: true });
    numbers.push(`${dev}:${ino}`);
    if (dirname(at) === at) return { real, numbers };
  }
}

function isInside(inner: Spot, outer: Spot): boolean {
  return inner.numbers.includes(outer.numbers[0]!);
}

/** @throws AppError `bad-folder` where its disk does not answer. */
async function answerOf<T>(path: string, question: () => Promise<T>): Promise<T> {
  return ask(path, question).catch((error: unknown) => {
    if (!(error instanceof Silence)) throw error;
    throw new AppError('bad-folder', `${path} does not answer`);
  });
}
