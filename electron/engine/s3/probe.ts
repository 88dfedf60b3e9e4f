/**
 * @file Questions to a storage that change nothing: each is about a key that nobody has. The two
 * exceptions are `put` and `openUpload`, whose callers have to remove what they made. What the
 * answers mean is decided in `doctor.ts` and beside it.
 */
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { bucketSettings, type Ask } from './bucket-settings.ts';
import { proof, toBase64, toInfo } from './answers.ts';
import type { ObjectInfo } from './remote.ts';
import { signInOf } from './sign-in.ts';

/** A test waits no longer than this for one answer. */
const PATIENCE_MS = 20_000;

/** What the first answer of all told, whatever it was. */
export type Heard = Readonly<{
  tookMs: number;
  /** How far this computer's clock is ahead of the storage's; `undefined` when it told no time. */
  aheadMs: number | undefined;
}>;

export type Probe = ReturnType<typeof openProbe>;

/**
 * @param client The probe's alone: it listens to the answers. Closed with `close`.
 * @param host.signal Ends every question, but no removal.
 */
export function openProbe(
  client: S3Client,
  bucket: string,
  host: Readonly<{ nowMs: () => number; signal: AbortSignal }>,
) {
  const { nowMs, signal } = host;
  let heard: Heard | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const startedMs = nowMs();
      const result = await next(args);
      heard ??= hear(result.response, startedMs, nowMs());
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'hear' },
  );
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const here = { Bucket: bucket };

  const ask: Ask = (question) => within([signal], question);

  return {
    heard: () => heard,
    /** Whose keys sign. @throws AppError when there are none. */
    signIn: () => signInOf(client),
    close: () => client.destroy(),

    /** @returns Any key of the bucket, where it has one. */
    async list(): Promise<string | undefined> {
      const page = await ask((options) =>
        client.send(new ListObjectsV2Command({ ...here, MaxKeys: 1 }), options),
      );
      if (page.Name !== bucket)
        throw new AppError('not-storage', 'The listing did not name the bucket');
      return page.Contents?.[0]?.Key;
    },
    /** Tells a missing bucket from a forbidden one, also to an account that may not list it. */
    headBucket: () => ask((options) => client.send(new HeadBucketCommand(here), options)),

    /**
     * A PUT that the storage must refuse, because its bytes do not have the Content-MD5 it names: who
     * hears of that was allowed to write.
     *
     * @returns The version that a careless storage wrote all the same: to be removed.
     * @throws AppError `damaged-in-transit` where writing is allowed.
     */
    async putDamaged(key: string): Promise<{ versionId: string | undefined }> {
      const { VersionId } = await ask((options) =>
        client.send(
          new PutObjectCommand({
            ...at(key),
            Body: randomBytes(16),
            ContentMD5: randomBytes(16).toString('base64'),
          }),
          options,
        ),
      );
      return { versionId: VersionId };
    },
    /** @param versionId `null` asks for the one version that every object may have. */
    async get(key: string, versionId?: 'null'): Promise<void> {
      const { Body } = await ask((options) =>
        client.send(new GetObjectCommand({ ...at(key), VersionId: versionId }), options),
      );
      if (Body instanceof Readable) Body.destroy();
    },
    /**
     * @param isConditional Only what is there is deleted, so that a versioned bucket gets no delete marker.
     * @returns The marker that was made all the same: to be removed.
     */
    async deleteMissing(
      key: string,
      isConditional: boolean,
    ): Promise<{ markerId: string | undefined }> {
      const condition = isConditional ? { IfMatch: '*' } : {};
      const { DeleteMarker, VersionId } = await ask((options) =>
        client.send(new DeleteObjectCommand({ ...at(key), ...condition }), options),
      );
      return { markerId: DeleteMarker ? VersionId : undefined };
    },
    listUploads: () =>
      ask((options) =>
        client.send(new ListMultipartUploadsCommand({ ...here, MaxUploads: 1 }), options),
      ),
    listParts: (key: string, uploadId = unknownUpload()) =>
      ask((options) =>
        client.send(new ListPartsCommand({ ...at(key), UploadId: uploadId }), options),
      ),
    /** Opens an upload, which nobody sees as an object. To be ended with `abortUpload`. */
    async openUpload(key: string): Promise<string> {
      const answer = await ask((options) =>
        client.send(new CreateMultipartUploadCommand(at(key)), options),
      );
      return proof(answer.UploadId, answer, 'CreateMultipartUpload');
    },
    /** Goes on after an interruption, as `remove` does. */
    abortUpload: (key: string, uploadId = unknownUpload()) =>
      within([], (options) =>
        client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }), options),
      ),

    /** @returns The version that was written; `undefined` in a bucket that keeps none. */
    async put(
      key: string,
      body: Uint8Array,
      crc32: number,
      isConditional: boolean,
    ): Promise<string | undefined> {
      const answer = await ask((options) =>
        client.send(
          new PutObjectCommand({
            ...at(key),
            ...(isConditional ? { IfNoneMatch: '*' } : {}),
            Body: body,
            ContentLength: body.byteLength,
            ChecksumCRC32: toBase64(crc32),
          }),
          options,
        ),
      );
      proof(answer.ETag, answer, 'PutObject');
      return answer.VersionId;
    },
    async head(key: string, versionId?: string): Promise<ObjectInfo> {
      const object = { ...at(key), VersionId: versionId, ChecksumMode: 'ENABLED' } as const;
      return toInfo(
        key,
        await ask((options) => client.send(new HeadObjectCommand(object), options)),
      );
    },
    /** Goes on after an interruption: what was written has to go. */
    async remove(key: string, versionId: string | undefined): Promise<void> {
      await within([], (options) =>
        client.send(new DeleteObjectCommand({ ...at(key), VersionId: versionId }), options),
      );
    },

    ...bucketSettings(client, bucket, ask),
  };
}

/** Well-formed, and nobody's. */
const unknownUpload = (): string => randomBytes(32).toString('hex');

async function within<T>(
  signals: readonly AbortSignal[],
  question: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await question({ abortSignal: AbortSignal.any([...signals, limit]) });
  } catch (error) {
    if (!limit.aborted || error instanceof AppError) throw error;
    throw new AppError('offline', `No answer within ${PATIENCE_MS / 1_000} seconds`);
  }
}

function hear(response: unknown, startedMs: number, endedMs: number): Heard {
  const { headers } = response as { headers?: Record<string, string | undefined> };
  const serverMs = Date.parse(headers?.['date'] ?? '');
  return {
    tookMs: Math.round(endedMs - startedMs),
    // The header tells whole seconds: on average half of one is gone.
    aheadMs: Number.isNaN(serverMs)
      ? undefined
      : Math.round((startedMs + endedMs) / 2 - (serverMs + 500)),
  };
}
