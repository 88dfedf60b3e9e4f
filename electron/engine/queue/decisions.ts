/** @file What a person decides about uploads that wait. No file is ever touched by it. */
import type { ErrorCode } from '#shared/errors.ts';
import { mayBeTriedAgain, mayGoAsItIs, type HoldReason, type JobKind } from '#shared/job.ts';
import type { Intake } from './intake.ts';
import type { createQueue } from './queue.ts';
import type { FolderStore } from '../store/folders.ts';
import type { Job, JobStore } from '../store/jobs.ts';

/** The jobs with these ids, or with this code; both narrow it down. */
export type Choice = Readonly<{
  ids: readonly number[];
  code?: ErrorCode | HoldReason | undefined;
}>;
export type Decisions = ReturnType<typeof createDecisions>;

/** What is on its way or stored is not let go of: its object may be there already. */
const dismissable: readonly JobKind[] = ['held', 'queued', 'failed'];

export function createDecisions(
  context: Readonly<{
    jobs: JobStore;
    intake: Intake;
    folders: FolderStore;
    nowMs: () => number;
    /** Stops jobs before they are altered. Without an engine nothing runs here. */
    queue?: Pick<ReturnType<typeof createQueue>, 'change'>;
  }>,
) {
  const { jobs, intake, folders, nowMs, queue } = context;

  /** Each once: there may be a million others. */
  const known = (ids: readonly number[]): Job[] =>
    [...new Set(ids)].flatMap((id) => jobs.get(id) ?? []);

  function chosen(kinds: readonly JobKind[], { ids, code }: Choice): Job[] {
    const all = ids.length === 0 ? kinds.flatMap((kind) => jobs.list(kind, -1)) : known(ids);
    return all
      .filter(({ state }) => kinds.includes(state.kind))
      .filter(({ state }) => code === undefined || codeOf(state) === code);
  }

  function release(held: readonly Job[]): Job[] {
    const all = folders.list();
    return held.map((job) =>
      intake.uploadAnyway(
        job,
        all.find(({ id }) => id === job.folderId),
      ),
    );
  }

  return {
    /**
     * Failed uploads from where they stopped, and what a virus scanner objected to, to be scanned again; all
     * of them when nothing is chosen. @returns How many.
     */
    retry(choice: Choice): number {
      const failed = chosen(['failed'], choice);
      for (const { id } of failed) jobs.apply(id, [{ type: 'retried', atMs: nowMs() }]);
      const held = chosen(['held'], choice).filter(({ state }) => mayBeTriedAgain(state));
      return failed.length + release(held).length;
    },

    /**
     * Of those that wait these are sent first, in this order, the last asked for before those asked for sooner.
     * What failed a while ago is tried now. @returns How many.
     */
    sendFirst: ({ ids }: Choice): Promise<number> =>
      // In one commit: an engine that claims meanwhile does so before it or after it.
      jobs.together(() => {
        const waiting = chosen(['queued'], { ids });
        for (const { id } of waiting.toReversed())
          jobs.apply(id, [{ type: 'first', turnMs: jobs.turnBeforeAll() }]);
        return waiting.length;
      }),

    /** Sends held recordings as they are, where that is a person's to say. One without a class still needs one. @returns How many go now. */
    uploadAnyway(choice: Choice): number {
      const held = chosen(['held'], choice).filter(
        ({ state }) => state.kind === 'held' && mayGoAsItIs(state.reason),
      );
      return release(held).filter(({ state }) => state.kind === 'queued').length;
    },

    /** These versions are not uploaded, unless somebody sends them again. @returns How many. */
    async dismiss(choice: Choice): Promise<number> {
      const running = queue === undefined ? [] : chosen(['uploading'], choice);
      const waiting = chosen(dismissable, choice);
      let dismissed = 0;
      const letGo = () => {
        for (const { id } of [...waiting, ...running]) {
          // It may have gone its way while the others were stopped.
          const job = jobs.get(id);
          if (job === undefined || !dismissable.includes(job.state.kind)) continue;
          jobs.apply(id, [{ type: 'cancelled' }]);
          dismissed += 1;
        }
      };
      if (queue === undefined) letGo();
      else
        await queue.change(
          running.map(({ id }) => id),
          letGo,
        );
      return dismissed;
    },

    /** Dismissed versions after all. @returns How many go now, and how many need a class first. */
    sendAgain(choice: Choice): { sent: number; held: number } {
      const gone = chosen(['dropped'], choice).filter(
        ({ state }) => state.kind === 'dropped' && state.why === 'cancelled',
      );
      const all = folders.list();
      const states = gone.map((job) => intake.sendAgain(job, all).state);
      return {
        sent: states.filter(({ kind }) => kind === 'queued').length,
        held: states.filter((state) => codeOf(state) === 'needs-class').length,
      };
    },
  };
}

function codeOf(state: Job['state']): string | null {
  if (state.kind === 'held') return state.reason;
  return 'code' in state ? state.code : null;
}
