/**
 * @file Takes files of an archive off the disk, in two steps that can be undone until the second: into a
 * quarantine on the same disk, and days later for good. Before each step the object is asked for and the
 * file read anew; a file that is not proven in that very moment stays where it is (promise 7).
 */
import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { AppError } from '#shared/errors.ts';
import {
  addTo,
  isAtLeast,
  noFiles,
  type FilePlace,
  type Kept,
  type ProofLevel,
  type Sum,
} from '#shared/migration.ts';
import { SINGLE_PUT_BYTES } from '#shared/parts.ts';
import { moveIfFree, moveWhole, syncFolderShared } from '../durable-file.ts';
import { crashPoint } from '../test-hooks.ts';
import type { Plan, PlannedFile } from '../store/plans.ts';
import { abreast } from './abreast.ts';
import { isInside, makeFolders, quarantinePath, removeEmpty, settlePlace } from './quarantine.ts';
import { whenProven } from './proven.ts';
import { assertThere } from './run.ts';
import { READS, whatIsWrong, type MigrationContext } from './verify.ts';

/** Files at a time: most of each is waiting, for an answer or for the disk. Of large ones fewer are read. */
const ABREAST = 16;

export const DAY_MS = 86_400_000;

const keptByErrors: ReadonlyMap<string, Kept> = new Map([
  ['EXDEV', 'elsewhere'],
  ['EEXIST', 'taken'],
  ['ENOTDIR', 'taken'],
  ['ENOENT', 'gone'],
  ['EACCES', 'fixed'],
  ['EPERM', 'fixed'],
  ['EBUSY', 'fixed'],
  ['EROFS', 'fixed'],
]);

export type CleanupContext = MigrationContext & Readonly<{ nowMs: () => number }>;
export type Cleaned = Readonly<{ file: PlannedFile; kept: Kept | undefined }>;

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
  signal?: AbortSignal,
): Promise<Survey> {
  const survey = {
    pending: noFiles(),
    here: noFiles(),
    quarantined: noFiles(),
    due: noFiles(),
    removed: noFiles(),
  };
  await assertThere(plan);
  for await (const page of settled(context, plan, signal, async (file) => file))
    for (const file of page) {
      if (file.place === 'here') addTo(isProven(file, level) ? survey.here : survey.pending, file);
      if (file.place === 'removed') addTo(survey.removed, file);
      if (file.place !== 'quarantined') continue;
      addTo(survey.quarantined, file);
      if (isDue(file, days, context.nowMs())) addTo(survey.due, file);
    }
  return survey;
}

