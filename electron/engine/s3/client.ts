import { S3Client } from '@aws-sdk/client-s3';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { toStorageError } from './errors.ts';

/** No answer to a connection attempt for this long counts as unreachable. */
const CONNECTION_TIMEOUT_MS = 10_000;
/** A socket on which nothing moves for this long is dead; a slow one that moves is not. */
const IDLE_SOCKET_TIMEOUT_MS = 60_000;
const MAX_SOCKETS = 64;

export type StorageSettings = Readonly<{
  bucket: string;
  region: string;
  /** With scheme; `undefined` means AWS itself. */
  endpoint: string | undefined;
  /** Keys given by name; else the SDK's provider chain (profiles, SSO, assume-role, credential_process). */
  credentials:
    | Readonly<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>
    | undefined;
  profile: string | undefined;
  verifyTls: boolean;
}>;

/**
 * An S3 client whose every failure is an `AppError`, so nothing above this folder knows SDK names.
 *
 * The SDK's own retries are the inner loop only (2 attempts: the second corrects a wrong clock); the
 * queue owns patience. Checksums are ours, computed from the bytes as read, hence `WHEN_REQUIRED`.
 */
export function openS3Client(settings: StorageSettings): S3Client {
  const { endpoint, region, credentials, verifyTls } = settings;
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    credentials:
      credentials ??
      fromNodeProviderChain(settings.profile === undefined ? {} : { profile: settings.profile }),
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Waiting for "100 Continue" would cost a round trip for each part.
    expectContinueHeader: false,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: IDLE_SOCKET_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
      httpsAgent: new HttpsAgent({
        keepAlive: true,
        maxSockets: MAX_SOCKETS,
        rejectUnauthorized: verifyTls,
      }),
    }),
  });
  client.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        throw toStorageError(error);
      }),
    { step: 'initialize', priority: 'high', name: 'toStorageError' },
  );
  return client;
}
