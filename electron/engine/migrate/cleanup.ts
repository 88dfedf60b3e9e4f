/**
 * @file Takes files of an archive off the disk, in two steps that can be undone until the second: into a
 * quarantine on the same disk, and days later for good. Before each step the object is asked for and the
 * file read anew; a file that is not proven in that very moment stays where it is (promise 7).
 */
import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import {
  addTo,
  isAtLeast,
  noFiles,
  type Kept,
  type ProofLevel,
  type Sum,
} from '#shared/migration.ts';
import { moveIfFree, syncFolder } from '../durable-file.ts';
import { rehashSource } from '../rehash.ts';
import { look } from '../scan.ts';
import { openSource } from '../source.ts';
import { crashPoint, isMutant } from '../test-hooks.ts';
import type { Plan, PlannedFile } from '../store/plans.ts';
import {
  inodeAt,
  isInside,
  makeFolders,
  quarantinePath,
  removeEmpty,
  settlePlace,
} from './quarantine.ts';
import { assertThere, jobOf } from './run.ts';
import { lookThere, sentOf, whatIsWrong, type MigrationContext } from './verify.ts';

export const DAY_MS = 86_400_000;

export type Cleaned = Readonly<{ file: PlannedFile; kept: Kept | undefined }>;
export type CleanupContext = MigrationContext & Readonly<{ nowMs: () => number }>;

export type Survey = Readonly<{
  /** Not verified at the level asked for: nothing is cleaned up while there is one. */
  pending: Sum;
  here: Sum;
  quarantined: Sum;
  /** Of those, what has been there for long enough. */
  due: Sum;
  removed: Sum;
}>;

/**
 * What could be cleaned up now. Changes nothing but what a crash has left half done.
 *
 * @throws AppError `folder-away` when the archive is not connected.
 */
export async function surveyPlan(
  context: CleanupContext,
  plan: Plan,
  level: ProofLevel,
  days: number,
): Promise<Survey> {
  const survey = {
    pending: noFiles(),
    here: noFiles(),
    quarantined: noFiles(),
    due: noFiles(),
    removed: noFiles(),
  };
  await assertThere(plan);
  for (const found of context.plans.files(plan.id)) {
    const file = { ...found, place: await settlePlace(context, plan, found) };
    if (file.place === 'here') addTo(isProven(file, level) ? survey.here : survey.pending, file);
    if (file.place === 'removed') addTo(survey.removed, file);
    if (file.place !== 'quarantined') continue;
    addTo(survey.quarantined, file);
    if (isDue(file, days, context.nowMs())) addTo(survey.due, file);
  }
  return survey;
}

function isProven({ verdict, level }: PlannedFile, asked: ProofLevel): boolean {
  return verdict === 'verified' && level !== undefined && isAtLeast(level, asked);
}

export function isDue(
  { placedAtMs = Infinity }: PlannedFile,
  days: number,
  nowMs: number,
): boolean {
  return nowMs - placedAtMs >= days * DAY_MS;
}

/**
 * Moves every file that is here into quarantine.
 *
 * @param confirmed How many a person has agreed to: with any other number nothing is moved.
 * @throws AppError `usage` when it is another number, or when not every file is verified; the storage's trouble.
 */
export async function quarantine(
  context: CleanupContext,
  plan: Plan,
  level: ProofLevel,
  confirmed: number,
  onFile: (cleaned: Cleaned) => void,
  signal: AbortSignal,
): Promise<Sum> {
  const { pending, here } = await surveyPlan(context, plan, level, 0);
  if (pending.files > 0)
    throw new AppError(
      'usage',
      `${pending.files} of ${plan.files} are not verified at the level ${level} yet: run, then verify`,
    );
  assertConfirmed(here.files, confirmed);
  return each(context, plan, onFile, signal, async (file) => {
    if (file.place !== 'here' || !isProven(file, level)) return undefined;
    return moveAway(context, plan, file, signal);
  });
}

/**
 * Deletes for good what has been in quarantine for some days.
 *
 * @param confirmed As in `quarantine`.
 */
export async function purge(
  context: CleanupContext,
  plan: Plan,
  days: number,
  confirmed: number,
  onFile: (cleaned: Cleaned) => void,
  signal: AbortSignal,
): Promise<Sum> {
  assertConfirmed((await surveyPlan(context, plan, 'full', days)).due.files, confirmed);
  return each(context, plan, onFile, signal, async (file) => {
    if (file.place !== 'quarantined' || !isDue(file, days, context.nowMs())) return undefined;
    const path = quarantinePath(plan, file);
    return whenProven(context, plan, file, path, signal, async () => {
      context.plans.setPlace(plan, file, 'removing', file.placedAtMs ?? context.nowMs());
      crashPoint('cleanup-after-commit-before-unlink');
      await unlink(path);
      syncFolder(dirname(path));
      context.plans.setPlace(plan, file, 'removed', context.nowMs());
      await removeEmpty(dirname(path));
      return 'done';
    });
  });
}

