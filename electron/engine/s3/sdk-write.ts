import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { AppError } from '#shared/errors.ts';
import { fromBase64, proof, removed, toBase64, unquoted } from './answers.ts';
import { bytesOf } from './body.ts';
import { toStorageError } from './errors.ts';
import type { Known } from './known.ts';
import { isRefusal } from './refusals.ts';
import type { Remote } from './remote.ts';
import { asItTakes, md5, ofBytes, ofCompletion, ofObject, type Way } from './ways.ts';

type Writing = Pick<
  Remote,
  | 'putObject'
  | 'createUpload'
  | 'putPart'
  | 'completeUpload'
  | 'abortUpload'
  | 'deleteObject'
  | 'restoreObject'
>;

/** The half of `Remote` that changes the bucket, over the AWS SDK. */
export function sdkWriting(
  client: S3Client,
  bucket: string,
  known: Known,
  reading: Pick<Remote, 'head' | 'listParts'>,
): Writing {
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  return {
    async putObject(key, body, crc32, { contentType, metadata, storageClass }, abortSignal) {
      const answer = await asItTakes(known, ofObject, (way) =>
        client.send(
          new PutObjectCommand({
            ...at(key),
            ...neverOver(way),
            ...sumOf(body, crc32, way),
            Body: body,
            ContentLength: body.byteLength,
            ContentType: contentType,
            Metadata: { ...metadata },
            StorageClass: storageClass,
          }),
          { abortSignal },
        ),
      );
      proof(answer.ETag, answer, 'PutObject');
      return answer.ChecksumType === 'COMPOSITE' ? undefined : fromBase64(answer.ChecksumCRC32);
    },

    async createUpload(key, { contentType, metadata, storageClass }, abortSignal) {
      const answer = await asItTakes(known, ofBytes, ({ hasChecksum }) => {
        const command = new CreateMultipartUploadCommand({
          ...at(key),
          ContentType: contentType,
          Metadata: { ...metadata },
          StorageClass: storageClass,
          ...(hasChecksum && { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }),
        });
        return client.send(withoutSecondTry(command), { abortSignal });
      });
      return proof(answer.UploadId, answer, 'CreateMultipartUpload');
    },

    async putPart(key, uploadId, number, passing, crc32, abortSignal) {
      const body = await bytesOf(passing);
      const answer = await asItTakes(known, ofBytes, (way) =>
        client.send(
          new UploadPartCommand({
            ...at(key),
            ...sumOf(body, crc32, way),
            UploadId: uploadId,
            PartNumber: number,
            Body: body,
            ContentLength: body.byteLength,
          }),
          { abortSignal },
        ),
      );
      return unquoted(proof(answer.ETag, answer, 'UploadPart'));
    },

    async completeUpload(key, uploadId, parts, whole, abortSignal) {
      const answer = await asItTakes(known, ofCompletion, (way) =>
        client.send(
          new CompleteMultipartUploadCommand({
            ...at(key),
            ...neverOver(way),
            UploadId: uploadId,
            MultipartUpload: {
              Parts: parts.map(({ number, etag, crc32 }) => ({
                PartNumber: number,
                ETag: etag,
                ...(way.hasChecksum && { ChecksumCRC32: toBase64(crc32) }),
              })),
            },
            ...(way.hasChecksum && {
              ChecksumCRC32: toBase64(whole.crc32),
              ChecksumType: 'FULL_OBJECT',
              MpuObjectSize: whole.sizeBytes,
            }),
          }),
          { abortSignal },
        ),
      ).catch((error: unknown) => {
        // "Initiate the multipart upload again", says S3 of a completion that met another write.
        throw isConflict(error)
          ? new AppError('upload-gone', error.message, { cause: error })
          : error;
      });
      proof(answer.ETag, answer, 'CompleteMultipartUpload');
    },

    async abortUpload(key, uploadId, abortSignal) {
      try {
        const answer = await client.send(
          new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }),
          { abortSignal },
        );
        // Who may not list parts is told so by the storage: then it is there, and has heard.
        const isGone = async () =>
          (await reading.listParts(key, uploadId, abortSignal)) === undefined;
        await removed(answer, 'AbortMultipartUpload', isGone);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'upload-gone') throw error;
      }
    },

    async deleteObject(key, abortSignal) {
      const answer = await client.send(new DeleteObjectCommand(at(key)), { abortSignal });
      const isGone = async () => {
        try {
          return (await reading.head(key, abortSignal)) === undefined;
        } catch (error) {
          // The look was refused, not the deletion: that may be done.
          if (isRefusal(error)) return false;
          throw error;
        }
      };
      await removed(answer, 'DeleteObject', isGone);
      // Where versioning is suspended the marker has the number "null", and takes the place of the object that had it.
      return { recoverable: answer.DeleteMarker === true && answer.VersionId !== 'null' };
    },

    async restoreObject(key, { days, speed }, abortSignal) {
      const command = new RestoreObjectCommand({
        ...at(key),
        RestoreRequest: { Days: days, GlacierJobParameters: { Tier: tiers[speed] } },
      });
      const { $metadata } = await client.send(command, { abortSignal }).catch((error: unknown) => {
        // Of a restore it says that the object's class is none to restore from.
        throw error instanceof AppError && error.code === 'object-archived'
          ? new AppError('not-archived', key, { cause: error })
          : error;
      });
      // S3 says nothing but its status and its number: a sign-in page has no such number.
      if ($metadata.requestId !== undefined) return;
      const info = await reading.head(key, abortSignal);
      if (info?.readability.kind !== 'restoring' && info?.readability.kind !== 'restored')
        throw new AppError('not-storage', 'RestoreObject: the answer is not one of S3');
    },
  };
}

const tiers = { standard: 'Standard', bulk: 'Bulk', expedited: 'Expedited' } as const;

const neverOver = ({ hasCondition }: Way) => (hasCondition ? { IfNoneMatch: '*' } : {});

function sumOf(body: Uint8Array, crc32: number, { hasChecksum }: Way) {
  return hasChecksum ? { ChecksumCRC32: toBase64(crc32) } : { ContentMD5: md5(body) };
}

/**
 * A request that the SDK does not send again when its answer was lost: a second try would open a second
 * upload, and the first one's name would never be heard. A refusal (4xx) may still be corrected.
 */
function withoutSecondTry(command: CreateMultipartUploadCommand): CreateMultipartUploadCommand {
  command.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        const known = toStorageError(error);
        const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata
          ?.httpStatusCode;
        if (!(known instanceof AppError) || (status !== undefined && status < 500)) throw error;
        // Without its cause, in which the SDK would look for a reason to try again.
        const { code, message, requestId } = known;
        throw new AppError(code, message, { requestId });
      }),
    { step: 'finalizeRequest', priority: 'low', name: 'withoutSecondTry' },
  );
  return command;
}

function isConflict(error: unknown): error is AppError {
  const cause = error instanceof AppError ? (error.cause as Error | undefined) : undefined;
  return cause?.name === 'ConditionalRequestConflict';
}
