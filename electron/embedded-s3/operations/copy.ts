import type { DeclaredBody } from '../body/declared.ts';
import { toChecksumName, type ChecksumName } from '../body/checksums.ts';
import { requireBucket, xmlAnswer, xmlTime, type Call, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { ObjectMeta, Version } from '../store/model.ts';
import { element, xmlDocument } from '../xml/writer.ts';
import { checkReadConditions, checkWriteConditions, readWriteConditions } from './conditions.ts';
import { publishPart, requirePartTarget } from './multipart.ts';
import { quoteEtag, readObjectMeta, sealed } from './object-meta.ts';
import { cutSegments } from './object-read.ts';
import { requireVersion } from './object-version.ts';
import { isClosed } from './restore.ts';
import { MAX_UPLOAD_BYTES, publishObject, storeStream, type StoredBlob } from './object-store.ts';

/** A copy is read from our own disk: nothing was declared about it, nothing can mismatch. */
const undeclared: DeclaredBody = {
  framing: undefined,
  sizeBytes: undefined,
  sha256Hex: undefined,
  md5: undefined,
  checksum: undefined,
};

export const copyObject: Handler = async (call) => {
  const { request, store } = call;
  const { bucket, key, headers } = request;
  requireBucket(call);
  const { source, isSelf } = requireSource(call);
  const conditions = readWriteConditions(request);
  const meta = copiedMeta(call, source);
  if (isSelf && !changesSomething(headers)) {
    throw new S3Error(
      'InvalidRequest',
      'This copy request is illegal because it is trying to copy an object to itself without changing its metadata or storage class.',
    );
  }
  const write = store.conflicts.begin(bucket, key);
  try {
    const algorithm = headers.get('x-amz-checksum-algorithm');
    const asked = algorithm === undefined ? undefined : toChecksumName(algorithm);
    const checksum = asked ?? source.meta.checksum?.name ?? 'CRC64NVME';
    const blob = sealed(meta, await copyBytes(call, source, checksum));
    const answer = await publishObject(call, blob, {
      checksum,
      asked: asked !== undefined || source.meta.checksum?.asked === true,
      meta,
      check: () =>
        checkWriteConditions(conditions, store.versions.find(bucket, key), write.deleted),
    });
    const result = copyResult(call, 'CopyObjectResult', blob, checksum);
    return xmlAnswer(result, { 'x-amz-version-id': answer.headers['x-amz-version-id'] });
  } finally {
    write.end();
  }
};

export const uploadPartCopy: Handler = async (call) => {
  const { number, upload } = requirePartTarget(call);
  const { source } = requireSource(call);
  const checksum = upload.meta.checksum?.name ?? 'CRC64NVME';
  const blob = sealed(
    upload.meta,
    await copyBytes(call, source, checksum, sourceRange(call, source)),
  );
  await publishPart(call, upload, number, blob);
  return xmlAnswer(copyResult(call, 'CopyPartResult', blob, checksum));
};

function requireSource(call: Call): { source: Version & { bucket: string }; isSelf: boolean } {
  const { request } = call;
  const [, bucket, rawKey, versionId] =
    /^\/?([^/?]+)\/([^?]+)(?:\?versionId=(.+))?$/u.exec(
      request.headers.get('x-amz-copy-source') ?? '',
    ) ?? [];
  let key: string;
  try {
    key = decodeURIComponent(rawKey ?? '');
  } catch {
    key = '';
  }
  if (bucket === undefined || key === '') {
    throw new S3Error('InvalidArgument', 'Invalid copy source object key');
  }
  requireBucket(call, bucket);
  const version = requireVersion(call, { bucket, key, versionId });
  checkReadConditions(request, version, 'x-amz-copy-source-');
  if (isClosed(call, version)) throw new S3Error('ObjectNotInActiveTierError');
  const isSelf = bucket === request.bucket && key === request.key && versionId === undefined;
  return { source: { ...version, bucket }, isSelf };
}

function copiedMeta(call: Call, source: Version): ObjectMeta {
  const { headers } = call.request;
  const given = readObjectMeta(call.request);
  const directive = readDirective(headers.get('x-amz-metadata-directive'));
  const tagging = readDirective(headers.get('x-amz-tagging-directive'));
  return {
    headers: directive === 'REPLACE' ? given.headers : source.meta.headers,
    encryption: given.encryption,
    storageClass: given.storageClass,
    tags: tagging === 'REPLACE' ? given.tags : source.meta.tags,
  };
}

function readDirective(value = 'COPY'): 'COPY' | 'REPLACE' {
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw new S3Error('InvalidArgument', 'Unknown metadata directive.');
}

function changesSomething(headers: ReadonlyMap<string, string>): boolean {
  return (
    headers.get('x-amz-metadata-directive') === 'REPLACE' ||
    headers.has('x-amz-storage-class') ||
    headers.has('x-amz-server-side-encryption') ||
    headers.has('x-amz-website-redirect-location')
  );
}

function sourceRange(call: Call, source: Version): { firstByte: number; lastByte: number } {
  const header = call.request.headers.get('x-amz-copy-source-range');
  if (header === undefined) return { firstByte: 0, lastByte: source.sizeBytes - 1 };
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/u.exec(header) ?? [];
  const firstByte = Number(first);
  const lastByte = Number(last);
  if (!(firstByte <= lastByte && lastByte < source.sizeBytes)) {
    throw new S3Error('InvalidArgument', 'The x-amz-copy-source-range value is not valid.');
  }
  return { firstByte, lastByte };
}

async function copyBytes(
  call: Call,
  source: Version,
  checksum: ChecksumName,
  range = { firstByte: 0, lastByte: source.sizeBytes - 1 },
): Promise<StoredBlob> {
  if (range.lastByte - range.firstByte + 1 > MAX_UPLOAD_BYTES) {
    throw new S3Error('InvalidRequest', 'The specified copy source is larger than 5 GiB.');
  }
  const segments = call.store.versions.segments(source.seq);
  const reader = call.store.blobs.read(cutSegments(segments, range));
  try {
    return await storeStream(call, reader.chunks(), undeclared, checksum);
  } finally {
    reader.close();
  }
}

function copyResult(call: Call, root: string, blob: StoredBlob, checksum: ChecksumName): string {
  return xmlDocument(
    root,
    element('LastModified', xmlTime(call.nowMs)),
    element('ETag', quoteEtag(blob.received.md5Hex)),
    element(`Checksum${checksum}`, blob.received.checksums.get(checksum)),
  );
}
