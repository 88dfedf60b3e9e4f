/**
 * @file Questions to a storage that change nothing: each is about a key that nobody has. The two
 * exceptions are `put` and `openUpload`, whose callers have to remove what they made. What the
 * answers mean is decided in `doctor.ts` and beside it.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { bucketSettings, type Ask } from './bucket-settings.ts';
import { proof, toBase64, toInfo, unquoted } from './answers.ts';
import type { Certificate } from './certificates.ts';
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
  host: Readonly<{
    nowMs: () => number;
    signal: AbortSignal;
    certificate?: () => Certificate | undefined;
  }>,
) {
  const { nowMs, signal, certificate = () => undefined } = host;
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
    nowMs,
    certificate,
    /** Whose keys sign. @throws AppError when there are none. */
    signIn: () => signInOf(client),
    /** Where the bucket is, and whether it stands in the path, as far as the answers told. */
    region: () => client.config.region(),
    isPathStyle: () => client.config.forcePathStyle,
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
    /** @throws AppError `not-supported` by one that knows no versions, and lists its objects instead. */
    async listVersions(): Promise<void> {
      const { KeyMarker } = await ask((options) =>
        client.send(new ListObjectVersionsCommand({ ...here, MaxKeys: 1 }), options),
      );
      if (KeyMarker === undefined)
        throw new AppError('not-supported', 'The answer is no list of versions');
    },
    /**
     * Of a key that nobody has; with a number a deletion lays no marker.
     *
     * @returns The marker that was made all the same: to be removed.
     */
    async deleteMissingVersion(key: string): Promise<{ markerId: string | undefined }> {
      const { DeleteMarker, VersionId } = await ask((options) =>
        client.send(new DeleteObjectCommand({ ...at(key), VersionId: 'null' }), options),
      );
      const isMade = DeleteMarker && VersionId !== 'null';
      return { markerId: isMade ? VersionId : undefined };
    },
    restoreMissing: (key: string) =>
      ask((options) =>
        client.send(new RestoreObjectCommand({ ...at(key), RestoreRequest: { Days: 1 } }), options),
      ),
    listUploads: () =>
      ask((options) =>
        client.send(new ListMultipartUploadsCommand({ ...here, MaxUploads: 1 }), options),
      ),
    listParts: (key: string, uploadId = unknownUpload()) =>
      ask((options) =>
        client.send(new ListPartsCommand({ ...at(key), UploadId: uploadId }), options),
      ),
    /** Opens an upload, which nobody sees as an object. To be ended with `abortUpload`. */
    async openUpload(key: string, hasChecksum = false): Promise<string> {
      const sums = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
      const upload = { ...at(key), ...(hasChecksum && sums) };
      const answer = await ask((options) =>
        client.send(new CreateMultipartUploadCommand(upload), options),
      );
      return proof(answer.UploadId, answer, 'CreateMultipartUpload');
    },
    /** @returns The part's ETag. */
    async putPart(key: string, uploadId: string, { body, crc32 }: Bytes): Promise<string> {
      const part = { ...at(key), UploadId: uploadId, PartNumber: 1, Body: body };
      const answer = await ask((options) =>
        client.send(new UploadPartCommand({ ...part, ...sumOf(crc32) }), options),
      );
      return proof(answer.ETag, answer, 'UploadPart');
    },
    /** Makes the object of the one part. @param more What the storage may know, or not. */
    async complete(
      key: string,
      uploadId: string,
      { etag, crc32 }: Readonly<{ etag: string; crc32: number | undefined }>,
      more: Readonly<{ IfNoneMatch?: '*'; MpuObjectSize?: number }>,
    ): Promise<void> {
      const part = { PartNumber: 1, ETag: etag, ...sumOf(crc32) };
      const whole =
        crc32 === undefined ? {} : { ...sumOf(crc32), ChecksumType: 'FULL_OBJECT' as const };
      const upload = { ...at(key), UploadId: uploadId, MultipartUpload: { Parts: [part] } };
      const answer = await ask((options) =>
        client.send(new CompleteMultipartUploadCommand({ ...upload, ...whole, ...more }), options),
      );
      proof(answer.ETag, answer, 'CompleteMultipartUpload');
    },
    /** Goes on after an interruption, as `remove` does. */
    abortUpload: (key: string, uploadId = unknownUpload()) =>
      within([], (options) =>
        client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }), options),
      ),

    /** @param isConditional Nothing that is there may be written over. */
    async put(key: string, { body, crc32 }: Bytes, isConditional: boolean): Promise<Written> {
      const answer = await ask((options) =>
        client.send(
          new PutObjectCommand({
            ...at(key),
            ...(isConditional ? { IfNoneMatch: '*' } : {}),
            Body: body,
            ContentLength: body.byteLength,
            ...sumOf(crc32),
          }),
          options,
        ),
      );
      const etag = unquoted(proof(answer.ETag, answer, 'PutObject'));
      return { etag, versionId: answer.VersionId };
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

/** `crc32`: `undefined` sends none. */
export type Bytes = Readonly<{ body: Uint8Array; crc32: number | undefined }>;
/** `versionId`: `undefined` in a bucket that keeps none. */
export type Written = Readonly<{ etag: string; versionId: string | undefined }>;

const sumOf = (crc32: number | undefined) =>
  crc32 === undefined ? {} : { ChecksumCRC32: toBase64(crc32) };

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
