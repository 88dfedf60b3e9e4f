/** @file All files that a page shows the first of: filled when somebody asks for them, and anew when things have changed. */
import { AppError } from '#shared/errors.ts';
import { CSV_MARK, csvLine, spreadsheetSafe } from '#shared/csv.ts';
import type { NamedList } from '#shared/api/migration-lists.ts';
import { writeNewFile } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';
import { inSlices } from '../pauses.ts';
import type { JobStore } from '../store/jobs.ts';
import { openNamedFiles, type NamedFiles } from '../store/named-files.ts';
import type { OpenOptions } from '../store/open.ts';
import type { OpenedPlan, PlanStore } from '../store/plans.ts';
import { problemsIn } from './open-plan.ts';
import { fateOf, jobOf } from './run.ts';

type Add = (why: string, path: string, detail?: string) => void;
/** Which files of which list. */
export type Which = Readonly<{ list: NamedList; why: string }>;

export function createNamedLists(
  context: Readonly<{ jobs: JobStore; plans: PlanStore }> & OpenOptions,
) {
  const { jobs, plans } = context;
  let opened: NamedFiles | undefined;
  const files = () => (opened ??= openNamedFiles(context));
  /** What each list was filled from. */
  const filled = new Map<NamedList, { from: string; done: Promise<void> }>();
  let changes = 0;
  /** So often a list was begun anew: what is read of the one before ends too soon. */
  let fills = 0;

  async function fill(list: NamedList, plan: OpenedPlan): Promise<void> {
    fills += 1;
    files().forget(list);
    const add: Add = (...named) => files().add(list, ...named);
    if (list === 'problems')
      for await (const { problem, path, detail } of problemsIn(plan)) add(problem, path, detail);
    else
      for await (const file of inSlices(plans.files(plan.id))) {
        const { path, verdict, place } = file;
        if (list === 'behind') add(fateOf(file, jobOf(jobs, plan, file)), path);
        else if (list === 'refuted') add(verdict ?? 'pending', path);
        else if (place === 'quarantined' || place === 'removing') add('quarantined', path);
      }
  }

  /** @throws AppError `plan-away` when the plan's file is not there any more. */
  async function filledWith(list: NamedList, plan: OpenedPlan): Promise<NamedFiles> {
    // The latest step has named them as it went.
    if (list === 'left') return files();
    const from = `${plan.id} ${plan.file} ${list === 'problems' ? '' : changes}`;
    const before = filled.get(list);
    if (before?.from !== from) {
      const after = (before?.done ?? Promise.resolve()).catch(() => {});
      const done = after.then(() => fill(list, plan));
      done.catch(() => filled.delete(list));
      filled.set(list, { from, done });
    }
    await filled.get(list)!.done;
    return files();
  }

  return {
    changed: (): void => void (changes += 1),
    /** A step begins: what the one before has left is forgotten. */
    forgetLeft(): void {
      fills += 1;
      opened?.forget('left');
    },
    leave: (path: string, why: string): void => files().add('left', why, path),
    async page(
      plan: OpenedPlan,
      { list, why }: Which,
      words: string,
      offset: number,
      limit: number,
    ) {
      return (await filledWith(list, plan)).page(list, why, words, offset, limit);
    },
    /** @throws AppError `download-exists` · `cannot-write` · `usage` when the list changes meanwhile. */
    async save(plan: OpenedPlan, { list, why }: Which, path: string): Promise<void> {
      const all = (await filledWith(list, plan)).each(list, why);
      const from = fills;
      function* table(): Generator<string> {
        yield CSV_MARK + csvLine(['path', 'why', 'detail']);
        for (const named of all)
          yield csvLine([named.path, why, named.detail ?? ''].map(spreadsheetSafe));
        if (fills !== from)
          throw new AppError('usage', 'The list changed while it was saved: save it again');
      }
      try {
        await writeNewFile(path, table());
      } catch (error) {
        throw toWriteError(error, path);
      }
    },
    close(): void {
      opened?.close();
      opened = undefined;
    },
  };
}
