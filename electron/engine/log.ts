import electronLog from 'electron-log/node.js';
import { join } from 'node:path';
import type { Environment } from './settings.ts';

/** One line each, JSON, in `logs/pansea-sync.log` of the home; rotated at 1 MB. */
export type Log = (
  level: 'error' | 'warn' | 'info' | 'debug',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** In the home, older first; electron-log renames a full one. */
export const logFiles = ['logs/pansea-sync.old.log', 'logs/pansea-sync.log'] as const;

const secrets: readonly [RegExp, string][] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '[access key]'],
  [/(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"]+/gi, '$1[removed]'],
  [
    /("?(?:authorization|secretAccessKey|sessionToken|accessKeyId|x-amz-security-token|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_ACCESS_KEY_ID)"?\s*[:=]\s*)"[^"]*"/gi,
    '$1"[removed]"',
  ],
  [/((?:AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_ACCESS_KEY_ID)\s*=\s*)[^\s"]+/g, '$1[removed]'],
  [/AWS4-HMAC-SHA256 Credential=[^"]*/g, 'AWS4-HMAC-SHA256 [removed]'],
];

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

/** A line without anything that could sign or open something. */
export function withoutSecrets(line: string, known: readonly string[] = []): string {
  const plain = known
    .filter((secret) => secret.length > 3)
    .reduce((text, secret) => text.replaceAll(secret, '[removed]'), line);
  return secrets.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    plain,
  );
}

/** @param known Secrets in use, removed wherever they turn up. */
export function openLog(home: string, debug: boolean, known: readonly string[] = []): Log {
  const logger = electronLog.create({ logId: home });
  logger.transports.console.level = false;
  // What it says there all the same, when its own file cannot be written, is a stack for each line.
  logger.transports.console.writeFn = () => {};
  // Without a name it looks for a package.json around the working folder, and quietly writes nothing when there is none.
  logger.transports.file.setAppName('pansea-sync');
  logger.transports.file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
  logger.transports.file.resolvePathFn = () => join(home, 'logs', 'pansea-sync.log');
  logger.transports.file.level = debug ? 'debug' : 'info';
  logger.transports.file.format = '{text}';
  return (level, message, fields = {}) => {
    const line = JSON.stringify(
      { at: new Date().toISOString(), level, message, ...fields },
      (_name, value: unknown) =>
        value instanceof Error
          ? { name: value.name, message: value.message, stack: value.stack, cause: value.cause }
          : value,
    );
    logger[level](withoutSecrets(line, known));
  };
}
