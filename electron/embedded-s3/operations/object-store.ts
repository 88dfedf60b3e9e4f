/** @file Bodies become files, and files become objects: the two steps every upload and copy takes. */
import { checksumHeader, type ChecksumName } from '../body/checksums.ts';
import { readDeclaredBody, type DeclaredBody } from '../body/declared.ts';
import { receiveBody, type Received } from '../body/receive.ts';
import { requireBucket, type Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { ObjectMeta } from '../store/model.ts';
import { withEtag } from '../switches.ts';
import { encryptionHeaders, quoteEtag, versionHeader } from './object-meta.ts';

/** Of one PUT and of one part. */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;

export interface StoredBlob {
  readonly file: string;
  readonly received: Received;
}

/** @throws S3Error `MissingContentLength` */
export function requireSize(call: Call): DeclaredBody {
  const declared = readDeclaredBody(call.request);
  if (declared.sizeBytes === undefined) throw new S3Error('MissingContentLength');
  return declared;
}

/** Receives the body of `call` into a new file, which the caller must put into the index or remove. */
export async function storeBody(
  call: Call,
  declared: DeclaredBody,
  alsoCompute: ChecksumName,
): Promise<StoredBlob> {
  if ((declared.sizeBytes ?? 0) > MAX_UPLOAD_BYTES) throw new S3Error('EntityTooLarge');
  return storeStream(call, call.body(), declared, alsoCompute);
}

/** As `storeBody`, from any source. */
export async function storeStream(
  call: Call,
  source: AsyncIterable<Buffer>,
  declared: DeclaredBody,
  alsoCompute: ChecksumName,
): Promise<StoredBlob> {
  const { bucket, key } = call.request;
  const blob = await call.store.blobs.create(bucket, key);
  try {
    const received = await receiveBody(source, {
      declared,
      signer: call.signer,
      alsoCompute,
      maxBytes: MAX_UPLOAD_BYTES,
      write: (chunk) => blob.write(chunk),
    });
    return { file: await blob.finish(), received: withEtag(received, call.switches) };
  } catch (error) {
    await blob.discard();
    throw error;
  }
}

interface ObjectDetails {
  readonly checksum: ChecksumName;
  readonly asked: boolean;
  readonly meta: ObjectMeta;
  /** Runs in the same transaction as the change; throwing keeps the old object. */
  readonly check: () => void;
}

/** Makes a stored file the newest version of the key of `call`, or removes the file again. */
export async function publishObject(call: Call, blob: StoredBlob, details: ObjectDetails) {
  const { bucket, key } = call.request;
  const { store } = call;
  const { sizeBytes, md5Hex, checksums } = blob.received;
  const value = checksums.get(details.checksum) ?? '';
  try {
    const added = await store.commit((freed) => {
      const { versioning } = requireBucket(call);
      details.check();
      const { versionId, freed: old } = store.versions.put(
        { bucket, key, versioning },
        {
          sizeBytes,
          etag: md5Hex,
          modifiedMs: call.nowMs,
          meta: {
            ...details.meta,
            checksum: { name: details.checksum, type: 'FULL_OBJECT', value, asked: details.asked },
          },
          segments: [{ number: 1, file: blob.file, sizeBytes, checksum: undefined }],
        },
      );
      freed.push(...old);
      return { versionId, versioned: versioning !== '' };
    });
    return {
      status: 200,
      headers: {
        ...versionHeader(added.versionId, added.versioned),
        ...encryptionHeaders(details.meta),
        etag: quoteEtag(md5Hex),
        [checksumHeader(details.checksum)]: value,
        'x-amz-checksum-type': 'FULL_OBJECT',
      },
    };
  } catch (error) {
    store.blobs.remove([blob.file]);
    throw error;
  }
}
