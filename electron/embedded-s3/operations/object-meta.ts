/** @file The headers that stay with an object: read and limited on upload, given back on download. */
import { randomBytes } from 'node:crypto';
import { contentCodings } from '../body/declared.ts';
import type { Received } from '../body/receive.ts';
import { checksumHeader } from '../body/checksums.ts';
import { S3Error } from '../errors.ts';
import { requireHeaderValue, type S3Request } from '../request.ts';
import type { ObjectMeta, Version } from '../store/model.ts';
import { parseTagHeader } from './tag-rules.ts';

const USER_PREFIX = 'x-amz-meta-';
const MAX_USER_BYTES = 2048;
const keptHeaders = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
] as const;
const KMS = 'aws:kms';
const KMS_KEY_HEADER = 'x-amz-server-side-encryption-aws-kms-key-id';
const storageClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

/** @throws S3Error for metadata, a storage class or tags beyond what S3 takes. */
export function readObjectMeta(request: S3Request): ObjectMeta {
  const { headers } = request;
  refuseForeignHeaders(request);
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of keptHeaders) {
    const value = headers.get(name);
    if (value !== undefined) kept[name] = requireHeaderValue(value);
  }
  const codings = contentCodings(request).filter((coding) => coding !== 'aws-chunked');
  if (codings.length > 0) kept['content-encoding'] = codings.join(',');
  return {
    headers: { ...kept, ...readUserMeta(headers) },
    encryption: readEncryption(request),
    storageClass: readStorageClass(headers) ?? 'STANDARD',
    tags: parseTagHeader(headers.get('x-amz-tagging') ?? ''),
  };
}

/** @throws S3Error `InvalidStorageClass` */
function readStorageClass(headers: ReadonlyMap<string, string>): string | undefined {
  const storageClass = headers.get('x-amz-storage-class');
  if (storageClass !== undefined && !storageClasses.has(storageClass)) {
    throw new S3Error('InvalidStorageClass');
  }
  return storageClass;
}

function readUserMeta(headers: ReadonlyMap<string, string>): Record<string, string> {
  const found = [...headers].filter(([name]) => name.startsWith(USER_PREFIX));
  let bytes = 0;
  for (const [name, value] of found) {
    if (!/^[\u0020-\u007E\t]*$/u.test(value)) {
      throw new S3Error('InvalidArgument', `Metadata must be printable ASCII: ${name}`);
    }
    bytes += name.length - USER_PREFIX.length + value.length;
  }
  if (bytes > MAX_USER_BYTES) {
    throw new S3Error('MetadataTooLarge', undefined, {
      fields: { Size: bytes, MaxSizeAllowed: MAX_USER_BYTES },
    });
  }
  return Object.fromEntries(found);
}

/** What this server cannot keep a promise about is refused, not ignored. */
function refuseForeignHeaders({ headers }: S3Request): void {
  const acl = headers.get('x-amz-acl');
  const hasGrants = [...headers.keys()].some((name) => name.startsWith('x-amz-grant-'));
  if (hasGrants || (acl && acl !== 'private' && acl !== 'bucket-owner-full-control')) {
    throw new S3Error('AccessControlListNotSupported');
  }
  if ([...headers.keys()].some((name) => name.startsWith('x-amz-object-lock-'))) {
    throw new S3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  }
}

/** @throws S3Error for what this server does not know. */
function readEncryption({ headers }: S3Request): ObjectMeta['encryption'] {
  const algorithm = headers.get('x-amz-server-side-encryption');
  const isKnown = algorithm === undefined || algorithm === 'AES256' || algorithm === KMS;
  if (!isKnown || headers.has('x-amz-server-side-encryption-customer-algorithm')) {
    throw new S3Error('NotImplemented', 'Only AES256 and aws:kms can be asked for as encryption.');
  }
  const keyId = headers.get(KMS_KEY_HEADER);
  if (keyId !== undefined && algorithm !== KMS) {
    throw new S3Error('InvalidArgument', 'A KMS key is only for aws:kms.');
  }
  return (
    algorithm && { algorithm, ...(keyId !== undefined && { keyId: requireHeaderValue(keyId) }) }
  );
}

/** What was asked for as encryption, as S3 tells it with each answer. Nothing is encrypted here. */
export function encryptionHeaders({ encryption }: ObjectMeta) {
  return {
    'x-amz-server-side-encryption': encryption?.algorithm,
    [KMS_KEY_HEADER]: encryption?.keyId,
  };
}

/** As on AWS, an ETag under a KMS key says nothing about the bytes. */
export function sealed<Blob extends { readonly received: Received }>(
  meta: ObjectMeta,
  blob: Blob,
): Blob {
  if (meta.encryption?.algorithm !== KMS) return blob;
  return { ...blob, received: { ...blob.received, md5Hex: randomBytes(16).toString('hex') } };
}

/** Headers of GET and HEAD. The ones a range changes are left to the caller. */
export function objectHeaders(version: Version, versioned: boolean) {
  const { meta } = version;
  return {
    ...meta.headers,
    ...encryptionHeaders(meta),
    ...versionHeader(version.versionId, versioned),
    'accept-ranges': 'bytes',
    etag: quoteEtag(version.etag),
    'last-modified': new Date(version.modifiedMs).toUTCString(),
    'x-amz-storage-class': meta.storageClass === 'STANDARD' ? undefined : meta.storageClass,
    'x-amz-tagging-count': meta.tags.length || undefined,
  };
}

/** S3 names versions only in a bucket that has ever had versioning on. */
export function versionHeader(versionId: string | undefined, versioned: boolean) {
  return { 'x-amz-version-id': versioned ? versionId : undefined };
}

export function checksumHeaders({ meta: { checksum } }: { readonly meta: ObjectMeta }) {
  return checksum?.value === undefined
    ? {}
    : { [checksumHeader(checksum.name)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

export function quoteEtag(etag: string): string {
  return `"${etag}"`;
}

/** ETags compare without quotes: clients send them either way. */
export function unquoteEtag(text: string): string {
  return text.trim().replaceAll(/^"|"$/gu, '');
}
