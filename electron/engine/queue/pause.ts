/** @file The pause that a person has asked for: it outlives the app, and ends by itself where it was given an end. */
import type { Database } from 'better-sqlite3';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { LONGEST_PAUSE_MS, pauseReasons, type Standstill } from '#shared/pause.ts';
import { ms } from '#shared/api/stored.ts';
import { DAY_MS } from '#shared/time.ts';
import { settingStore } from '../store/settings.ts';
import type { createQueue } from './queue.ts';
import { createStandstill } from './standstill.ts';

const NAME = 'paused';
const savedPause = z.object({ untilMs: ms.nullable() }).nullable();
type SavedPause = z.output<typeof savedPause>;

/** What uploads stand for; null while they go on. */
const STANDS = 'stands';
const standing = z.object({ by: z.enum(pauseReasons), untilMs: ms.nullable() }).nullable();

/** On how many days, one after the other as the app ran, nothing could ever be sent; `day` is the last of them. */
const STOOD = 'stood';
const stood = z.object({ sinceMs: ms, days: z.int(), day: z.string() }).nullable();
/** After so many of them somebody is told: a weekend is none too long. */
const LONG_DAYS = 3;
/** By then every timetable has had an hour in which something is sent. */
const WEEK_MS = 7 * DAY_MS;

type PauseOptions = Readonly<{
  database: Database;
  queue: Pick<ReturnType<typeof createQueue>, 'isPaused' | 'setPaused'>;
  /** Why nothing is sent now though nobody has paused it; the gravest comes first. */
  notNow: () => readonly Standstill[];
  nowMs: () => number;
  onChange: (reason: Standstill | undefined) => void;
}>;

export type Pause = ReturnType<typeof createPause>;

/** One that would last longer than can be asked for is one whose clock was set back since. */
function isOver({ untilMs }: NonNullable<SavedPause>, nowMs: number): boolean {
  if (untilMs === null) return false;
  const leftMs = untilMs - nowMs;
  return leftMs <= 0 || leftMs > LONGEST_PAUSE_MS;
}

/** Nothing has to be written at its end. What cannot be read pauses nothing: recordings go out. */
export function pausedNow(database: Database, nowMs: number): Standstill | undefined {
  const pause = settingStore(database).getIfReadable(NAME, savedPause) ?? null;
  return pause && !isOver(pause, nowMs) ? { by: 'person', untilMs: pause.untilMs } : undefined;
}

/**
 * Whoever is at work follows it within seconds.
 *
 * @param wanted Null ends the pause.
 * @throws AppError `usage` for an end that has passed or is more than two days away.
 */
export function savePause(database: Database, wanted: SavedPause, nowMs: number): void {
  if (wanted && isOver(wanted, nowMs))
    throw new AppError('usage', 'A pause ends within two days, or when somebody resumes');
  settingStore(database).set(NAME, wanted);
}

/** Why whoever is at work in this home sends nothing, as that one has noted it. After a crash it says nothing. */
export const standsFor = (database: Database): Standstill | undefined =>
  settingStore(database).getIfReadable(STANDS, standing) ?? undefined;

export function noteStanding(database: Database, reason: Standstill | undefined): void {
  if (!isDeepStrictEqual(standsFor(database), reason))
    settingStore(database).set(STANDS, reason ?? null);
}

const isAmong = (reason: Standstill, all: readonly Standstill[]): boolean =>
  all.some((other) => isDeepStrictEqual(reason, other));

/** Pauses the queue at once where the one before has not ended. */
export function createPause({ database, queue, notNow, nowMs, onChange }: PauseOptions) {
  const settings = settingStore(database);
  /** What a person has overruled, for as long as it lasts: with another end it is another one. */
  let overruled: readonly Standstill[] = [];
  const saved = () => pausedNow(database, nowMs());
  const stoodSoFar = () => settings.getIfReadable(STOOD, stood) ?? null;

  function why(): Standstill | undefined {
    const reasons = notNow();
    overruled = overruled.filter((reason) => isAmong(reason, reasons));
    return saved() ?? reasons.find((reason) => !isAmong(reason, overruled));
  }

  /** Writes once a day at most, and when it ends. */
  function countDays(isStanding: boolean): void {
    const before = stoodSoFar();
    if (!isStanding && before !== null) settings.set(STOOD, null);
    if (!isStanding) return;
    const day = new Date(nowMs()).toDateString();
    if (before?.day === day) return;
    const { sinceMs, days } = before ?? { sinceMs: nowMs(), days: 0 };
    settings.set(STOOD, { sinceMs, days: days + 1, day });
  }

  function look(): Standstill | undefined {
    const reason = why();
    try {
      noteStanding(database, reason);
      countDays(reason !== undefined);
    } catch {
      // A ledger that cannot be written is told by what has to be written.
    }
    return reason;
  }

  const standstill = createStandstill({ queue, why: look, onChange });
  return {
    /** Why nothing is sent now. */
    why,
    /** Why nothing would be sent once the app is open again: what a person has overruled holds for the next time. */
    whyNextTime: (): Standstill | undefined => why() ?? notNow()[0],
    /**
     * Since when nothing could be sent, in ms since 1970, once that is longer than anybody means: the app ran on
     * more than three days; for a timetable, over a week as well.
     */
    stoodLongSince(): number | undefined {
      const reason = why();
      const { sinceMs, days } = (reason && stoodSoFar()) ?? { sinceMs: 0, days: 0 };
      const isWeek = nowMs() - sinceMs >= WEEK_MS;
      return days > LONG_DAYS && (isWeek || reason?.by !== 'week') ? sinceMs : undefined;
    },
    /** Something that may be a reason, or none any more, has changed. */
    look: standstill.look,
    /**
     * @param wanted Null: ends a pause; where there is none, what else they stand for now.
     * @throws AppError `usage` for an end that has passed or is more than two days away.
     */
    set(wanted: SavedPause): void {
      const isOverruling = wanted === null && saved() === undefined;
      savePause(database, wanted, nowMs());
      overruled = isOverruling ? notNow() : [];
      standstill.look();
      onChange(why());
    },
    stop(): void {
      standstill.stop();
      try {
        noteStanding(database, undefined);
      } catch {
        // As in `look`.
      }
    },
  };
}
