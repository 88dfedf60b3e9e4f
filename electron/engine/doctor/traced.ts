/** @file The detailed log: whether a person wants it, and what it says of each call to the storage. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { Log } from '../log.ts';
import type { Remote } from '../s3/remote.ts';
import { settingStore } from '../store/settings.ts';

const NAME = 'detailed_log';

/** Whether a person has switched it on. */
export const wantsDetailedLog = (db: Database): boolean =>
  settingStore(db).getIfReadable(NAME, z.boolean()) ?? false;

export const switchDetailedLog = (db: Database, isOn: boolean): void =>
  settingStore(db).set(NAME, isOn);

/**
 * Each call to the storage as a line of the detailed log: what was asked about which key, how long it took, how
 * it ended, and the storage's number for it. Never a body, a header, or a link that was signed.
 */
export function traced(remote: Remote, log: Log): Remote {
  return new Proxy(remote, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...args: unknown[]): unknown => {
        const startMs = performance.now();
        const answer: unknown = Reflect.apply(value, target, args);
        if (!(answer instanceof Promise)) return answer;
        const key = typeof args[0] === 'string' ? args[0] : undefined;
        const end = (outcome: Readonly<Record<string, unknown>>) =>
          log('debug', 'Asked the storage', {
            call: name,
            key,
            ms: Math.round(performance.now() - startMs),
            ...outcome,
          });
        answer.then(
          () => end({ code: 'ok' }),
          (error: unknown) => end(outcomeOf(error)),
        );
        return answer;
      };
    },
  });
}

function outcomeOf(error: unknown) {
  if (!(error instanceof AppError)) return { code: String(error) };
  const { code, message, requestId } = error;
  return { code, detail: message, requestId };
}
