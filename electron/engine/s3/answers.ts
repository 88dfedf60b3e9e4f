/** @file Reading S3's answers strictly: "it did not throw" is no proof. */
import { isMutant } from '../test-hooks.ts';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '#shared/errors.ts';
import { readMetadata } from '#shared/metadata.ts';
import { readabilityOf } from '#shared/restore.ts';
import type { ObjectInfo } from './remote.ts';

/** `HeadObject`'s answer, whoever read it off the wire; what is enumerated there may be anything here. */
export type HeadAnswer = Answer &
  Pick<
    HeadObjectCommandOutput,
    | 'ContentLength'
    | 'ETag'
    | 'ContentType'
    | 'Metadata'
    | 'ChecksumCRC32'
    | 'Expiration'
    | 'Restore'
    | 'SSEKMSKeyId'
    | 'VersionId'
    | 'LastModified'
  > &
  Partial<
    Record<
      'ChecksumType' | 'StorageClass' | 'ArchiveStatus' | 'ServerSideEncryption',
      string | undefined
    >
  >;

export function toInfo(key: string, answer: HeadAnswer): ObjectInfo {
  return {
    key,
    sizeBytes: answer.ContentLength ?? -1,
    etag: unquoted(proof(answer.ETag, answer, 'HeadObject')),
    contentType: answer.ContentType,
    // Bug 28: names are what the wire says.
    metadata: isMutant(28) ? (answer.Metadata ?? {}) : readMetadata(answer.Metadata ?? {}),
    // A composite checksum (of the parts' checksums) says nothing that can be compared with the file's.
    crc32: answer.ChecksumType === 'COMPOSITE' ? undefined : fromBase64(answer.ChecksumCRC32),
    storageClass: answer.StorageClass,
    readability: readabilityOf(answer.StorageClass, answer.ArchiveStatus, answer.Restore),
    isExpiring: answer.Expiration !== undefined,
    encryption: answer.ServerSideEncryption,
    kmsKeyId: answer.SSEKMSKeyId,
    versionId: answer.VersionId,
    lastModifiedMs: answer.LastModified?.getTime() ?? 0,
  };
}

type Answer = Readonly<{ $metadata: { requestId?: string | undefined } }>;

/**
 * The value that only a real S3 answer carries. Without it the storage failed after it had begun to
 * answer (CompleteMultipartUpload may, by its page of the API reference), or something on the way spoke:
 * S3's request id tells which.
 */
export function proof(value: string | undefined, answer: Answer, operation: string): string {
  if (value !== undefined && value !== '') return value;
  const { requestId } = answer.$metadata;
  throw requestId === undefined
    ? new AppError('not-storage', `${operation}: the answer is not one of S3`)
    : new AppError('server-error', `${operation}: a success that says nothing`, { requestId });
}

/**
 * Whether a success was written by a page's server instead of a storage, such as a network's sign-in
 * page. It may carry an ETag and any length, but S3 never answers a request for an object's facts in
 * HTML without a header of its own.
 */
export function isPage(headers: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const type = headers['content-type'] ?? '';
  return /^(?:text\/html|application\/xhtml)/i.test(type) && !names.some(isStorages);
}

/** S3's and its likes' own headers; Google's storage says the same under its own prefix. */
const isStorages = (name: string): boolean => /^x-(?:amz|goog)-/.test(name);

/**
 * S3 answers what removes something with 204, without a body that could be told from another's. A network's
 * sign-in page may have that status, too, but not S3's request id: without one the storage is asked.
 *
 * @param isGone Whether the storage itself says so.
 */
export async function removed(
  { $metadata }: Answer & Readonly<{ $metadata: { httpStatusCode?: number | undefined } }>,
  operation: string,
  isGone: () => Promise<boolean>,
): Promise<void> {
  const { httpStatusCode, requestId } = $metadata;
  if (httpStatusCode === 204 && (requestId !== undefined || (await isGone()))) return;
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
