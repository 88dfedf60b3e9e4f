import electronLog from 'electron-log/node.js';
import { join } from 'node:path';
import { withoutSecrets } from '#shared/redact.ts';
import type { StorageSettings } from './s3/storage-settings.ts';
import { isMutant } from './test-hooks.ts';
import type { Environment } from './settings/settings.ts';

/** One line each, JSON, in `logs/pansea-sync.log` of the home; rotated at 1 MB. */
export type Log = (
  level: 'error' | 'warn' | 'info' | 'debug',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** Of one file; with the one before it there are twice as many at most. */
const MAX_BYTES = 1_048_576;

/** In the home, older first; electron-log renames a full one. */
export const logFiles = ['logs/pansea-sync.old.log', 'logs/pansea-sync.log'] as const;

/** Every value of the environment that could be a secret, wherever it turns up. */
export function secretsOf(env: Environment): string[] {
  const named = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID'];
  const passwords = Object.entries(env)
    .filter(([name]) => /^https?_proxy$/i.test(name))
    .map(([, value]) => URL.parse(value ?? '')?.password);
  return [...named.map((name) => env[name]?.trim()), ...passwords].filter(
    (secret): secret is string => Boolean(secret),
  );
}

export type OpenLog = Log &
  Readonly<{
    /** Whether `debug` is written, too; from the next line on. */
    setDebug: (isOn: boolean) => void;
    /** Secrets that came into use since. */
    hide: (secrets: readonly string[]) => void;
  }>;

/** Keys that are not the environment's. */
export function secretsIn(settings: StorageSettings | undefined): string[] {
  const { accessKeyId, secretAccessKey, sessionToken } = settings?.credentials ?? {};
  return [accessKeyId, secretAccessKey, sessionToken].filter((secret) => secret !== undefined);
}

/** @param known Secrets in use, removed wherever they turn up. */
export function openLog(home: string, debug: boolean, known: readonly string[] = []): OpenLog {
  const hidden = new Set(known);
  let isDebug = debug;
  const logger = electronLog.create({ logId: home });
  logger.transports.console.level = false;
  // What it says there all the same, when its own file cannot be written, is a stack for each line.
  logger.transports.console.writeFn = () => {};
  // Without a name it looks for a package.json around the working folder, and quietly writes nothing when there is none.
  logger.transports.file.setAppName('pansea-sync');
  logger.transports.file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
  logger.transports.file.resolvePathFn = () => join(home, 'logs', 'pansea-sync.log');
  logger.transports.file.level = 'debug';
  logger.transports.file.maxSize = MAX_BYTES;
  logger.transports.file.format = '{text}';
  const log: Log = (level, message, fields = {}) => {
    if (level === 'debug' && !isDebug) return;
    const line = JSON.stringify(
      { at: new Date().toISOString(), level, message, ...fields },
      (_name, value: unknown) =>
        value instanceof Error
          ? { name: value.name, message: value.message, stack: value.stack, cause: value.cause }
          : value,
    );
    logger[level](isMutant(26) ? line : withoutSecrets(line, [...hidden])); // Bug 26: a key is a word like any other.
  };
  return Object.assign(log, {
    setDebug: (isOn: boolean) => void (isDebug = isOn),
    hide(secrets: readonly string[]) {
      for (const secret of secrets) hidden.add(secret);
    },
  });
}
