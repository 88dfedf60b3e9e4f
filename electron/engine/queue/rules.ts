/** @file A watched folder gets a rule, its first or another one, and what waits of it goes by that. */
import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { isSame } from '#shared/recording.ts';
import { destinationOf, isFrom } from './targets.ts';
import type { Database } from 'better-sqlite3';
import { createIntake, type Intake } from './intake.ts';
import { jobCheck } from '../store/check.ts';
import { folderStore, type Folder, type FolderRule, type FolderStore } from '../store/folders.ts';
import { jobStore, type Job, type JobStore } from '../store/jobs.ts';
import { selectorFor } from '../watch/selector.ts';
import type { Place } from '../watch/watchable.ts';

export function createRules(
  context: Readonly<{ jobs: JobStore; folders: FolderStore; intake: Intake }>,
) {
  const { jobs, folders, intake } = context;
  return {
    /** Jobs on their way to where this rule does not send them. They are to be stopped before it is put. */
    misrouted(path: string, rule: FolderRule): number[] {
      const id = folders.list().find((known) => known.path === path)?.id;
      const to = destinationOf(rule);
      return jobs
        .list('uploading', -1)
        .filter((job) => isFrom({ id, path }, job) && !isSame(job.destination, to))
        .map((job) => job.id);
    },
    /** In one commit: at no moment does anything wait for a class that its folder has no more. */
    put: ({ path, identity }: Place, rule: FolderRule): Promise<Folder> =>
      jobs.together(() => {
        const folder = folders.put(path, rule, identity);
        reroute(folder, jobs, intake);
        return folder;
      }),
    /** For what kept its key, since that was being deleted: it was not, and its folder may have another rule by now. */
    again: (job: Job): void => {
      const folder = folders.list().find((each) => isFrom(each, job));
      if (folder) rerouteOne(folder, selectorFor(folder.rule), job, jobs, intake);
    },
  };
}

/**
 * Lets something else give folders other rules, before any engine is at work: what waits of those, and what was on its
 * way when the ledger was left, goes by the rules of now. What was stored stays.
 *
 * @throws AppError `home-damaged` for a row that cannot be read: of very many no start has looked at them.
 */
export function withNewRules(db: Database, nowMs: number, change: () => void): void {
  const problem = jobCheck(db)(0, Number.MAX_SAFE_INTEGER);
  if (problem !== undefined) throw new AppError('home-damaged', `${db.name}: ${problem}`);
  const folders = folderStore(db, () => nowMs);
  const before = new Map(folders.list().map(({ id, rule }) => [id, rule]));
  change();
  const jobs = jobStore(db, () => nowMs);
  jobs.recover();
  const intake = createIntake(jobs, () => nowMs);
  for (const folder of folders.list())
    if (!isDeepStrictEqual(before.get(folder.id), folder.rule)) reroute(folder, jobs, intake);
}

/**
 * Sends what a folder's rule has changed for to its new place, as long as nothing of it was stored,
 * and lets go what waited for a class; without a class it waits for one. What the rule leaves out now is not sent.
 */
function reroute(folder: Folder, jobs: JobStore, intake: Intake): void {
  const select = selectorFor(folder.rule);
  const waiting = (['held', 'queued', 'failed'] as const).flatMap((kind) => jobs.list(kind, -1));
  for (const job of waiting) if (isFrom(folder, job)) rerouteOne(folder, select, job, jobs, intake);
}

function rerouteOne(
  folder: Folder,
  select: ReturnType<typeof selectorFor>,
  job: Job,
  jobs: JobStore,
  intake: Intake,
): void {
  const { kind } = job.state;
  if (kind === 'failed' ? job.state.stored : kind !== 'held' && kind !== 'queued') return;
  const isLeftOut = select(relative(folder.path, job.path)) !== undefined;
  if (isLeftOut) jobs.apply(job.id, [{ type: 'superseded' }]);
  else intake.goBy(folder.rule, job);
}
