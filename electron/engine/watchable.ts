import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { isConnected } from './scan.ts';
import { identify } from './presence.ts';
import type { Folder, FolderIdentity } from './store/folders.ts';

/**
 * @param watched  Folders that are watched already.
 * @param homePath Holds the ledger and must never be uploaded.
 * @returns The folder's identity: what is there now is meant.
 * @throws AppError `bad-folder` when the folder is missing, inside another one, around one, or holds the home.
 */
export async function assertWatchable(
  path: string,
  watched: readonly Folder[],
  homePath: string,
): Promise<FolderIdentity> {
  if (!(await isConnected(path)))
    throw new AppError('bad-folder', `${path}: there is no such folder`);
  const real = await realpath(path);
  if (isInside(await realpath(homePath), real))
    throw new AppError('bad-folder', `${path} holds the app’s own data`);
  for (const { path: other } of watched) {
    const realOther = await realpath(other).catch(() => other);
    if (other === path || realOther === real) continue;
    if (isInside(real, realOther))
      throw new AppError('bad-folder', `${path} is inside ${other}, which is already watched`);
    if (isInside(realOther, real))
      throw new AppError('bad-folder', `${other}, which is already watched, is inside ${path}`);
  }
  return identify(path);
}

function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}
