/** @file The quarantine of an archive: on its disk, by plan, with the archive's own folders in it. */
import type { BigIntStats } from 'node:fs';
import { lstat, mkdir, readdir, realpath, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { AppError } from '#shared/errors.ts';
import type { FilePlace } from '#shared/migration/migration.ts';
import { deleteNothing, findApart, isHoldingName, syncFolder } from '../files/durable-file.ts';
import { saysGone } from '../files/file-errors.ts';
import type { Plan, PlannedFile, PlanStore } from '../store/plans.ts';
import { isBelow } from '../watch/watchable.ts';
import { askDisk, assertNotAway } from './run.ts';

/** Hidden, so that no scan takes what is in it for recordings. */
const QUARANTINE = '.pansea-quarantine';

export function quarantinePath({ root, id }: Plan, { path }: PlannedFile): string {
  return join(root, QUARANTINE, id, path);
}

/** Where the bytes of a file are, by the ledger; `undefined` once they are deleted. */
export function pathNow(plan: Plan, file: PlannedFile): string | undefined {
  if (file.place === 'removed') return undefined;
  return isAside(file) ? quarantinePath(plan, file) : join(plan.root, file.path);
}

/** Whether it was in quarantine last. */
export function isAside({ place }: PlannedFile): boolean {
  return place === 'quarantined' || place === 'removing';
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
  return isBelow(await realpath(dirname(path)), await realpath(root));
}

/** Whether a path in a plan's quarantine really is there: also a link back into the archive leads to other files. */
export async function isInQuarantine({ root, id }: Plan, path: string): Promise<boolean> {
  return isBelow(await realpath(dirname(path)), join(await realpath(root), QUARANTINE, id));
}

async function statsAt(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (saysGone(error)) return undefined;
    throw error;
  }
}

/** `lost`: the file is at neither of its places, or cannot be looked at; where it was last is what is known. */
export type Placed = PlannedFile & Readonly<{ lost: 'gone' | 'unreadable' | undefined }>;

/**
 * Where a file is: the disk tells. A step may have been begun and its end never written down, and the
 * ledger may be a new one. What is not seen on the disk says nothing: it may be another one.
 *
 * @throws AppError `folder-away`
 */
export async function settlePlace(
  { plans, nowMs }: Readonly<{ plans: PlanStore; nowMs: () => number }>,
  plan: Plan,
  file: PlannedFile,
): Promise<Placed> {
  const found = await askDisk(plan, () => placeOnDisk(plan, file)).catch((error: unknown) => {
    if (error instanceof AppError || (error as NodeJS.ErrnoException).code === undefined)
      throw error;
    return 'unreadable' as const;
  });
  if (found === 'gone') await assertNotAway(plan);
  if (found === 'gone' || found === 'unreadable') return { ...file, lost: found };
  // A deletion that was not done does not begin the time of quarantine anew.
  const sinceMs = file.place === 'removing' ? file.placedAtMs : undefined;
  const placedAtMs = sinceMs ?? nowMs();
  if (found === file.place) return { ...file, lost: undefined };
  plans.setPlace(plan, file, found, placedAtMs);
  return { ...file, place: found, placedAtMs, lost: undefined };
}

async function placeOnDisk(plan: Plan, file: PlannedFile): Promise<FilePlace | 'gone'> {
  const path = join(plan.root, file.path);
  const aside = quarantinePath(plan, file);
  const [here, there] = [await statsAt(path), await statsAt(aside)];
  // Two names of one file: it was being moved back, and stays here. Or it was to be moved, and its name is held.
  const isNothing = isSameFile(here, there) || there?.size === 0n;
  // Another program may clean the same archive: see `deleteNothing`.
  if (isNothing) await deleteNothing(aside, (now) => now.size === 0n || isSameFile(here, now));
  if (there !== undefined && !isNothing) {
    if (here !== undefined && isHoldingName(here)) await deleteNothing(path, isHoldingName);
    return 'quarantined';
  }
  if (here !== undefined) return 'here';
  if (file.place === 'removed') return 'removed';
  const isIt = ({ size, mtimeNs }: BigIntStats) =>
    size > 0n && size === BigInt(file.sizeBytes) && String(mtimeNs) === file.mtimeNs;
  if (await findApart(aside, isIt)) return 'quarantined';
  if (await findApart(path, isIt)) return 'here';
  // Its folder in the quarantine goes after it, and shows that this is the disk that it was deleted on.
  const isDeleted = file.place === 'removing' && (await statsAt(dirname(aside))) !== undefined;
  return isDeleted ? 'removed' : 'gone';
}

/** Certainly: a file system without numbers of its own for files has no second names for them, either. */
function isSameFile(a: BigIntStats | undefined, b: BigIntStats | undefined): boolean {
  return a?.dev === b?.dev && a?.ino === b?.ino && (a?.nlink ?? 0n) > 1n;
}
