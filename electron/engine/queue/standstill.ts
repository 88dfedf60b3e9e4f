/** @file Not now, because …: whoever has a reason is asked again and again, and the queue stands as long as there is one. */
import type { Standstill } from '#shared/pause.ts';
import type { createQueue } from './queue.ts';

/** So often reasons are asked for: they come and go with the clock, which stands still while a computer sleeps. */
const LOOK_MS = 5_000;
/** A reason that nobody has just asked for leaves what is being sent so much time to end. */
const GRACE_MS = 120_000;

type Options = Readonly<{
  queue: Pick<ReturnType<typeof createQueue>, 'isPaused' | 'setPaused'>;
  /** The gravest reason. */
  why: () => Standstill | undefined;
  onChange: (reason: Standstill | undefined) => void;
}>;

/** Stops the queue at once where there is a reason. */
export function createStandstill({ queue, why, onChange }: Options) {
  let told: string | undefined;

  /** What cannot be asked stops nothing: recordings go out. */
  function reasonNow(): Standstill | undefined {
    try {
      return why();
    } catch {
      return undefined;
    }
  }

  function look(): void {
    const reason = reasonNow();
    const isPaused = reason !== undefined;
    const isByPerson = reason?.by === 'person';
    if (queue.isPaused !== isPaused || (isByPerson && told !== JSON.stringify(reason)))
      queue.setPaused(isPaused, isByPerson ? 0 : GRACE_MS);
    const now = JSON.stringify(reason);
    if (told !== now) onChange(reason);
    told = now;
  }

  look();
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return { look, stop: (): void => clearInterval(timer) };
}
