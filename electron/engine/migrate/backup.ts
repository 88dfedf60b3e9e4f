/** @file The guide's first step: a back-up of the archive, on record, and a part of it compared. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { isoTime } from '#shared/format.ts';
import { vouchedBy, type Backup } from '#shared/migration/migration.ts';
import { look, type Sighting } from '../watch/scan.ts';
import { inSlices } from '../pauses.ts';
import { rehash } from '../audit/rehash.ts';
import type { Plan, PlannedFile, PlanStore } from '../store/plans.ts';
import { isAside, quarantinePath } from './quarantine.ts';
import { assertNotAway } from './run.ts';

type Context = Readonly<{ plans: PlanStore; nowMs: () => number; random: () => number }>;

/** For programs, wherever they read it. */
export function backupView({ atMs, ...made }: Backup) {
  return { ...made, at: isoTime(atMs) };
}

/**
 * Puts on record that somebody has made a back-up, who says so.
 *
 * @throws AppError `usage` when nobody is named, or at length.
 */
export function noteBackup(
  { plans, nowMs }: Omit<Context, 'random'>,
  plan: Plan,
  said: string,
): Backup {
  const by = vouchedBy.safeParse(said);
  if (!by.success) throw new AppError('usage', 'Say who made the back-up, in 1 to 200 characters');
  const backup: Backup = { kind: 'said', by: by.data, atMs: nowMs() };
  plans.setBackup(plan.id, backup);
  return backup;
}

/**
 * Compares files of the archive, chosen by chance, with those at the same place below `path`, byte by byte
 * through their hashes, and puts on record how many are the same.
 *
 * @param onCompared Hears of each; it is not the same when it is missing there, or another one.
 * @throws AppError `usage` when there is no such folder, it is the archive itself, or holds its files by other
 *   names only; `folder-away` when either is not connected.
 */
export async function compareBackup(
  { plans, nowMs, random }: Context,
  plan: Plan,
  path: string,
  number: number,
  onCompared: (file: PlannedFile, isSame: boolean) => void | Promise<void>,
  signal: AbortSignal,
): Promise<Backup> {
  if ((await folderAt(path)) === (await folderAt(plan.root)))
    throw new AppError('usage', `${path} is the archive itself`);
  const backup = { kind: 'compared', path, compared: 0, same: 0, bytes: 0 } as const;
  const total = { compared: 0, same: 0, bytes: 0 };
  // Each has the same chance, and in the end it is so many: Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S.
  let left = plan.files;
  for await (const file of inSlices(plans.files(plan.id))) {
    if (total.compared === number) break;
    const isChosen = random() * left < number - total.compared;
    left -= 1;
    if (!isChosen) continue;
    total.compared += 1;
    const isSame = await isSameAt(plan, file, path, signal);
    if (isSame) {
      total.same += 1;
      total.bytes += file.sizeBytes;
    }
    await onCompared(file, isSame);
  }
  const compared: Backup = { ...backup, ...total, atMs: nowMs() };
  plans.setBackup(plan.id, compared);
  return compared;
}

async function folderAt(path: string): Promise<string> {
  const { dev, ino } = await stat(path).catch((cause: unknown) => {
    throw new AppError('usage', `There is no folder ${path}`, { cause });
  });
  return `${dev} ${ino}`;
}

async function isSameAt(
  plan: Plan,
  file: PlannedFile,
  folder: string,
  signal: AbortSignal,
): Promise<boolean> {
  const at = join(folder, file.path);
  const [one, copy] = [await originalOf(plan, file), await look(at)];
  const known = one === undefined ? deletedAs(file) : undefined;
  if (one === undefined && known === undefined) {
    await assertNotAway(plan);
    return false;
  }
  if (copy.kind === 'skipped') {
    await assertNotAway({ root: folder });
    return false;
  }
  const other = copy.sighting;
  if (one?.inode === other.inode && one.device === other.device)
    throw new AppError('usage', `${at} is no copy: it is the archive’s own ${one.path}`);
  if (other.sizeBytes !== file.sizeBytes) return false;
  try {
    const there = { ...other, file: other };
    const own = known ?? (await rehash({ ...file, path: one!.path, file: one }, signal));
    return own === (await rehash(there, signal));
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    return false;
  }
}

/** The file itself, at its place or in quarantine; also where a step was cut off before its end was written down. */
async function originalOf(plan: Plan, file: PlannedFile): Promise<Sighting | undefined> {
  const places = [join(plan.root, file.path), quarantinePath(plan, file)];
  for (const path of isAside(file) ? places.toReversed() : places) {
    const found = await look(path);
    if (found.kind === 'file') return found.sighting;
  }
  return undefined;
}

/** SHA-256 of a file that was deleted after proof: what is known of it when it is not there to be read. */
function deletedAs({ place, sha256 }: PlannedFile): string | undefined {
  return place === 'removed' || place === 'removing' ? sha256 : undefined;
}
