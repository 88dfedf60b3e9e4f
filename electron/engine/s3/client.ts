import { S3Client } from '@aws-sdk/client-s3';
import type { Encryption } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';
import type { SignInSource } from '#shared/sign-in.ts';
import { isPage } from './answers.ts';
import { toStorageError } from './errors.ts';
import { encrypted, namedRefusal } from './keeping.ts';
import { keysOf, renewalOf } from './sign-in.ts';
import { openTransport } from './transport.ts';

export type GivenKeys = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** When they end, where that is known. */
  expiration?: Date;
}>;

export type StorageSettings = Readonly<{
  bucket: string;
  region: string;
  /** With scheme; `undefined` means AWS itself. */
  endpoint: string | undefined;
  /** Keys given by name; else the SDK's provider chain (profiles, SSO, assume-role, credential_process). */
  credentials: GivenKeys | undefined;
  /** Where `credentials` were found; the environment unless told. */
  keysFrom?: SignInSource;
  /** Looks there again, where that may give others. */
  rereadKeys?: () => GivenKeys | undefined;
  profile: string | undefined;
  /** False asks for certificates not to be looked at; it holds only until `unverifiedUntilMs`. */
  verifyTls: boolean;
  /** Unix milliseconds; see engine/unverified.ts. */
  unverifiedUntilMs?: number;
  /** A private authority's certificates beside those of the operating system, PEM. */
  ca: string | undefined;
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY as the environment has them. */
  proxyEnv: Readonly<Record<string, string>>;
  /** With what new objects are encrypted; `undefined` leaves it to the bucket. */
  encryption?: Encryption | undefined;
  /** How long nothing may move on a socket, milliseconds; a minute unless told. */
  idleMs?: number;
  /** How what comes by the thousand is sent; the light way unless told. */
  way?: 'light' | 'sdk';
}>;

/**
 * An S3 client whose every failure is an `AppError`, so nothing above this folder knows SDK names.
 *
 * The SDK's own retries are the inner loop only (2 attempts: the second corrects a wrong clock); the
 * queue owns patience. Checksums are ours, computed from the bytes as read, hence `WHEN_REQUIRED`.
 */
export function openS3Client(
  settings: StorageSettings,
  { handler } = openTransport(settings),
): S3Client {
  const { endpoint, region } = settings;
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    credentials: keysOf(settings, handler),
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Waiting for "100 Continue" would cost a round trip for each part.
    expectContinueHeader: false,
    requestHandler: handler,
  });
  const renewing = renewalOf(client);
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const input = encrypted(commandName, args.input, settings.encryption);
        // Every body here is bytes in memory, which can be sent twice.
        return renewing(() => next({ ...args, input })).catch((error: unknown) => {
          throw namedRefusal(toStorageError(error), input);
        });
      },
    { step: 'initialize', priority: 'high', name: 'toStorageError' },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { statusCode, headers, body } = result.response as RawAnswer;
      if (statusCode >= 300 || !isPage(headers)) return result;
      body?.destroy?.();
      throw new AppError('not-storage', 'A web page answered in the place of the storage');
    },
    { step: 'deserialize', priority: 'low', name: 'refusePages' },
  );
  return client;
}

type RawAnswer = Readonly<{
  statusCode: number;
  headers: Record<string, string>;
  body?: { destroy?: () => void };
}>;
