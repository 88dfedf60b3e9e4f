/** @file How fast all uploads together may be, and when: as the environment says, else as a person has set it in the window or on the command line. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import type { Pace } from '#shared/pace.ts';
import type { Standstill } from '#shared/pause.ts';
import { bytesOf, megabitsOf, uploadMegabits } from '#shared/upload-limit.ts';
import { levelAt, levelEndMs, paceThrough, uploadWeek } from '#shared/upload-week.ts';
import type { Desktop } from '../desktop.ts';
import type { Rate } from '../s3/upload-limit.ts';
import { uploadLimitIn, type Environment } from '../settings/settings.ts';
import { settingStore } from '../store/settings.ts';

const NAME = 'upload_limit';
/** Beside the limit, which an older version goes on reading. */
const WEEK = 'upload_week';
const BATTERY = 'waits_on_battery';
/** So soon a running engine follows what is set, wherever. */
const LOOK_MS = 1_000;

export type UploadLimitView = Awaited<ReturnType<Api['getUploadLimit']>>;
export type UploadSpeed = Omit<UploadLimitView, 'isFixed'>;
export const noLimit: UploadSpeed = { megabits: null, week: null };

/** What cannot be read limits nothing: recordings go out. */
function stored(database: Database): UploadSpeed {
  const settings = settingStore(database);
  const megabits = settings.getIfReadable(NAME, uploadMegabits.nullable()) ?? null;
  return { megabits, week: settings.getIfReadable(WEEK, uploadWeek.nullable()) ?? null };
}

/** @throws AppError `settings-wrong` */
export function uploadLimit(env: Environment, database: () => Database): UploadLimitView {
  const fixed = uploadLimitIn(env);
  return fixed === undefined
    ? { ...stored(database()), isFixed: false }
    : { megabits: megabitsOf(fixed), week: null, isFixed: true };
}

/** @throws AppError `usage` where the environment decides. */
export function setUploadLimit(
  env: Environment,
  database: Database,
  { megabits, week }: UploadSpeed,
): void {
  if (uploadLimitIn(env) !== undefined)
    throw new AppError('usage', 'PANSEA_UPLOAD_LIMIT in the environment says how fast, and wins');
  const settings = settingStore(database);
  settings.set(NAME, megabits);
  settings.set(WEEK, week);
}

/** The limit of this moment, in megabits a second; null for none. What is sent in an hour that is off, since somebody asked for it, keeps the limit. */
export const limitAt = ({ megabits, week }: UploadSpeed, nowMs: number): number | null =>
  week !== null && levelAt(week, nowMs) === 'full' ? null : megabits;

/** Whether this is an hour in which nothing is sent, and until when. */
function offAt({ week }: UploadSpeed, nowMs: number): readonly Standstill[] {
  if (week === null || levelAt(week, nowMs) !== 'off') return [];
  return [{ by: 'week', untilMs: levelEndMs(week, nowMs) }];
}

/** A pace that counts the hours in which less is sent, or nothing. */
export function paceAt({ megabits, week }: UploadSpeed, pace: Pace, nowMs: number): Pace {
  return week === null ? pace : paceThrough(week, bytesOf(megabits ?? Infinity), pace, nowMs);
}

type Clock = Readonly<{ nowMs: () => number; monotonicMs: () => number }>;

/**
 * In bytes a second; `undefined` for as fast as the network allows. Asked for with each piece of a body.
 *
 * @throws AppError `settings-wrong`, at once.
 */
export function uploadRate(
  env: Environment,
  database: Database,
  { nowMs, monotonicMs }: Clock,
): Rate {
  const fixed = uploadLimitIn(env);
  if (fixed !== undefined) return () => fixed;
  let megabits: number | null = null;
  let lookedMs = Number.NEGATIVE_INFINITY;
  return () => {
    const atMs = monotonicMs();
    if (atMs - lookedMs >= LOOK_MS) {
      lookedMs = atMs;
      megabits = limitAt(stored(database), nowMs());
    }
    return megabits === null ? undefined : bytesOf(megabits);
  };
}

export type UploadLimitCalls = Pick<
  Api,
  'getUploadLimit' | 'setUploadLimit' | 'getBatteryWait' | 'setBatteryWait'
>;

export const waitsOnBattery = (database: Database): boolean =>
  settingStore(database).getIfReadable(BATTERY, z.boolean()) ?? false;

export const setWaitsOnBattery = (database: Database, waits: boolean): void =>
  settingStore(database).set(BATTERY, waits);

/**
 * Why nothing is sent now, the gravest first, though nobody has paused it.
 *
 * @param isOnBattery As of `Desktop`.
 * @throws AppError `settings-wrong`
 */
export function standsNow(
  env: Environment,
  database: () => Database,
  isOnBattery: () => boolean | undefined,
  nowMs: number,
): readonly Standstill[] {
  const isWaiting = waitsOnBattery(database()) && isOnBattery() === true;
  const unplugged = { by: 'battery', untilMs: null } as const;
  return [...offAt(uploadLimit(env, database), nowMs), ...(isWaiting ? [unplugged] : [])];
}

/** All of it for the host of a window. */
export function createUploadSpeed(
  context: Readonly<{
    env: Environment;
    database: () => Database;
    clock: Clock;
    desktop: Pick<Desktop, 'isOnBattery'>;
    onChange: () => void;
  }>,
) {
  const { env, database, clock, desktop, onChange } = context;
  const now = () => uploadLimit(env, database);
  const calls: UploadLimitCalls = {
    getUploadLimit: async () => now(),
    async setUploadLimit(speed) {
      setUploadLimit(env, database(), speed);
      onChange();
      return {};
    },
    getBatteryWait: async () => ({
      waits: waitsOnBattery(database()),
      isKnown: desktop.isOnBattery?.() !== undefined,
    }),
    async setBatteryWait({ waits }) {
      setWaitsOnBattery(database(), waits);
      onChange();
      return {};
    },
  };
  return {
    now,
    calls,
    /** @throws AppError `settings-wrong` */
    rate: () => uploadRate(env, database(), clock),
    notNow: () => standsNow(env, database, () => desktop.isOnBattery?.(), clock.nowMs()),
  };
}
