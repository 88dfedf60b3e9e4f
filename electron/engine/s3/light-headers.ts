/** @file What stands in the headers of requests and answers, named as S3's API reference names it. */
import { fromBase64, toBase64, type HeadAnswer } from './answers.ts';
import { bytesOf, type Body } from './body.ts';
import type { Answer } from './light-http.ts';
import type { PutHeaders } from './remote.ts';
import { md5, type Way } from './ways.ts';

const META = 'x-amz-meta-';
const CRC32 = 'x-amz-checksum-crc32';
const TYPE = 'x-amz-checksum-type';

/** The part of an answer that the SDK's own carry, too. */
export function sdkLike({ status, headers }: Answer) {
  return { $metadata: { httpStatusCode: status, requestId: headers['x-amz-request-id'] } };
}

export function headOutput(answer: Answer): HeadAnswer {
  const { headers } = answer;
  const length = headers['content-length'];
  const changed = headers['last-modified'];
  const metadata = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(META) ? [[name.slice(META.length), value] as const] : [],
  );
  return {
    ...sdkLike(answer),
    ContentLength: length === undefined ? undefined : Number(length),
    ETag: headers['etag'],
    ContentType: headers['content-type'],
    Metadata: Object.fromEntries(metadata),
    ChecksumCRC32: headers[CRC32],
    Expiration: headers['x-amz-expiration'],
    ChecksumType: headers[TYPE],
    StorageClass: headers['x-amz-storage-class'],
    ArchiveStatus: headers['x-amz-archive-status'],
    Restore: headers['x-amz-restore'],
    ServerSideEncryption: headers['x-amz-server-side-encryption'],
    SSEKMSKeyId: headers['x-amz-server-side-encryption-aws-kms-key-id'],
    VersionId: headers['x-amz-version-id'],
    LastModified: changed === undefined ? undefined : new Date(changed),
  };
}

/** Of an object that is to be written. */
export function headersOf({ contentType, metadata }: PutHeaders): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': contentType };
  for (const name in metadata) headers[META + name] = metadata[name]!;
  return headers;
}

type Wishes = Readonly<{
  StorageClass?: string | undefined;
  ServerSideEncryption?: string;
  SSEKMSKeyId?: string | undefined;
}>;

/** How it is to be kept. */
export function wishHeaders(wishes: Wishes): Record<string, string> {
  const { StorageClass, ServerSideEncryption, SSEKMSKeyId } = wishes;
  return {
    ...(StorageClass && { 'x-amz-storage-class': StorageClass }),
    ...(ServerSideEncryption && { 'x-amz-server-side-encryption': ServerSideEncryption }),
    ...(SSEKMSKeyId && { 'x-amz-server-side-encryption-aws-kms-key-id': SSEKMSKeyId }),
  };
}

/** What shows the storage that the bytes came as they were sent. */
export async function sumHeaders(
  body: Body,
  crc32: number,
  { hasChecksum }: Way,
): Promise<Record<string, string>> {
  return hasChecksum ? { [CRC32]: toBase64(crc32) } : { 'content-md5': md5(await bytesOf(body)) };
}

/** What the storage computed over the whole object, where it says so. */
export function checksumOf({ headers }: Answer): number | undefined {
  if (headers[TYPE] === 'COMPOSITE') return undefined;
  return fromBase64(headers[CRC32]);
}
