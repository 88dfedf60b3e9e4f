/** @file An upload of days in a window waits for a storage that is away, and nobody has to press anything. */
import { AppError } from '#shared/errors.ts';
import type { Engine } from '../engine.ts';
import type { EngineEvent } from '../events.ts';
import type { Plan, PlanStore } from '../store/plans.ts';
import { unlessAborted } from '../waiting.ts';
import { sentBytesOf } from '../window/views.ts';
import { isBelow } from '../watch/watchable.ts';
import { runPlan } from './run.ts';
import type { Progress } from './works.ts';

/**
 * Runs a plan as `runPlan` does, and begins again whenever the storage is back.
 *
 * @throws AppError for what a person has to see to.
 */
export async function runPatiently(
  engine: Engine,
  plans: PlanStore,
  plan: Plan,
  { add, leave, anew, underWay }: Progress,
  signal: AbortSignal,
): Promise<void> {
  const off = engine.events.on(sentOf(plan, underWay));
  try {
    for (;;) {
      try {
        await runPlan(
          { engine, plans },
          plan,
          ({ path, why }) => leave(path, why),
          signal,
          (file) => add(file),
        );
        return;
      } catch (error) {
        if (signal.aborted || !passes(error)) throw error;
        anew('waiting');
        await untilBack(engine, signal);
        anew(null);
      }
    }
  } finally {
    off();
  }
}

/** A recording of hours is seen to go up, too. */
function sentOf({ root }: Plan, tell: (bytes: number) => void): (event: EngineEvent) => void {
  const sent = new Map<number, number>();
  return (event) => {
    if (event.type !== 'job' || !isBelow(event.job.path, root)) return;
    const { id, state } = event.job;
    const there = sentBytesOf(event.job);
    // What is verified is counted as done; and those that wait may be many.
    if (state.kind === 'verified' || there === 0) sent.delete(id);
    else sent.set(id, there);
    tell(Array.from(sent.values()).reduce((sum, bytes) => sum + bytes, 0));
  };
}

/** Whether it is the storage's trouble, and one that ends by itself. */
export function passes(error: unknown): boolean {
  if (!(error instanceof AppError) || error.scope !== 'storage') return false;
  return error.retry !== 'after-user';
}

/** The queue's own jobs find out; they are tried at growing intervals. */
async function untilBack({ events, queue }: Engine, signal: AbortSignal): Promise<void> {
  const { promise: back, resolve } = Promise.withResolvers<void>();
  const off = events.on((event) => {
    if (event.type === 'storage' && event.state !== 'waiting') resolve();
  });
  if (queue.trouble === undefined) resolve();
  await unlessAborted(back, signal).finally(off);
}
