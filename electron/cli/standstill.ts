/** @file Why uploads stand, as the command line tells it, and that it sends what is asked of it all the same. */
import type { Database } from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import { pauseText, type Standstill } from '#shared/pause.ts';
import { noteStanding, pausedNow, standsFor } from '../engine/queue/pause.ts';
import { uploadLimitIn, type Environment } from '../engine/settings/settings.ts';
import { standsNow } from '../engine/upload/upload-rate.ts';
import type { Context } from './context.ts';

/** Whether the timetable has uploads off now, or they wait for power. @throws AppError `settings-wrong` */
export const notNow = (
  { env, isOnBattery }: Pick<Context, 'env' | 'isOnBattery'>,
  database: Database,
): readonly Standstill[] => standsNow(env, () => database, isOnBattery, Date.now());

export function standstillText(stands: Standstill): string {
  const how = `Uploads are ${pauseText(stands, Date.now())}.`;
  return stands.by === 'person' ? `${how} To go on: pansea-sync resume` : how;
}

/** Why whatever is at work here sends nothing now. */
export function standstillOf(database: Database) {
  const stands = standsFor(database);
  if (stands === undefined) return undefined;
  const { by, untilMs } = stands;
  const until = untilMs === null ? null : new Date(untilMs).toISOString();
  return { by, until, text: standstillText(stands) };
}

/**
 * For a verb that a person waits for: it sends at once what is asked of it, and the rest of the queue beside it, and
 * says so where others would wait.
 */
export function tellSendsNow(context: Context, database: Database): void {
  const nowMs = Date.now();
  // What a crash has left.
  noteStanding(database, undefined);
  const stands = pausedNow(database, nowMs) ?? notNow(context, database)[0];
  if (stands)
    context.output.note(
      `Uploads are ${pauseText(stands, nowMs)}. What you ask for now is sent anyway, and until that is done so is whatever else waits.`,
    );
}

/** What is wrong with the limit of the environment, under which nothing can be sent from there. */
export function wrongLimit(env: Environment): string | undefined {
  try {
    uploadLimitIn(env);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}
