/** @file One step of a file of an archive to its next place, and what is known of it from then on. */
import { AppError } from '#shared/errors.ts';
import type { FilePlace, Kept } from '#shared/migration/migration.ts';
import type { Checked, Plan, PlannedFile } from '../store/plans.ts';
import { assertNotAway, jobOf } from './run.ts';
import { whatIsWrong, type MigrationContext } from './verify.ts';

/** What knows where files are; nothing of it asks the storage. */
export type PlaceContext = Omit<MigrationContext, 'remote'> & Readonly<{ nowMs: () => number }>;
/** Verdicts that a clean-up gives, too. */
const refuting = [
  'missing',
  'differing',
  'changed',
  'gone',
  'unproven',
  'archived',
  'unreadable',
  'denied',
] as const;

/** Found without the storage, or without its answer: what is known to be wrong there stays so. */
const untold: ReadonlySet<Kept> = new Set(['gone', 'unreadable', 'changed', 'denied']);

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

/**
 * One step of a file to its next place, and what that is in words when it cannot be taken.
 *
 * @throws AppError `archive-full`
 */
export async function step(
  context: PlaceContext,
  plan: Plan,
  file: PlannedFile,
  to: FilePlace,
  take: () => Promise<Kept | void>,
): Promise<Kept | 'done'> {
  const why = await take().catch((error: unknown) => keptBy(error as Error, plan));
  if (why === undefined) await setPlace(context, plan, file, to);
  else await setPlace(context, plan, file, file.place, file.placedAtMs ?? null);
  return why ?? 'done';
}

/** What keeps one file where it is, and nothing else. @throws Anything else. */
function keptBy(error: NodeJS.ErrnoException, { root }: Plan): Kept {
  const { code = '' } = error;
  // Others would be read whole, only to find the same.
  if (code === 'ENOSPC' || code === 'EDQUOT')
    throw new AppError('archive-full', root, { cause: error });
  if (error instanceof AppError && error.scope === 'file') return whatIsWrong(error);
  const why = keptByErrors.get(code);
  if (why === undefined) throw error;
  return why;
}

/** What is found out of a file is what is known of it from then on: its reports, and what is told to others. */
export async function noteVerdicts(
  { jobs, plans, nowMs }: PlaceContext,
  plan: Plan,
  found: readonly Readonly<{ file: PlannedFile; outcome: Kept | 'done' | undefined }>[],
): Promise<void> {
  const checked = found.flatMap(({ file, outcome }): Checked[] => {
    const verdict = refuting.find((one) => one === outcome);
    if (verdict === undefined) return [];
    const job = jobOf(jobs, plan, file);
    const known = plans.fileNow(file);
    const isWrongThere = known.verdict === 'missing' || known.verdict === 'differing';
    if (isWrongThere && known.key === job?.key && untold.has(verdict)) return [];
    return [{ file, verdict, level: 'full', key: job?.key, sha256: job?.fingerprint?.sha256 }];
  });
  if (checked.some(({ verdict }) => verdict === 'gone' || verdict === 'unreadable'))
    await assertNotAway(plan);
  plans.setVerdicts(plan, checked, nowMs());
}

/** Once it is on the disk. */
export function setPlace(
  { plans, nowMs }: PlaceContext,
  plan: Plan,
  file: PlannedFile,
  place: FilePlace,
  atMs: number | null = nowMs(),
): Promise<void> {
  return plans.together(() => plans.setPlace(plan, file, place, atMs));
}
