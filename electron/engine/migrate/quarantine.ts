/** @file The quarantine of an archive: on its disk, by plan, with the archive's own folders in it. */
import type { BigIntStats } from 'node:fs';
import { lstat, mkdir, readdir, realpath, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import pLimit from 'p-limit';
import type { FilePlace } from '#shared/migration.ts';
import { isHoldingName, syncFolder } from '../durable-file.ts';
import type { Plan, PlannedFile, PlanStore } from '../store/plans.ts';

/** Hidden, so that no scan takes what is in it for recordings. */
const QUARANTINE = '.pansea-quarantine';

export function quarantinePath({ root, id }: Plan, { path }: PlannedFile): string {
  return join(root, QUARANTINE, id, path);
}

/** Where the bytes of a file are, by the ledger; `undefined` once they are deleted. */
export function pathNow(plan: Plan, file: PlannedFile): string | undefined {
  if (file.place === 'removed') return undefined;
  const isAside = file.place === 'quarantined' || file.place === 'removing';
  return isAside ? quarantinePath(plan, file) : join(plan.root, file.path);
}

/** One at a time: whoever finds a folder there must not go on before it is safe from a power cut. */
const making = pLimit(1);

/** Makes folders that survive a power cut, before anything is moved into them. */
export function makeFolders(folder: string, mode?: number): Promise<void> {
  return making(async () => {
    const first = await mkdir(folder, { recursive: true, mode });
    if (first === undefined) return;
    for (let made = folder; made !== dirname(first); made = dirname(made))
      syncFolder(dirname(made));
  });
}

/** The folders of a plan's quarantine that hold nothing any more. */
export async function removeEmpty({ root, id }: Plan): Promise<void> {
  await removeEmptyFolders(join(root, QUARANTINE, id));
  await rmdir(join(root, QUARANTINE)).catch(() => {});
}

async function removeEmptyFolders(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries)
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name));
  await rmdir(folder).catch(() => {}); // It holds something.
}

/** Through no link to somewhere else. */
export async function isInside(root: string, path: string): Promise<boolean> {
  const folder = await realpath(dirname(path));
  const top = await realpath(root);
  return folder === top || folder.startsWith(top + sep);
}

async function statsAt(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
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
  const path = join(plan.root, file.path);
  const aside = quarantinePath(plan, file);
  const [here, there] = [await statsAt(path), await statsAt(aside)];
  // Two names of one file: it was being moved back, and stays here. Or it was to be moved, and its name is held.
  const isNothing = isSameFile(here, there) || there?.size === 0n;
  if (isNothing) await unlink(aside);
  const isHere = here !== undefined && (isNothing || there === undefined || !isHoldingName(here));
  if (here !== undefined && !isHere) await unlink(path);
  const now = placeBy(place, isHere, there !== undefined && !isNothing);
  // A deletion that was not done does not begin the time of quarantine anew.
  const sinceMs = place === 'removing' ? file.placedAtMs : undefined;
  if (now !== place) plans.setPlace(plan, file, now, sinceMs ?? nowMs());
  return now;
}

/** Certainly: a file system without numbers of its own for files has no second names for them, either. */
function isSameFile(a: BigIntStats | undefined, b: BigIntStats | undefined): boolean {
  return a?.dev === b?.dev && a?.ino === b?.ino && (a?.nlink ?? 0n) > 1n;
}

function placeBy(place: FilePlace, isHere: boolean, isThere: boolean): FilePlace {
  if (isThere) return 'quarantined';
  const wasDeleted = place === 'removing' || place === 'removed';
  return wasDeleted && !isHere ? 'removed' : 'here';
}
