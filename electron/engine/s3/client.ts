import { S3Client } from '@aws-sdk/client-s3';
import { AppError } from '#shared/errors.ts';
import type { Address } from './address.ts';
import { isPage } from './answers.ts';
import { aheadOf } from './clock.ts';
import { toStorageError } from './errors.ts';
import { encrypted, namedRefusal } from './keeping.ts';
import { keysOf, renewalOf } from './sign-in.ts';
import type { StorageSettings } from './storage-settings.ts';
import { openTransport } from './transport.ts';

/**
 * An S3 client whose every failure is an `AppError`, so nothing above this folder knows SDK names.
 *
 * The SDK's own retries are the inner loop only (2 attempts: the second corrects a wrong clock); the
 * queue owns patience. Checksums are ours, computed from the bytes as read, hence `WHEN_REQUIRED`.
 */
export function openS3Client(
  settings: StorageSettings,
  { handler, address, tellClock } = openTransport(settings),
): S3Client {
  const { endpoint } = settings;
  const client = new S3Client({
    region: async () => address.now().region,
    ...(endpoint === undefined ? {} : { endpoint }),
    credentials: keysOf(settings, handler),
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Waiting for "100 Continue" would cost a round trip for each part.
    expectContinueHeader: false,
    requestHandler: handler,
  });
  // Read for each request, and by the endpoint's rules alone.
  Object.defineProperty(client.config, 'forcePathStyle', { get: () => address.now().isPathStyle });
  takePrefixFromSignatures(client, address);
  const renewing = renewalOf(client);
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const input = encrypted(commandName, args.input, settings.encryption);
        // Every body here is bytes in memory, which can be sent twice.
        const send = () => address.corrected(() => next({ ...args, input }));
        return renewing(send)
          .catch((error: unknown) => {
            throw namedRefusal(toStorageError(error), input);
          })
          .finally(() => tellClock(aheadOf(client)));
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

/** Where something takes the endpoint's path away before the storage, the storage knows nothing of it. */
function takePrefixFromSignatures(client: S3Client, address: Address): void {
  const { prefix, now } = address;
  if (prefix === '') return;
  /** By their contexts: the path of one may begin like the prefix all the same. */
  const shortened = new WeakSet<object>();
  client.middlewareStack.add(
    (next, context) => (args) => {
      const request = args.request as { path: string };
      shortened.delete(context);
      if (!now().isPrefixSigned) {
        request.path = request.path.slice(prefix.length);
        shortened.add(context);
      }
      return next(args);
    },
    { step: 'build', priority: 'low', name: 'withoutPrefix' },
  );
  client.middlewareStack.add(
    (next, context) => (args) => {
      const request = args.request as { path: string };
      if (shortened.has(context)) request.path = prefix + request.path;
      return next(args);
    },
    { step: 'deserialize', priority: 'low', name: 'withPrefix' },
  );
}

type RawAnswer = Readonly<{
  statusCode: number;
  headers: Record<string, string>;
  body?: { destroy?: () => void };
}>;
