import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { decodeValue } from '#shared/metadata.ts';
import type { ListedObject, ObjectInfo, Remote } from './remote.ts';
import { presign } from './presign.ts';
import { toStorageError } from './errors.ts';

/** `Remote` over the AWS SDK. "It did not throw" is no proof: each answer must carry what only S3 would send. */
export function sdkRemote(client: S3Client, bucket: string): Remote {
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  /** HEAD answers without a body; a one-byte GET of the same key says why it was refused. */
  async function reason(key: string, error: unknown, abortSignal: AbortSignal): Promise<unknown> {
    if (
      !(error instanceof AppError) ||
      !['access-denied', 'request-refused', 'wrong-region'].includes(error.code)
    )
      return error;
    try {
      const { Body } = await client.send(new GetObjectCommand({ ...at(key), Range: 'bytes=0-0' }), {
        abortSignal,
      });
      if (Body instanceof Readable) Body.destroy();
      return error;
    } catch (why) {
      return why;
    }
  }

  return {
    bucket,

    async putObject(key, body, crc32, { contentType, metadata }, abortSignal) {
      const answer = await client.send(
        new PutObjectCommand({
          ...at(key),
          Body: body,
          ContentLength: body.byteLength,
          ContentType: contentType,
          Metadata: { ...metadata },
          ChecksumCRC32: toBase64(crc32),
          IfNoneMatch: '*',
        }),
        { abortSignal },
      );
      proof(answer.ETag, 'PutObject');
      return fromBase64(answer.ChecksumCRC32);
    },

    async putStream(key, body, { contentType, metadata }, signal) {
      const upload = new Upload({
        client,
        params: {
          ...at(key),
          Body: Readable.from(body),
          ContentType: contentType,
          Metadata: { ...metadata },
          ChecksumAlgorithm: 'CRC32',
          IfNoneMatch: '*',
        },
      });
      const abort = () => void upload.abort();
      signal.addEventListener('abort', abort, { once: true });
      try {
        const answer = await upload.done();
        proof(answer.ETag, 'Upload');
      } catch (error) {
        throw toStorageError(error);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },

    async createUpload(key, { contentType, metadata }, abortSignal) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({
          ...at(key),
          ContentType: contentType,
          Metadata: { ...metadata },
          ChecksumAlgorithm: 'CRC32',
          ChecksumType: 'FULL_OBJECT',
        }),
        { abortSignal },
      );
      return proof(UploadId, 'CreateMultipartUpload');
    },

    async putPart(key, uploadId, number, body, crc32, abortSignal) {
      const { ETag } = await client.send(
        new UploadPartCommand({
          ...at(key),
          UploadId: uploadId,
          PartNumber: number,
          Body: body,
          ContentLength: body.byteLength,
          ChecksumCRC32: toBase64(crc32),
        }),
        { abortSignal },
      );
      return unquoted(proof(ETag, 'UploadPart'));
    },

    async listParts(key, uploadId, abortSignal) {
      const parts = new Map<number, { etag: string; sizeBytes: number }>();
      let marker: string | undefined;
      try {
        do {
          const page = await client.send(
            new ListPartsCommand({ ...at(key), UploadId: uploadId, PartNumberMarker: marker }),
            { abortSignal },
          );
          if (proof(page.UploadId, 'ListParts') !== uploadId)
            throw new AppError('not-storage', 'ListParts answered for another upload');
          for (const { PartNumber, ETag, Size } of page.Parts ?? [])
            if (PartNumber !== undefined)
              parts.set(PartNumber, { etag: unquoted(ETag ?? ''), sizeBytes: Size ?? -1 });
          marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
        } while (marker !== undefined);
      } catch (error) {
        if (error instanceof AppError && error.code === 'access-denied') return undefined;
        throw error;
      }
      return parts;
    },

    async completeUpload(key, uploadId, parts, whole, abortSignal) {
      const answer = await client.send(
        new CompleteMultipartUploadCommand({
          ...at(key),
          UploadId: uploadId,
          MultipartUpload: {
            Parts: parts.map(({ number, etag, crc32 }) => ({
              PartNumber: number,
              ETag: etag,
              ChecksumCRC32: toBase64(crc32),
            })),
          },
          ChecksumCRC32: toBase64(whole.crc32),
          ChecksumType: 'FULL_OBJECT',
          MpuObjectSize: whole.sizeBytes,
          IfNoneMatch: '*',
        }),
        { abortSignal },
      );
      proof(answer.ETag, 'CompleteMultipartUpload');
    },

    async abortUpload(key, uploadId, abortSignal) {
      try {
        await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }), {
          abortSignal,
        });
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'upload-gone') throw error;
      }
    },

    async head(key, abortSignal) {
      try {
        return toInfo(
          key,
          await client.send(new HeadObjectCommand({ ...at(key), ChecksumMode: 'ENABLED' }), {
            abortSignal,
          }),
        );
      } catch (error) {
        if (error instanceof AppError && error.code === 'no-object') return undefined;
        throw await reason(key, error, abortSignal);
      }
    },

    async read(key, startByte, etag, abortSignal) {
      const { Body, ETag } = await client.send(
        new GetObjectCommand({
          ...at(key),
          ...(startByte > 0 ? { Range: `bytes=${startByte}-` } : {}),
          ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
        }),
        { abortSignal },
      );
      proof(ETag, 'GetObject');
      if (!(Body instanceof Readable))
        throw new AppError('not-storage', 'GetObject answered without a body');
      return Body;
    },

    async deleteObject(key, abortSignal) {
      const { DeleteMarker } = await client.send(new DeleteObjectCommand(at(key)), { abortSignal });
      return { recoverable: DeleteMarker === true };
    },

    async list(prefix, maxKeys, next, abortSignal) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: maxKeys,
          ContinuationToken: next,
        }),
        { abortSignal },
      );
      // An answer that does not name our bucket is not S3's, and an empty list from it means nothing.
      if (page.Name !== bucket)
        throw new AppError('not-storage', 'The listing did not name the bucket');
      const objects = (page.Contents ?? []).map(
        ({ Key, Size, LastModified, StorageClass }): ListedObject => ({
          key: proof(Key, 'ListObjectsV2'),
          sizeBytes: Size ?? 0,
          lastModifiedMs: LastModified?.getTime() ?? 0,
          storageClass: StorageClass ?? null,
        }),
      );
      if (page.IsTruncated && page.NextContinuationToken === undefined)
        throw new AppError('not-storage', 'A truncated listing without a next page');
      return { objects, next: page.IsTruncated ? page.NextContinuationToken : undefined };
    },

    signDownload: (key, options) => presign(client, bucket, key, options),

    async credentialsExpireAtMs() {
      const { expiration } = await client.config.credentials().catch((error: unknown) => {
        throw toStorageError(error);
      });
      return expiration?.getTime();
    },

    close: () => client.destroy(),
  };
}