/**
 * Puts back what is in quarantine, of the whole plan or of some paths. Nothing is written over.
 *
 * @throws AppError `usage` for a path that the plan does not have, before anything is moved.
 */
export async function undo(
  context: CleanupContext,
  plan: Plan,
  paths: ReadonlySet<string> | undefined,
  onFile: (cleaned: Cleaned) => void,
  signal: AbortSignal,
): Promise<Sum> {
  for (const path of paths ?? [])
    if (!context.plans.names(plan.id, path)) throw new AppError('usage', `The plan has no ${path}`);
  return each(context, plan, onFile, signal, async (file) => {
    if (paths !== undefined && !paths.has(file.path)) return undefined;
    const [from, to] = [quarantinePath(plan, file), join(plan.root, file.path)];
    if (file.place !== 'quarantined') return undefined;
    try {
      await makeFolders(dirname(to));
      if (!(await isInside(plan.root, to))) return 'elsewhere';
      await moveIfFree(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'taken';
      throw error;
    }
    crashPoint('undo-after-rename');
    syncFolder(dirname(to));
    context.plans.setPlace(plan, file, 'here', context.nowMs());
    await removeEmpty(dirname(from));
    return 'done';
  });
}

function assertConfirmed(files: number, confirmed: number): void {
  if (files === confirmed) return;
  throw new AppError(
    'usage',
    `It is ${files} now, not ${confirmed}: look again, then confirm ${files}`,
  );
}

/** Goes through a plan's files, with what a crash has left settled. */
async function each(
  context: CleanupContext,
  plan: Plan,
  onFile: (cleaned: Cleaned) => void,
  signal: AbortSignal,
  act: (file: PlannedFile) => Promise<Kept | 'done' | undefined>,
): Promise<Sum> {
  const total = noFiles();
  await assertThere(plan);
  for (const found of context.plans.files(plan.id)) {
    signal.throwIfAborted();
    const file = { ...found, place: await settlePlace(context, plan, found) };
    const outcome = await act(file);
    if (outcome === undefined) continue;
    if (outcome === 'done') addTo(total, file);
    onFile({ file, kept: outcome === 'done' ? undefined : outcome });
  }
  return total;
}

async function moveAway(
  context: CleanupContext,
  plan: Plan,
  file: PlannedFile,
  signal: AbortSignal,
): Promise<Kept | 'done'> {
  const path = join(plan.root, file.path);
  const target = quarantinePath(plan, file);
  return whenProven(context, plan, file, path, signal, async (inode) => {
    if (!(await isInside(plan.root, path))) return 'elsewhere';
    context.plans.setPlace(plan, file, 'moving', context.nowMs());
    crashPoint('cleanup-after-intent');
    try {
      await makeFolders(dirname(target), 0o700);
      if (!(await isInside(plan.root, target))) return stay(context, plan, file, 'elsewhere');
      await moveIfFree(path, target);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EXDEV') return stay(context, plan, file, 'elsewhere');
      if (code === 'EEXIST') return stay(context, plan, file, 'taken');
      throw error;
    }
    crashPoint('cleanup-after-rename');
    // Another file may have come to the path in the last moment.
    if ((await inodeAt(target)) !== inode) {
      await moveIfFree(target, path);
      return stay(context, plan, file, 'changed');
    }
    syncFolder(dirname(target));
    syncFolder(dirname(path));
    context.plans.setPlace(plan, file, 'quarantined', context.nowMs());
    return 'done';
  });
}

function stay({ plans, nowMs }: CleanupContext, plan: Plan, file: PlannedFile, why: Kept): Kept {
  plans.setPlace(plan, file, 'here', nowMs());
  return why;
}

/**
 * Does something to a file while it is known to be in the bucket: the object is asked for now, by its
 * checksum or, without one, read back; and the file is read whole, from a descriptor that stays open.
 */
async function whenProven(
  { jobs, remote }: CleanupContext,
  plan: Plan,
  file: PlannedFile,
  path: string,
  signal: AbortSignal,
  act: (inode: string) => Promise<Kept | 'done'>,
): Promise<Kept | 'done'> {
  const job = jobOf(jobs, plan, file);
  const sent = job && sentOf(job);
  if (sent === undefined) return 'pending';
  try {
    const asked = await lookThere(remote, sent, 'full', signal);
    const there = asked === 'unproven' ? await lookThere(remote, sent, 'read-back', signal) : asked;
    if (there !== 'verified') return there;
    const found = await look(path);
    if (found.kind === 'skipped') return found.code === undefined ? 'gone' : 'unreadable';
    const { device, inode } = found.sighting;
    await using source = await openSource({ ...file, path, file: found.sighting }, signal);
    // Bug 11: what the file was when it was sent is taken for what it is.
    if (!isMutant(11)) {
      const sha256 = await rehashSource(source, file.sizeBytes, signal);
      if (sha256 !== sent.fingerprint.sha256) return 'changed';
    }
    if ((await inodeAt(path)) !== `${device} ${inode}`) return 'changed';
    return await act(`${device} ${inode}`);
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError) || error.scope !== 'file') throw error;
    return whatIsWrong(error);
  }
}
