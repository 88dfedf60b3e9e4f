/** @file How fast all uploads together may be: as the environment says, else as a person has set it in the window or on the command line. */
import type { Database } from 'better-sqlite3';
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import { bytesOf, megabitsOf, uploadMegabits } from '#shared/upload-limit.ts';
import { uploadLimitIn, type Environment } from '../settings/settings.ts';
import { settingStore } from '../store/settings.ts';

const NAME = 'upload_limit';
/** So soon a running engine follows what is set, wherever. */
const LOOK_MS = 1_000;

const stored = (database: Database) =>
  settingStore(database).getIfReadable(NAME, uploadMegabits.nullable()) ?? null;

export type UploadLimitView = Awaited<ReturnType<Api['getUploadLimit']>>;

/** @throws AppError `settings-wrong` */
export function uploadLimit(env: Environment, database: () => Database): UploadLimitView {
  const fixed = uploadLimitIn(env);
  return fixed === undefined
    ? { megabits: stored(database()), isFixed: false }
    : { megabits: megabitsOf(fixed), isFixed: true };
}

/** @throws AppError `usage` where the environment decides. */
export function setUploadLimit(
  env: Environment,
  database: Database,
  megabits: number | null,
): void {
  if (uploadLimitIn(env) !== undefined)
    throw new AppError('usage', 'PANSEA_UPLOAD_LIMIT in the environment says how fast, and wins');
  settingStore(database).set(NAME, megabits);
}

/**
 * In bytes a second; `undefined` for as fast as the network allows. Asked for with each piece of a body.
 *
 * @throws AppError `settings-wrong`, at once.
 */
export function uploadRate(
  env: Environment,
  database: Database,
  monotonicMs: () => number,
): () => number | undefined {
  const fixed = uploadLimitIn(env);
  if (fixed !== undefined) return () => fixed;
  let megabits: number | null = null;
  let lookedMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = monotonicMs();
    if (nowMs - lookedMs >= LOOK_MS) {
      lookedMs = nowMs;
      megabits = stored(database);
    }
    return megabits === null ? undefined : bytesOf(megabits);
  };
}

export type UploadLimitCalls = Pick<Api, 'getUploadLimit' | 'setUploadLimit'>;

export function createUploadLimitCalls(
  context: Readonly<{ env: Environment; database: () => Database; onChange: () => void }>,
): UploadLimitCalls {
  const { env, database, onChange } = context;
  return {
    getUploadLimit: async () => uploadLimit(env, database),
    async setUploadLimit({ megabits }) {
      setUploadLimit(env, database(), megabits);
      onChange();
      return {};
    },
  };
}
