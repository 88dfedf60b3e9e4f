/** @file The guide's environment variables and `.env` file, read once in the host and checked here. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { readEncryption, type Encryption } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';
import { certificatesIn } from './ca-bundle.ts';
import { bucketIn, endpointUrl } from './place.ts';
import type { GivenKeys, StorageSettings } from '../s3/storage-settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Set to an empty string counts as not set, as the guide's example file has it. */
const text = z
  .string()
  .trim()
  .optional()
  .transform((value) => value || undefined);
const flag = (fallback: boolean) =>
  z
    .string()
    .trim()
    .toLowerCase()
    .optional()
    .transform((value, context) => {
      if (!value) return fallback;
      if (['true', '1', 'yes', 'on'].includes(value)) return true;
      if (['false', '0', 'no', 'off'].includes(value)) return false;
      context.addIssue({ code: 'custom', message: 'must be true or false' });
      return z.NEVER;
    });

const way = text.transform((value, context) => {
  if (value === undefined || value === 'light' || value === 'sdk') return value ?? 'light';
  context.addIssue({ code: 'custom', message: 'must be light or sdk' });
  return z.NEVER;
});

const number = (least: number, most: number, unit: string) =>
  text.transform((value, context) => {
    if (value === undefined) return undefined;
    const given = Number(value);
    if (given >= least && given <= most) return given;
    const message = `must be a number of ${unit} from ${least} to ${most}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
const waitSeconds = number(0, 86_400, 'seconds');
const uploadLimit = number(0.01, 100_000, 'megabytes a second');
/** As people are told of lines and files. */
const MEGABYTE = 1_000_000;

const keys = z.object({
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: text,
  AWS_CREDENTIAL_EXPIRATION: text,
});
const storage = keys.extend({
  AWS_PROFILE: text,
  AWS_REGION: text,
  AWS_S3_BUCKET: text,
  AWS_S3_ENDPOINT_URL: text,
  AWS_S3_USE_SSL: flag(true),
  AWS_S3_VERIFY_SSL: flag(true),
  AWS_CA_BUNDLE: text,
  AWS_S3_ENCRYPTION: text,
  AWS_S3_KMS_KEY_ID: text,
  PANSEA_S3_PATH: way,
  PANSEA_UPLOAD_LIMIT: uploadLimit,
});
const behaviour = z.object({
  PANSEA_SYNC_HOME: text,
  PANSEA_SETTLE_SECONDS: waitSeconds,
  PANSEA_GRACE_SECONDS: waitSeconds,
  PANSEA_HOOK: text,
  DEBUG: z.string().optional(),
});

/** The variables that say which storage, and with which keys. */
export const storageNames: readonly string[] = Object.keys(storage.shape);
/** The other ones that have a meaning here. */
export const otherNames: ReadonlySet<string> = new Set([
  ...Object.keys(behaviour.shape),
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
]);

const KEY_ID = 'AWS_ACCESS_KEY_ID';
const pair = [KEY_ID, 'AWS_SECRET_ACCESS_KEY'] as const;

/** Names the `.env` file that the access key was read from: when the key ends, it is looked at again. */
const KEYS_FILE = 'PANSEA_KEYS_FILE';

/**
 * A `.env` file under the process environment, which wins. Keys are one place's or the other's: another one's
 * session token, or half of a pair, would make good keys useless.
 *
 * @param file     Path of the file.
 * @param required Whether a missing file is an error: it is when the user named it.
 * @throws AppError `settings-wrong`, also for a program to be started that a file says which nobody named.
 */
export function readEnvironment(
  processEnv: Environment,
  file: string,
  required: boolean,
): Environment {
  let fromFile: Environment = {};
  try {
    fromFile = parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (required || !missing)
      throw new AppError(
        'settings-wrong',
        `${file}: ${missing ? 'there is no such file' : String(error)}`,
      );
  }
  // Set in the environment, also to nothing, it is not the file's that counts.
  const isFiles = processEnv['PANSEA_HOOK'] === undefined;
  if (!required && isFiles && fromFile['PANSEA_HOOK']?.trim())
    throw new AppError(
      'settings-wrong',
      `PANSEA_HOOK in ${file} would start a program: for that, name the file with --env-file, or set it in the environment`,
    );
  const given = Object.entries(processEnv).filter(([, value]) => value !== undefined);
  // Who reads the file into the environment, too, has the same in both.
  const isSame = processEnv[KEY_ID] === fromFile[KEY_ID];
  const hasOwnKeys = !isSame && pair.some((name) => processEnv[name]?.trim());
  const wanted = Object.entries(fromFile).filter(([name]) => !hasOwnKeys || !(name in keys.shape));
  const env: Environment = { ...Object.fromEntries(wanted), ...Object.fromEntries(given) };
  const isKeysFile = fromFile[KEY_ID] && fromFile[KEY_ID] === env[KEY_ID];
  return isKeysFile ? { ...env, [KEYS_FILE]: file } : env;
}

/** Whether anybody said which storage to use. Without it `npm start` shows the demo. */
export function hasStorageSettings(env: Environment): boolean {
  return Boolean(env['AWS_S3_BUCKET']?.trim());
}

type Behaviour = Readonly<{
  home: string | undefined;
  settleMs: number | undefined;
  graceMs: number | undefined;
  /** Looked at when it is to be told: a wrong one keeps no recording. */
  hook: string | undefined;
  isDebug: boolean;
}>;

/**
 * How the program behaves, whatever the storage.
 *
 * @throws AppError `settings-wrong`, naming the variable.
 */
export function behaviourSettings(env: Environment): Behaviour {
  const values = checked(behaviour, env);
  return {
    home: values.PANSEA_SYNC_HOME,
    settleMs: toMs(values.PANSEA_SETTLE_SECONDS),
    graceMs: toMs(values.PANSEA_GRACE_SECONDS),
    hook: values.PANSEA_HOOK,
    isDebug: wantsDebug(values),
  };
}

/** Shared with other programs, whose patterns may stand in it: only a plain yes is ours. */
export const wantsDebug = ({ DEBUG }: Readonly<{ DEBUG?: string | undefined }>): boolean =>
  ['true', '1', 'yes', 'on'].includes(DEBUG?.trim().toLowerCase() ?? '');

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function checked<Values>(schema: z.ZodType<Values>, env: Environment): Values {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('settings-wrong', `${String(issue?.path[0])} ${issue?.message}`);
}

/**
 * Which storage, and with which keys.
 *
 * @throws AppError `settings-missing` or `settings-wrong`, naming the variable and never its value where that is a secret.
 */
export function storageSettings(env: Environment): StorageSettings {
  const values = checked(storage, env);
  if (values.AWS_S3_BUCKET === undefined)
    throw new AppError('settings-missing', 'AWS_S3_BUCKET is not set');
  const endpoint = endpointUrl(values.AWS_S3_ENDPOINT_URL, values.AWS_S3_USE_SSL);
  const { bucket, region } = bucketIn(values.AWS_S3_BUCKET, values.AWS_REGION, endpoint);
  const keysFile = env[KEYS_FILE];
  return {
    bucket,
    region,
    endpoint,
    credentials: givenKeys(values),
    ...(keysFile === undefined
      ? {}
      : { keysFrom: 'env-file', rereadKeys: () => keysInFile(keysFile) }),
    profile: values.AWS_PROFILE,
    verifyTls: values.AWS_S3_VERIFY_SSL,
    ca: values.AWS_CA_BUNDLE && certificatesIn(values.AWS_CA_BUNDLE),
    proxyEnv: proxies(env),
    way: values.PANSEA_S3_PATH,
    encryption: encryption(values.AWS_S3_ENCRYPTION, values.AWS_S3_KMS_KEY_ID),
  };
}

/** What all uploads together may send in a second, in bytes. @throws AppError `settings-wrong` */
export function uploadLimitIn(env: Environment): number | undefined {
  const { PANSEA_UPLOAD_LIMIT: megabytes } = checked(
    storage.pick({ PANSEA_UPLOAD_LIMIT: true }),
    env,
  );
  return megabytes === undefined ? undefined : megabytes * MEGABYTE;
}

/** @throws AppError `settings-wrong` */
function encryption(algorithm?: string, keyId?: string): Encryption | undefined {
  const read = readEncryption(algorithm, keyId);
  if ('encryption' in read) return read.encryption;
  const name = read.wrong === 'key' ? 'AWS_S3_KMS_KEY_ID' : 'AWS_S3_ENCRYPTION';
  throw new AppError('settings-wrong', `${name} ${read.why}`);
}

/** @throws AppError `settings-missing` when half of them is there. */
function givenKeys(values: z.output<typeof keys>): GivenKeys | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = values;
  if ((id === undefined) !== (secret === undefined))
    throw new AppError(
      'settings-missing',
      `${id === undefined ? KEY_ID : 'AWS_SECRET_ACCESS_KEY'} is not set, but its partner is`,
    );
  if (id === undefined || secret === undefined) return undefined;
  const endsAtMs = Date.parse(values.AWS_CREDENTIAL_EXPIRATION ?? '');
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(token === undefined ? {} : { sessionToken: token }),
    ...(Number.isNaN(endsAtMs) ? {} : { expiration: new Date(endsAtMs) }),
  };
}

/** `undefined` where there are none, or half of them. */
export function keysIn(env: Environment): GivenKeys | undefined {
  try {
    return givenKeys(keys.parse(env));
  } catch {
    return undefined;
  }
}

/** As the file is now; `undefined` where it no longer has keys, or is being written. */
function keysInFile(file: string): GivenKeys | undefined {
  try {
    return keysIn(parseEnv(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

const proxyNames = new Set(['http_proxy', 'https_proxy', 'no_proxy']);

/** @throws AppError `settings-wrong`, without the address: a password may stand in it. */
function proxies(env: Environment): Record<string, string> {
  const given = Object.entries(env).flatMap(([name, value]) =>
    proxyNames.has(name.toLowerCase()) && value?.trim() ? [[name, value.trim()] as const] : [],
  );
  for (const [name, value] of given)
    if (name.toLowerCase() !== 'no_proxy' && !/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
      throw new AppError('settings-wrong', `${name} is not an http(s) address`);
  return Object.fromEntries(given);
}