/** A plan's files as `abreast` has them, with what a crash has left settled. */
function settled<T>(
  context: CleanupContext,
  plan: Plan,
  signal: AbortSignal | undefined,
  work: (file: PlannedFile) => Promise<T>,
): AsyncGenerator<T[]> {
  return abreast(context.plans.files(plan.id), ABREAST, signal, async (found) =>
    work({ ...found, place: await settlePlace(context, plan, found) }),
  );
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
  onFile: (cleaned: Cleaned) => void | Promise<void>,
  signal: AbortSignal,
): Promise<Sum> {
  const { pending, here } = await surveyPlan(context, plan, level, 0, signal);
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
  onFile: (cleaned: Cleaned) => void | Promise<void>,
  signal: AbortSignal,
): Promise<Sum> {
  const { due } = await surveyPlan(context, plan, 'full', days, signal);
  assertConfirmed(due.files, confirmed);
  return each(context, plan, onFile, signal, async (file) => {
    if (file.place !== 'quarantined' || !isDue(file, days, context.nowMs())) return undefined;
    const path = quarantinePath(plan, file);
    return whenProven(context, plan, file, path, signal, ({ assertInPlace }) =>
      step(context, plan, file, 'removed', async () => {
        await setPlace(context, plan, file, 'removing', file.placedAtMs);
        crashPoint('cleanup-after-commit-before-unlink');
        await assertInPlace();
        await unlink(path);
        crashPoint('cleanup-after-unlink');
        await syncFolderShared(dirname(path));
      }),
    );
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
  onFile: (cleaned: Cleaned) => void | Promise<void>,
  signal: AbortSignal,
): Promise<Sum> {
  for (const path of paths ?? [])
    if (!context.plans.names(plan.id, path)) throw new AppError('usage', `The plan has no ${path}`);
  return each(context, plan, onFile, signal, async (file) => {
    if (paths !== undefined && !paths.has(file.path)) return undefined;
    const [from, to] = [quarantinePath(plan, file), join(plan.root, file.path)];
    if (file.place !== 'quarantined') return undefined;
    return step(context, plan, file, 'here', async () => {
      await makeFolders(dirname(to));
      if (!(await isInside(plan.root, to))) return 'elsewhere';
      await moveIfFree(from, to);
      crashPoint('undo-after-rename');
      return await syncFolderShared(dirname(to));
    });
  });
}

function assertConfirmed(files: number, confirmed: number): void {
  if (files === confirmed) return;
  throw new AppError(
    'usage',
    `It is ${files} now, not ${confirmed}: look again, then confirm ${files}`,
  );
}

/** Goes through a plan's files; `act` says what came of each. */
async function each(
  context: CleanupContext,
  plan: Plan,
  onFile: (cleaned: Cleaned) => void | Promise<void>,
  signal: AbortSignal,
  act: (file: PlannedFile) => Promise<Kept | 'done' | undefined>,
): Promise<Sum> {
  const total = noFiles();
  await assertThere(plan);
  const large = pLimit(READS);
  const one = async (file: PlannedFile) => ({
    file,
    outcome: await (file.sizeBytes > SINGLE_PUT_BYTES ? large(act, file) : act(file)),
  });
  for await (const page of settled(context, plan, signal, one))
    for (const { file, outcome } of page) {
      if (outcome === undefined) continue;
      if (outcome === 'done') addTo(total, file);
      await onFile({ file, kept: outcome === 'done' ? undefined : outcome });
    }
  await removeEmpty(plan);
  return total;
}

/** Once it is on the disk. */
function setPlace(
  { plans, nowMs }: CleanupContext,
  plan: Plan,
  file: PlannedFile,
  place: FilePlace,
  atMs = nowMs(),
): Promise<void> {
  return plans.together(() => plans.setPlace(plan, file, place, atMs));
}

async function moveAway(
  context: CleanupContext,
  plan: Plan,
  file: PlannedFile,
  signal: AbortSignal,
): Promise<Kept | 'done'> {
  const path = join(plan.root, file.path);
  const target = quarantinePath(plan, file);
  return whenProven(context, plan, file, path, signal, (source) =>
    step(context, plan, file, 'quarantined', async () => {
      if (!(await isInside(plan.root, path))) return 'elsewhere';
      await setPlace(context, plan, file, 'moving');
      crashPoint('cleanup-after-intent');
      await makeFolders(dirname(target), 0o700);
      if (!(await isInside(plan.root, target))) return 'elsewhere';
      await source.assertInPlace();
      await moveWhole(path, target);
      crashPoint('cleanup-after-rename');
      if (!(await source.isAt(target))) {
        // Another file came to the path in the last moment.
        await moveIfFree(target, path);
        return 'changed';
      }
      return void (await Promise.all([dirname(target), dirname(path)].map(syncFolderShared)));
    }),
  );
}

/** One step of a file to its next place, and what that is in words when it cannot be taken. */
async function step(
  context: CleanupContext,
  plan: Plan,
  file: PlannedFile,
  to: FilePlace,
  take: () => Promise<Kept | void>,
): Promise<Kept | 'done'> {
  const why = await take().catch(keptBy);
  if (why === undefined) await setPlace(context, plan, file, to);
  else await setPlace(context, plan, file, file.place, file.placedAtMs);
  return why ?? 'done';
}

/** What keeps one file where it is, and nothing else. @throws Anything else. */
function keptBy(error: NodeJS.ErrnoException): Kept {
  const { code = '' } = error;
  if (error instanceof AppError && error.scope === 'file') return whatIsWrong(error);
  const why = keptByErrors.get(code);
  if (why === undefined) throw error;
  return why;
}
