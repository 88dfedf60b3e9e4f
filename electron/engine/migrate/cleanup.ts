/**
 * @file Takes files of an archive off the disk, in two steps that can be undone until the second: into a
 * quarantine on the same disk, and days later for good. Before each step the object is asked for and the
 * file read anew, see `whenProven`; a file that is not proven in that very moment stays where it is (promise 7).
 */
import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { AppError } from '#shared/errors.ts';
import { formatNumber } from '#shared/format.ts';
import {
  addTo,
  isAtLeast,
  noFiles,
  type Kept,
  type ProofLevel,
  type Sum,
} from '#shared/migration/migration.ts';
import { SINGLE_PUT_BYTES } from '#shared/parts.ts';
import { DAY_MS } from '#shared/time.ts';
import { moveIfFree, moveWhole, syncFolderShared } from '../files/durable-file.ts';
import { crashPoint } from '../test-hooks.ts';
import { mustBeFree } from '../school/school.ts';
import type { Plan, PlannedFile } from '../store/plans.ts';
import { abreast } from './abreast.ts';
import {
  isAside,
  isInQuarantine,
  isInside,
  makeFolders,
  quarantinePath,
  removeEmpty,
  settlePlace,
  type Placed,
} from './quarantine.ts';
import { whenProven } from './proven.ts';
import { assertThere } from './run.ts';
import { noteVerdicts, setPlace, step, type PlaceContext } from './step.ts';
import { READS, type MigrationContext } from './verify.ts';

/** Files at a time: most of each is waiting, for an answer or for the disk. Of large ones fewer are read. */
const ABREAST = 16;

type CleanupContext = MigrationContext & PlaceContext;
export type Cleaned = Readonly<{ file: PlannedFile; kept: Kept | undefined }>;

type Survey = Readonly<{
  /** Verified at the level asked for by the last look, wherever its file is by now. */
  verified: Sum;
  /** Not verified at the level asked for: nothing is cleaned up while there is one. */
  pending: Sum;
  here: Sum;
  quarantined: Sum;
  /** Of those, what has been there for long enough. */
  due: Sum;
  /** When the first of the rest will have been; null where there is no rest. */
  nextDueAtMs: number | null;
  removed: Sum;
  /** At neither place, or not to be looked at: nothing is known but where they were. */
  lost: Sum;
}>;

/**
 * What could be cleaned up now. Changes nothing but what a crash has left half done.
 *
 * @throws AppError `folder-away` when the archive is not connected.
 */
export async function surveyPlan(
  context: PlaceContext,
  plan: Plan,
  level: ProofLevel,
  days: number,
  signal?: AbortSignal,
): Promise<Survey> {
  const survey = {
    verified: noFiles(),
    pending: noFiles(),
    here: noFiles(),
    quarantined: noFiles(),
    due: noFiles(),
    removed: noFiles(),
    lost: noFiles(),
  };
  const nowMs = context.nowMs();
  let nextDueAtMs = Infinity;
  await assertThere(plan);
  for await (const page of settled(context, plan, signal, async (file) => file))
    for (const file of page) {
      const { place, lost } = file;
      if (isProven(file, level)) addTo(survey.verified, file);
      if (place === 'here' && !isProven(file, level)) addTo(survey.pending, file);
      else if (lost !== undefined) addTo(survey.lost, file);
      else if (place === 'here' || place === 'removed') addTo(survey[place], file);
      else if (place === 'quarantined') addTo(survey.quarantined, file);
      if (lost !== undefined || place !== 'quarantined') continue;
      if (isDue(file, days, nowMs)) addTo(survey.due, file);
      else nextDueAtMs = Math.min(nextDueAtMs, dueAtMs(file, days));
    }
  return { ...survey, nextDueAtMs: nextDueAtMs === Infinity ? null : nextDueAtMs };
}

/** A plan's files as `abreast` has them, with what a crash has left settled. */
function settled<T>(
  context: PlaceContext,
  plan: Plan,
  signal: AbortSignal | undefined,
  work: (file: Placed) => Promise<T>,
): AsyncGenerator<T[]> {
  return abreast(context.plans.files(plan.id), ABREAST, signal, async (file) =>
    work(await settlePlace(context, plan, file)),
  );
}

function isProven({ verdict, level }: PlannedFile, asked: ProofLevel): boolean {
  return verdict === 'verified' && level !== undefined && isAtLeast(level, asked);
}

export function isDue(file: PlannedFile, days: number, nowMs: number): boolean {
  return file.place === 'quarantined' && nowMs >= dueAtMs(file, days);
}

function dueAtMs({ placedAtMs = Infinity }: PlannedFile, days: number): number {
  return placedAtMs + days * DAY_MS;
}

