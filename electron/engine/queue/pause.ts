/** @file The pause that a person has asked for: it outlives the app, and ends by itself where it was given an end. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { LONGEST_PAUSE_MS } from '#shared/pause.ts';
import { ms } from '#shared/api/stored.ts';
import { settingStore } from '../store/settings.ts';
import type { createQueue } from './queue.ts';

const NAME = 'paused';
const savedPause = z.object({ untilMs: ms.nullable() }).nullable();
type SavedPause = z.output<typeof savedPause>;

/** Timers stand still while a computer sleeps: so often its clock is asked. */
const LOOK_MS = 60_000;

type PauseOptions = Readonly<{
  database: Database;
  queue: Pick<ReturnType<typeof createQueue>, 'isPaused' | 'setPaused'>;
  nowMs: () => number;
  onChange: () => void;
}>;

export type Pause = ReturnType<typeof createPause>;

/** Pauses the queue at once where the one before has not ended. */
export function createPause({ database, queue, nowMs, onChange }: PauseOptions) {
  const settings = settingStore(database);
  let timer: NodeJS.Timeout | undefined;

  /** One that would last longer than can be asked for is one whose clock was set back since. */
  function isOver({ untilMs }: NonNullable<SavedPause>): boolean {
    if (untilMs === null) return false;
    const leftMs = untilMs - nowMs();
    return leftMs <= 0 || leftMs > LONGEST_PAUSE_MS;
  }

  /** Nothing has to be written at its end. What cannot be read pauses nothing: recordings go out. */
  function current(): SavedPause {
    const saved = settings.getIfReadable(NAME, savedPause) ?? null;
    return saved && !isOver(saved) ? saved : null;
  }

  function follow(): void {
    clearTimeout(timer);
    const pause = current();
    const isPaused = pause !== null;
    if (pause?.untilMs)
      timer = setTimeout(follow, Math.min(LOOK_MS, Math.max(0, pause.untilMs - nowMs())));
    if (queue.isPaused === isPaused) return;
    queue.setPaused(isPaused);
    onChange();
  }

  follow();
  return {
    /** Null while it lasts until somebody resumes, and while there is none. */
    untilMs: (): number | null => current()?.untilMs ?? null,
    /**
     * @param wanted Null: uploads go on.
     * @throws AppError `usage` for an end that has passed or is more than two days away.
     */
    set(wanted: SavedPause): void {
      if (wanted && isOver(wanted))
        throw new AppError('usage', 'A pause ends within two days, or when somebody resumes');
      settings.set(NAME, wanted);
      follow();
      onChange();
    },
    stop: (): void => clearTimeout(timer),
  };
}
