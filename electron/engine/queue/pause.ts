/** @file The pause that a person has asked for: it outlives the app, and ends by itself where it was given an end. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { LONGEST_PAUSE_MS, type PauseReason, type Standstill } from '#shared/pause.ts';
import { ms } from '#shared/api/stored.ts';
import { settingStore } from '../store/settings.ts';
import type { createQueue } from './queue.ts';
import { createStandstill } from './standstill.ts';

const NAME = 'paused';
const savedPause = z.object({ untilMs: ms.nullable() }).nullable();
type SavedPause = z.output<typeof savedPause>;

type PauseOptions = Readonly<{
  database: Database;
  queue: Pick<ReturnType<typeof createQueue>, 'isPaused' | 'setPaused'>;
  /** Why nothing is sent now though nobody has paused it. */
  notNow: () => Standstill | undefined;
  nowMs: () => number;
  onChange: () => void;
}>;

export type Pause = ReturnType<typeof createPause>;

/** Pauses the queue at once where the one before has not ended. */
export function createPause({ database, queue, notNow, nowMs, onChange }: PauseOptions) {
  const settings = settingStore(database);
  /** What a person has overruled, for as long as it lasts. */
  let overruled: PauseReason | undefined;

  /** One that would last longer than can be asked for is one whose clock was set back since. */
  function isOver({ untilMs }: NonNullable<SavedPause>): boolean {
    if (untilMs === null) return false;
    const leftMs = untilMs - nowMs();
    return leftMs <= 0 || leftMs > LONGEST_PAUSE_MS;
  }

  /** Nothing has to be written at its end. What cannot be read pauses nothing: recordings go out. */
  function saved(): Standstill | undefined {
    const pause = settings.getIfReadable(NAME, savedPause) ?? null;
    return pause && !isOver(pause) ? { by: 'person', untilMs: pause.untilMs } : undefined;
  }

  function why(): Standstill | undefined {
    const reason = notNow();
    if (reason?.by !== overruled) overruled = undefined;
    return saved() ?? (overruled === undefined ? reason : undefined);
  }

  const standstill = createStandstill({ queue, why, onChange });
  return {
    /** Why nothing is sent now. */
    why,
    /** Something that may be a reason, or none any more, has changed. */
    look: standstill.look,
    /**
     * @param wanted Null: uploads go on, whatever else they stand for now.
     * @throws AppError `usage` for an end that has passed or is more than two days away.
     */
    set(wanted: SavedPause): void {
      if (wanted && isOver(wanted))
        throw new AppError('usage', 'A pause ends within two days, or when somebody resumes');
      overruled = wanted === null && saved() === undefined ? notNow()?.by : undefined;
      settings.set(NAME, wanted);
      standstill.look();
      onChange();
    },
    stop: standstill.stop,
  };
}