function toInfo(key: string, answer: HeadObjectCommandOutput): ObjectInfo {
  return {
    key,
    sizeBytes: answer.ContentLength ?? -1,
    etag: unquoted(proof(answer.ETag, 'HeadObject')),
    contentType: answer.ContentType,
    metadata: Object.fromEntries(
      Object.entries(answer.Metadata ?? {}).map(([name, value]) => [name, decodeValue(value)]),
    ),
    // A composite checksum (of the parts' checksums) says nothing that can be compared with the file's.
    crc32: answer.ChecksumType === 'COMPOSITE' ? undefined : fromBase64(answer.ChecksumCRC32),
    storageClass: answer.StorageClass,
    versionId: answer.VersionId,
    lastModifiedMs: answer.LastModified?.getTime() ?? 0,
  };
}

/** The value that only a real S3 answer carries. Without it, a sign-in page or a broken proxy spoke. */
function proof(value: string | undefined, operation: string): string {
  if (value === undefined || value === '')
    throw new AppError('not-storage', `${operation}: the answer is not one of S3`);
  return value;
}

function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

function toBase64(crc32: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes.toString('base64');
}

function fromBase64(crc32: string | undefined): number | undefined {
  const bytes = Buffer.from(crc32 ?? '', 'base64');
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined;
}
