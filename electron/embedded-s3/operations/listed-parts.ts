/** @file The list of parts a client completes an upload with, held against the parts we have. */
import { checksumNames, type ChecksumName } from '../body/checksums.ts';
import { S3Error } from '../errors.ts';
import { toWholeNumber } from '../request.ts';
import type { Part, Upload } from '../store/uploads.ts';
import { childText, type XmlElement } from '../xml/reader.ts';
import { MAX_PARTS } from './multipart.ts';
import { unquoteEtag } from './object-meta.ts';
import { uploadChecksum } from './upload-checksum.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksums: ReadonlyMap<ChecksumName, string>;
}

/** @throws S3Error `MalformedXML`, or `InvalidPartOrder` unless the numbers ascend. */
export function readListedParts(document: XmlElement): ListedPart[] {
  const listed = document.children
    .filter((part) => part.name === 'Part')
    .map((part) => {
      const number = toWholeNumber(childText(part, 'PartNumber')?.trim());
      const etag = childText(part, 'ETag');
      if (number === undefined || etag === undefined) throw new S3Error('MalformedXML');
      const checksums = new Map<ChecksumName, string>();
      for (const name of checksumNames) {
        const value = childText(part, `Checksum${name}`);
        if (value !== undefined) checksums.set(name, value.trim());
      }
      return { number, etag: unquoteEtag(etag), checksums };
    });
  if (listed.length === 0 || listed.length > MAX_PARTS) throw new S3Error('MalformedXML');
  let previous = 0;
  for (const { number } of listed) {
    if (number <= previous) throw new S3Error('InvalidPartOrder');
    previous = number;
  }
  return listed;
}

/**
 * The stored parts of the list, each one the part the client means.
 *
 * @throws S3Error `InvalidPart`, `EntityTooSmall`, or `InvalidRequest` for a checksum left out.
 */
export function matchParts(
  upload: Upload,
  stored: readonly Part[],
  listed: readonly ListedPart[],
): Part[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  const checksum = uploadChecksum(upload);
  const parts = listed.map(({ number, etag, checksums }) => {
    const part = byNumber.get(number);
    const given = checksums.get(checksum.name);
    if (part?.etag !== etag || (given !== undefined && given !== part.checksum)) {
      throw new S3Error('InvalidPart', undefined, {
        fields: { UploadId: upload.id, PartNumber: number, ETag: etag },
      });
    }
    if (checksum.type === 'COMPOSITE' && given === undefined) {
      throw new S3Error(
        'InvalidRequest',
        `The upload was created using a ${checksum.name.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    return part;
  });
  for (const part of parts.slice(0, -1)) {
    if (part.sizeBytes >= MIN_PART_BYTES) continue;
    throw new S3Error('EntityTooSmall', undefined, {
      fields: {
        ProposedSize: part.sizeBytes,
        MinSizeAllowed: MIN_PART_BYTES,
        PartNumber: part.number,
        ETag: part.etag,
      },
    });
  }
  return parts;
}
