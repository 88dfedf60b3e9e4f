/** @file Why uploads stand, as the command line tells it. */
import type { Database } from 'better-sqlite3';
import { pauseText, type Standstill } from '#shared/pause.ts';
import { pausedNow } from '../engine/queue/pause.ts';
import type { Environment } from '../engine/settings/settings.ts';
import { offAt, uploadLimit } from '../engine/upload/upload-rate.ts';

/** Whether the timetable has uploads off now. @throws AppError `settings-wrong` */
export const offNow = (env: Environment, database: () => Database): Standstill | undefined =>
  offAt(uploadLimit(env, database), Date.now());

/**
 * Why whatever is at work here sends nothing now. A pause is heeded by the app, and by no `watch`.
 *
 * @throws AppError `settings-wrong`
 */
export function standstillOf(env: Environment, database: Database) {
  const nowMs = Date.now();
  const stands = pausedNow(database, nowMs) ?? offNow(env, () => database);
  if (stands === undefined) return undefined;
  const { by, untilMs } = stands;
  const text =
    by === 'person' ? 'Uploads are paused in the app.' : `Uploads are ${pauseText(stands, nowMs)}.`;
  return { by, until: untilMs === null ? null : new Date(untilMs).toISOString(), text };
}
