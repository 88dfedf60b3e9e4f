/**
 * @file Who signs the requests: keys that were given by name, or what the SDK's chain finds in the AWS
 * tools' own settings. Where they came from is noted on them; when the storage no longer takes them, the
 * place that they came from is asked again.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { catalogue } from '#shared/troubles/catalogue.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { keyEndingOf, type SignIn, type SignInSource } from '#shared/sign-in.ts';
import type { StorageSettings } from './storage-settings.ts';
import { toStorageError } from './errors.ts';

type Provider = S3Client['config']['credentials'];
type Found = Awaited<ReturnType<Provider>>;
type Keys = Found & Readonly<{ foundIn?: Pick<SignIn, 'source' | 'profile'> }>;
type Handler = S3Client['config']['requestHandler'];
type Options = Parameters<ReturnType<typeof fromIni>>[0] & { forceRefresh?: boolean };

/** The SDK asks from five minutes before the end of keys on, before each request. */
const ASK_EVERY_MS = 30_000;

/** @param handler Services that give out keys are reached the same way as the storage. */
export function keysOf(settings: StorageSettings, handler: Handler): () => Promise<Keys> {
  const { credentials, rereadKeys, keysFrom = 'environment', profile } = settings;
  if (credentials !== undefined)
    return async () => ({
      ...(rereadKeys?.() ?? credentials),
      foundIn: { source: keysFrom, profile: undefined },
    });
  const ask = askTools(profile, handler);
  let found: Keys | undefined;
  let nextAskMs = 0;
  return async (options?: Options) => {
    const isForced = options?.forceRefresh === true;
    const isGood = found?.expiration !== undefined && found.expiration.getTime() > Date.now();
    if (found && isGood && !isForced && performance.now() < nextAskMs) return found;
    nextAskMs = performance.now() + ASK_EVERY_MS;
    try {
      return (found = await ask(options));
    } catch (error) {
      if (found && isGood && !isForced) return found;
      throw toSignInError(error);
    }
  };
}

/** Asks the AWS tools' own settings: a profile that was named, else the usual one, else what the computer is given. */
function askTools(profile: string | undefined, handler: Handler) {
  const init = {
    ...(profile === undefined ? {} : { profile }),
    clientConfig: { requestHandler: handler },
    // Whoever signs in again changes these files while this program runs.
    ignoreCache: true,
  };
  const byProfile = fromIni(init);
  const otherwise = fromNodeProviderChain(init);
  return async (options?: Options): Promise<Keys> => {
    const found = await byProfile(options).catch((error: unknown) => {
      if (profile !== undefined) throw error;
      return otherwise(options).catch(() => {
        throw error;
      });
    });
    const source = sourceOf(found);
    const isOfProfile = !['environment', 'web-identity', 'computer'].includes(source);
    return {
      ...found,
      foundIn: { source, profile: isOfProfile ? (profile ?? 'default') : undefined },
    };
  };
}

/** The SDK notes on keys what it went through for them; the last step names the source. */
const steps: readonly (readonly [RegExp, SignInSource])[] = [
  [/WEB_ID/, 'web-identity'],
  [/STS_ASSUME_ROLE/, 'role'],
  [/SSO/, 'sso'],
  [/LOGIN/, 'login'],
  [/PROCESS/, 'process'],
  [/ENV_VARS/, 'environment'],
  [/NAMED_PROVIDER|HTTP|IMDS/, 'computer'],
  [/PROFILE/, 'profile'],
];

function sourceOf(found: Found): SignInSource {
  const passed = Object.keys(
    (found as { $source?: Readonly<Record<string, string>> }).$source ?? {},
  ).join(' ');
  return steps.find(([step]) => step.test(passed))?.[1] ?? 'other';
}

/** Whose keys sign now. @throws AppError as signing would. */
export async function signInOf(client: S3Client): Promise<SignIn> {
  const keys: Keys = await client.config.credentials();
  const { accessKeyId, sessionToken, expiration, foundIn } = keys;
  return {
    source: foundIn?.source ?? 'other',
    profile: foundIn?.profile,
    keyEnding: keyEndingOf(accessKeyId),
    isTemporary: sessionToken !== undefined,
    endsAtMs: expiration?.getTime(),
  };
}

/** The storage does not take these keys. By now there may be others where they came from. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'sign-in-expired',
  'wrong-access-key',
  'wrong-secret',
]);

type Renewal = ReturnType<typeof createRenewal>;
const renewals = new WeakMap<S3Client, Renewal>();

/** One for all requests that a client's keys sign, whichever way they are sent. */
export function renewalOf(client: S3Client): Renewal {
  const before = renewals.get(client);
  if (before) return before;
  const renewal = createRenewal(client);
  renewals.set(client, renewal);
  return renewal;
}

/**
 * Sends a request again when its keys were refused and others are found. What runs together asks for new
 * ones together, once: asking may mean a program that talks to a person.
 */
function createRenewal(client: S3Client) {
  let asked = 0;
  let asking: Promise<unknown> | undefined;
  return async <T>(send: () => Promise<T>): Promise<T> => {
    const before = asked;
    const used = await client.config.credentials();
    try {
      return await send();
    } catch (error) {
      const trouble = toStorageError(error);
      if (!(trouble instanceof AppError) || !refusals.has(trouble.code)) throw error;
      if (asked === before) {
        asked += 1;
        // Why there are no others is worth less than what the storage said of these.
        asking = client.config.credentials({ forceRefresh: true }).catch(() => {});
      }
      await asking;
      if (isSame(await client.config.credentials(), used)) throw error;
      return send();
    }
  };
}

function isSame(a: Found, b: Found): boolean {
  return (
    a.accessKeyId === b.accessKeyId &&
    a.secretAccessKey === b.secretAccessKey &&
    a.sessionToken === b.sessionToken
  );
}

/**
 * What kept the chain from finding keys. The SDK tells it in sentences, so that words are all there is to
 * tell an expired sign-in from one that never was; each is the whole storage's trouble and waits for a
 * person, except where the network is in the way.
 */
function toSignInError(error: unknown): unknown {
  const known = toStorageError(error);
  if (!(known instanceof AppError)) return known;
  const { message } = error as Error;
  if (known.code !== 'credentials-missing' && catalogue[known.code].scope === 'storage')
    return known;
  if (known.code === 'server-error') return new AppError('busy', message, { cause: error });
  if (/\b(?:ECONN[A-Z]+|ENOTFOUND|EAI_AGAIN|E[A-Z]+UNREACH|ETIMEDOUT|TimeoutError)\b/.test(message))
    return new AppError('offline', message, { cause: error });
  // Its command line may hold a password: neither said nor logged.
  if (message.startsWith('Command failed'))
    return new AppError(
      'sign-in-failed',
      'The program that the profile names (credential_process) failed',
    );
  if (/expired|sso login|UnauthorizedException/i.test(message))
    return new AppError('sign-in-expired', message, { cause: error });
  if (/credential_process|multi-factor/.test(message) || known.code !== 'credentials-missing')
    return new AppError('sign-in-failed', message, { cause: error });
  return known;
}
