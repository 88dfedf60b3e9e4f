/** @file All that is finished now, sent and verified, and then an end. */
import { wasSent } from '#shared/job.ts';
import type { createEvents } from './events.ts';
import type { createReturns } from './library/returns.ts';
import type { createHandUpload } from './queue/hand-upload.ts';
import type { createQueue } from './queue/queue.ts';
import type { ScanCount } from './watch/scanning.ts';
import type { Job, JobStore } from './store/jobs.ts';
import type { createCleanUp } from './upload/unfinished.ts';
import type { createWatching } from './watch/watching.ts';

/** How long it waits for a retry before it leaves the file for the next time. */
const PATIENCE_MS = 60_000;
/** A file that is seen to change later than this many quiet times, and a little longer each, is left. */
const SETTLE_ROUNDS = 3;
const SETTLE_MARGIN_MS = 1_000;

export type SyncCount = ScanCount & {
  uploaded: number;
  verified: number;
  held: number;
  failed: number;
  /** Files that did not stop changing: they are for the next time. */
  stillWriting: number;
};

type SyncContext = Readonly<{
  jobs: JobStore;
  queue: ReturnType<typeof createQueue>;
  watching: ReturnType<typeof createWatching>;
  handUpload: ReturnType<typeof createHandUpload>;
  cleanUp: ReturnType<typeof createCleanUp>;
  returns: Pick<ReturnType<typeof createReturns>, 'settle'>;
  events: ReturnType<typeof createEvents>;
  quietMs: number;
  monotonicMs: () => number;
}>;

/** One scan of every folder; uploads and verifies what is finished. @throws AppError with the storage's trouble. */
export async function syncOnce(
  {
    jobs,
    queue,
    watching,
    handUpload,
    cleanUp,
    returns,
    events,
    quietMs,
    monotonicMs,
  }: SyncContext,
  signal: AbortSignal,
): Promise<SyncCount> {
  const counted = countJobs(events);
  try {
    queue.start();
    cleanUp.start();
    const count = await watching.scanAll(signal, true);
    // The storage's trouble ends the wait for settling too: nothing can be sent.
    // A file that changed under its upload is looked at again: hence more than one round.
    // One that goes on growing is left for the next time: a lecture may last for hours.
    const untilMs = monotonicMs() + SETTLE_ROUNDS * (quietMs + SETTLE_MARGIN_MS);
    let isAnswering: boolean;
    do {
      const quiet = watching.quiet(signal, untilMs);
      const byHand = handUpload.goOn(untilMs - monotonicMs());
      const idle = queue.idle(PATIENCE_MS, signal);
      [isAnswering] = await Promise.all([quiet, idle, byHand, returns.settle()]);
      await queue.idle(PATIENCE_MS, signal);
    } while (isAnswering && !watching.isQuiet());
    const stillWriting = handUpload.outside(watching).unseen;
    const number = (kind: Job['state']['kind']) =>
      jobs.tally().find((row) => row.kind === kind)?.count ?? 0;
    const unfinished = number('failed') + number('queued') + number('uploaded');
    return {
      ...count,
      ...counted.count(),
      held: number('held'),
      failed: unfinished,
      stillWriting,
    };
  } finally {
    counted.off();
    await cleanUp.settled();
  }
}

/** Only of what was begun meanwhile: a recording that was verified before may be told of, too. */
function countJobs(events: ReturnType<typeof createEvents>) {
  /** The key that it was to be sent to: a file that was moved since keeps the object of before, which has another. */
  const begun = new Map<number, string | undefined>();
  const verified = new Set<number>();
  const uploaded = new Set<number>();
  const off = events.on((event) => {
    if (event.type !== 'job') return;
    const { id, key, state } = event.job;
    if (state.kind === 'uploading') begun.set(id, key);
    if (state.kind === 'verifying' && !begun.has(id)) begun.set(id, undefined);
    if (state.kind === 'verified' && begun.has(id)) verified.add(id);
    if (wasSent(state) && key !== undefined && begun.get(id) === key) uploaded.add(id);
  });
  return { off, count: () => ({ uploaded: uploaded.size, verified: verified.size }) };
}