/**
 * Moves every file that is here into quarantine.
 *
 * @param confirmed How many a person has agreed to: with any other number nothing is moved, and never more,
 *   whatever comes meanwhile.
 * @throws AppError `usage` when it is another number, or when not every file is verified; as `mustBeFree`; the
 *   storage's trouble.
 */
export async function quarantine(
  context: CleanupContext,
  plan: Plan,
  level: ProofLevel,
  confirmed: number,
  onFile: (cleaned: Cleaned) => void | Promise<void>,
  signal: AbortSignal,
): Promise<Sum> {
  mustBeFree(context.remote.limits, 'free');
  const { pending, here } = await surveyPlan(context, plan, level, 0, signal);
  if (pending.files > 0)
    throw new AppError(
      'usage',
      `${formatNumber(pending.files)} of ${formatNumber(plan.files)} are not verified at the level ${level} yet: run, then verify`,
    );
  assertConfirmed(here.files, confirmed);
  let left = confirmed;
  return each(context, plan, onFile, signal, async (file) => {
    if (file.place !== 'here' && file.place !== 'moving') return undefined;
    if (file.lost !== undefined) return file.lost;
    if (!isProven(file, level) || left === 0) return undefined;
    left -= 1;
    return moveAway(context, plan, file, signal);
  });
}

/**
 * Deletes for good what has been in quarantine for some days.
 *
 * @param confirmed As in `quarantine`.
 * @returns How many, and what the disk has got back: nothing for a file that has another name left on it.
 */
export async function purge(
  context: CleanupContext,
  plan: Plan,
  days: number,
  confirmed: number,
  onFile: (cleaned: Cleaned) => void | Promise<void>,
  signal: AbortSignal,
): Promise<Sum> {
  mustBeFree(context.remote.limits, 'free');
  const nowMs = context.nowMs();
  const { due } = await surveyPlan({ ...context, nowMs: () => nowMs }, plan, 'full', days, signal);
  assertConfirmed(due.files, confirmed);
  let left = confirmed;
  let sharedBytes = 0;
  const { files, bytes } = await each(context, plan, onFile, signal, async (file) => {
    if (isAside(file) && file.lost !== undefined) return file.lost;
    if (!isDue(file, days, nowMs) || left === 0) return undefined;
    left -= 1;
    const path = quarantinePath(plan, file);
    return whenProven(context, plan, file, path, signal, ({ opened, assertInPlace }) =>
      step(context, plan, file, 'removed', async () => {
        if (!(await isInQuarantine(plan, path))) return 'elsewhere';
        await setPlace(context, plan, file, 'removing', file.placedAtMs);
        crashPoint('cleanup-after-commit-before-unlink');
        await assertInPlace();
        await unlink(path);
        crashPoint('cleanup-after-unlink');
        await syncFolderShared(dirname(path));
        if (opened.nlink > 1n) sharedBytes += file.sizeBytes;
        return undefined;
      }),
    );
  });
  return { files, bytes: bytes - sharedBytes };
}

/**
 * Puts back what is in quarantine, of the whole plan or of some paths. Nothing is written over.
 *
 * @throws AppError `usage` for a path that the plan does not have, before anything is moved.
 */
export async function undo(
  context: PlaceContext,
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
    if (!isAside(file)) return undefined;
    if (file.lost !== undefined) return file.lost;
    return step(context, plan, file, 'here', async () => {
      if (!(await isInQuarantine(plan, from))) return 'elsewhere';
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
    files === 0
      ? 'Nothing can be cleaned up now'
      : `It is ${files} now, not ${confirmed}: look again, then confirm ${files}`,
  );
}

/** Goes through a plan's files; `act` says what came of each. */
async function each(
  context: PlaceContext,
  plan: Plan,
  onFile: (cleaned: Cleaned) => void | Promise<void>,
  signal: AbortSignal,
  act: (file: Placed) => Promise<Kept | 'done' | undefined>,
): Promise<Sum> {
  const total = noFiles();
  await assertThere(plan);
  const large = pLimit(READS);
  const one = async (file: Placed) => ({
    file,
    outcome: await (file.sizeBytes > SINGLE_PUT_BYTES ? large(act, file) : act(file)),
  });
  for await (const page of settled(context, plan, signal, one)) {
    await noteVerdicts(context, plan, page);
    for (const { file, outcome } of page) {
      if (outcome === undefined) continue;
      if (outcome === 'done') addTo(total, file);
      await onFile({ file, kept: outcome === 'done' ? undefined : outcome });
    }
  }
  await removeEmpty(plan);
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
  return whenProven(context, plan, file, path, signal, (source) =>
    step(context, plan, file, 'quarantined', async () => {
      if (!(await isInside(plan.root, path))) return 'elsewhere';
      await setPlace(context, plan, file, 'moving');
      crashPoint('cleanup-after-intent');
      await makeFolders(dirname(target), 0o700);
      if (!(await isInQuarantine(plan, target))) return 'elsewhere';
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
