/** @file CompleteMultipartUpload: checks the list of parts and makes them one object, in one commit. */
import { createHash } from 'node:crypto';
import { checksumHeader, checksumNames, joinChecksums } from '../body/checksums.ts';
import {
  readXml,
  requireBucket,
  xmlAnswer,
  type Answer,
  type Call,
  type Handler,
} from '../call.ts';
import { S3Error } from '../errors.ts';
import { toWholeNumber, encodeUri } from '../request.ts';
import type { CompleteResult, Part, Upload } from '../store/uploads.ts';
import type { ObjectChecksum } from '../store/model.ts';
import { element, xmlDocument } from '../xml/writer.ts';
import { checkWriteConditions, readWriteConditions } from './conditions.ts';
import { matchParts, readListedParts } from './listed-parts.ts';
import { requireUpload } from './multipart.ts';
import { encryptionHeaders, quoteEtag, versionHeader } from './object-meta.ts';
import { uploadChecksum } from './upload-checksum.ts';

export const completeMultipartUpload: Handler = async (call) => {
  const { request, store } = call;
  const { bucket, key } = request;
  requireBucket(call);
  requireUpload(call, 'any');
  const conditions = readWriteConditions(request);
  const write = store.conflicts.begin(bucket, key);
  try {
    const listed = readListedParts(await readXml(call, 'CompleteMultipartUpload', 'of-object'));
    return await store.commit((freed) => {
      const { versioning } = requireBucket(call);
      const upload = requireUpload(call, 'any');
      if (upload.result) return answer(call, upload, upload.result, versioning !== '');
      const parts = matchParts(upload, store.uploads.parts(upload.id), listed);
      const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
      checkSize(request.headers.get('x-amz-mp-object-size'), sizeBytes);
      const checksum = joinPartChecksums(upload, parts);
      checkWholeChecksum(request.headers, checksum);
      checkWriteConditions(conditions, store.versions.find(bucket, key), write.deleted);
      const etag = joinEtags(parts);
      const { versionId, freed: old } = store.versions.put(
        { bucket, key, versioning },
        {
          sizeBytes,
          etag,
          modifiedMs: call.nowMs,
          meta: { ...upload.meta, checksum },
          segments: parts,
        },
      );
      const used = new Set(parts.map((part) => part.file));
      const unused = store.uploads.parts(upload.id).filter((part) => !used.has(part.file));
      freed.push(...old, ...unused.map((part) => part.file));
      const result = { etag, versionId, checksum: checksum.value };
      store.uploads.complete(upload.id, result);
      return answer(call, upload, result, versioning !== '');
    });
  } finally {
    write.end();
  }
};

function checkSize(header: string | undefined, sizeBytes: number): void {
  if (header === undefined || toWholeNumber(header) === sizeBytes) return;
  throw new S3Error(
    'InvalidRequest',
    'The provided x-amz-mp-object-size header does not match what was computed.',
  );
}

function joinPartChecksums(upload: Upload, parts: readonly Part[]): ObjectChecksum {
  const checksum = uploadChecksum(upload);
  const known = parts.map(({ sizeBytes, checksum: value = '' }) => ({
    sizeBytes,
    checksum: value,
  }));
  return { ...checksum, value: joinChecksums(checksum.name, checksum.type, known) };
}

/** Holds what the client says about the whole object against what its bytes gave. */
function checkWholeChecksum(headers: ReadonlyMap<string, string>, checksum: ObjectChecksum): void {
  const type = headers.get('x-amz-checksum-type');
  if (type !== undefined && type.toUpperCase() !== checksum.type) {
    throw new S3Error(
      'BadDigest',
      `The upload was created with the ${checksum.type} checksum type, not ${type}.`,
    );
  }
  for (const name of checksumNames) {
    const given = headers.get(checksumHeader(name));
    if (given === undefined) continue;
    if (name !== checksum.name) {
      throw new S3Error(
        'InvalidRequest',
        `The upload was created using the ${checksum.name.toLowerCase()} checksum algorithm.`,
      );
    }
    if (given === checksum.value || given === checksum.value?.replace(/-\d+$/u, '')) continue;
    throw new S3Error(
      'BadDigest',
      `The ${name} you specified did not match the calculated checksum.`,
    );
  }
}

function joinEtags(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function answer(call: Call, upload: Upload, result: CompleteResult, versioned: boolean): Answer {
  const checksum = uploadChecksum(upload);
  const path = `${upload.bucket}/${upload.key.split('/').map(encodeUri).join('/')}`;
  const host = call.request.headers.get('host') ?? '';
  return xmlAnswer(
    xmlDocument(
      'CompleteMultipartUploadResult',
      element('Location', `http://${host}/${path}`),
      element('Bucket', upload.bucket),
      element('Key', upload.key),
      element('ETag', quoteEtag(result.etag)),
      element(`Checksum${checksum.name}`, result.checksum),
      element('ChecksumType', checksum.type),
    ),
    { ...versionHeader(result.versionId, versioned), ...encryptionHeaders(upload.meta) },
  );
}
