/** @file Reading S3's answers strictly: "it did not throw" is no proof. */
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '#shared/errors.ts';
import { readMetadata } from '#shared/metadata.ts';
import type { ObjectInfo } from './remote.ts';

export function toInfo(key: string, answer: HeadObjectCommandOutput): ObjectInfo {
  return {
    key,
    sizeBytes: answer.ContentLength ?? -1,
    etag: unquoted(proof(answer.ETag, 'HeadObject')),
    contentType: answer.ContentType,
    metadata: readMetadata(answer.Metadata ?? {}),
    // A composite checksum (of the parts' checksums) says nothing that can be compared with the file's.
    crc32: answer.ChecksumType === 'COMPOSITE' ? undefined : fromBase64(answer.ChecksumCRC32),
    storageClass: answer.StorageClass,
    versionId: answer.VersionId,
    lastModifiedMs: answer.LastModified?.getTime() ?? 0,
  };
}

/** The value that only a real S3 answer carries. Without it, a sign-in page or a broken proxy spoke. */
export function proof(value: string | undefined, operation: string): string {
  if (value === undefined || value === '')
    throw new AppError('not-storage', `${operation}: the answer is not one of S3`);
  return value;
}

/** S3 answers what removes something with 204; a page that anybody else shows has another status. */
export function noContent(status: number | undefined, operation: string): void {
  if (status !== 204)
    throw new AppError('not-storage', `${operation}: the answer is not one of S3`);
}

export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

export function toBase64(crc32: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes.toString('base64');
}

export function fromBase64(crc32: string | undefined): number | undefined {
  const bytes = Buffer.from(crc32 ?? '', 'base64');
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined;
}
