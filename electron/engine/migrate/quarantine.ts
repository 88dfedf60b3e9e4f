/** @file The quarantine of an archive: on its disk, by plan, with the archive's own folders in it. */
import { lstat, realpath, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { FilePlace } from '#shared/migration.ts';
import { inodeOf } from '../scan.ts';
import type { Plan, PlannedFile, PlanStore } from '../store/plans.ts';

/** Hidden, so that no scan takes what is in it for recordings. */
const QUARANTINE = '.pansea-quarantine';

export const quarantineOf = ({ root }: Plan): string => join(root, QUARANTINE);

export function quarantinePath(plan: Plan, { path }: PlannedFile): string {
  return join(quarantineOf(plan), plan.id, path);
}

/** The folders of a quarantine that hold nothing any more, from the innermost up. */
export async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    return; // It holds something.
  }
  if (basename(folder) !== QUARANTINE) await removeEmpty(dirname(folder));
}

/** Through no link to somewhere else. */
export async function isInside(root: string, path: string): Promise<boolean> {
  const folder = await realpath(dirname(path));
  const top = await realpath(root);
  return folder === top || folder.startsWith(top + sep);
}

/** Which file is at a path. */
export async function inodeAt(path: string): Promise<string | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    return `${stats.dev} ${inodeOf(stats)}`;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Where a file is: the disk tells. A step may have been begun and its end never written down, and the
 * ledger may be a new one.
 */
export async function settlePlace(
  { plans, nowMs }: Readonly<{ plans: PlanStore; nowMs: () => number }>,
  plan: Plan,
  file: PlannedFile,
): Promise<FilePlace> {
  const { place } = file;
  if (place === 'removed') return place;
  const aside = quarantinePath(plan, file);
  const [here, there] = [await inodeAt(join(plan.root, file.path)), await inodeAt(aside)];
  // Both names of one file: it was being moved, there or back. It stays here.
  if (there !== undefined && here === there) await unlink(aside);
  const now = placeBy(file, here, here === there ? undefined : there);
  // A deletion that was not done does not begin the time of quarantine anew.
  const sinceMs = place === 'removing' ? file.placedAtMs : undefined;
  if (now !== place) plans.setPlace(plan, file, now, sinceMs ?? nowMs());
  return now;
}

function placeBy(
  { place }: PlannedFile,
  here: string | undefined,
  there: string | undefined,
): FilePlace {
  if (there !== undefined) return 'quarantined';
  return place === 'removing' && here === undefined ? 'removed' : 'here';
}
