import { checksumHeader } from '../body/checksums.ts';
import { requireBucket, xmlAnswer, type Call, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import { toWholeNumber } from '../request.ts';
import type { Upload } from '../store/uploads.ts';
import { element, xmlDocument } from '../xml/writer.ts';
import { encryptionHeaders, quoteEtag, readObjectMeta, sealed } from './object-meta.ts';
import { requireSize, storeBody, type StoredBlob } from './object-store.ts';
import { checkPartChecksum, readUploadChecksum, uploadChecksum } from './upload-checksum.ts';

export const MAX_PARTS = 10_000;

export const createMultipartUpload: Handler = async (call) => {
  const { bucket, key } = call.request;
  const checksum = readUploadChecksum(call.request.headers);
  const meta = { ...readObjectMeta(call.request), checksum };
  const id = await call.store.commit(() => {
    requireBucket(call);
    return call.store.uploads.create(bucket, key, call.nowMs, meta);
  });
  return xmlAnswer(
    xmlDocument(
      'InitiateMultipartUploadResult',
      element('Bucket', bucket),
      element('Key', key),
      element('UploadId', id),
    ),
    {
      ...encryptionHeaders(meta),
      ...(checksum.asked && {
        'x-amz-checksum-algorithm': checksum.name,
        'x-amz-checksum-type': checksum.type,
      }),
    },
  );
};

export const uploadPart: Handler = async (call) => {
  const { number, upload } = requirePartTarget(call);
  const declared = requireSize(call);
  const { name } = uploadChecksum(upload);
  checkPartChecksum(uploadChecksum(upload), declared);
  const blob = sealed(upload.meta, await storeBody(call, declared, name));
  await publishPart(call, upload, number, blob);
  const told = declared.checksum?.name ?? name;
  return {
    status: 200,
    headers: {
      ...encryptionHeaders(upload.meta),
      etag: quoteEtag(blob.received.md5Hex),
      [checksumHeader(told)]: blob.received.checksums.get(told),
    },
  };
};

/** @throws S3Error `InvalidArgument` for a part number outside 1 to 10,000; `NoSuchUpload` */
export function requirePartTarget(call: Call): { number: number; upload: Upload } {
  requireBucket(call);
  const number = toWholeNumber(call.request.query.get('partNumber')) ?? 0;
  if (number < 1 || number > MAX_PARTS) {
    throw new S3Error(
      'InvalidArgument',
      `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
      { fields: { ArgumentName: 'partNumber' } },
    );
  }
  return { number, upload: requireUpload(call, 'open') };
}

/**
 * The upload that `uploadId` names, if it is one of this key.
 *
 * @param state `any` also finds one that is completed.
 */
export function requireUpload(call: Call, state: 'open' | 'any'): Upload {
  const id = call.request.query.get('uploadId') ?? '';
  const upload = call.store.uploads.find(id);
  const { bucket, key } = call.request;
  if (upload?.bucket !== bucket || upload.key !== key || (state === 'open' && upload.result)) {
    throw new S3Error('NoSuchUpload', undefined, { fields: { UploadId: id } });
  }
  return upload;
}

/** Puts a stored file into the upload, unless that was completed or aborted meanwhile. */
export async function publishPart(
  call: Call,
  upload: Upload,
  number: number,
  { file, received }: StoredBlob,
): Promise<void> {
  const { uploads, blobs } = call.store;
  const { name } = uploadChecksum(upload);
  try {
    await call.store.commit((freed) => {
      requireUpload(call, 'open');
      const replaced = uploads.putPart(upload.id, {
        number,
        file,
        sizeBytes: received.sizeBytes,
        etag: received.md5Hex,
        checksum: received.checksums.get(name),
        modifiedMs: call.nowMs,
      });
      freed.push(...replaced);
    });
  } catch (error) {
    blobs.remove([file]);
    throw error;
  }
}

export const abortMultipartUpload: Handler = async (call) => {
  requireBucket(call);
  await call.store.commit((freed) => {
    const upload = requireUpload(call, 'open');
    freed.push(...call.store.uploads.abort(upload.id));
  });
  return { status: 204 };
};
