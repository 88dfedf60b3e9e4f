import { requireBucket, xmlAnswer, xmlTime, type Handler } from '../call.ts';
import { toWholeNumber } from '../request.ts';
import type { Upload } from '../store/uploads.ts';
import { element, xmlDocument } from '../xml/writer.ts';
import { requireUpload } from './multipart.ts';
import { quoteEtag } from './object-meta.ts';
import { commonPrefix, keyEncoding, keyOf, pageSize, readListing, walkKeys } from './walk.ts';

interface OpenUploadRow {
  id: string;
  key: Buffer;
  initiated_ms: number;
}

/** Uploads neither completed nor aborted, by key and then by age. */
export const listMultipartUploads: Handler = (call) => {
  const { store } = call;
  const { bucket, query, encode, prefix, delimiter, limit } = readListing(call, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const rows = store.db.prepare<[string, Buffer], OpenUploadRow>(
    `SELECT id, key, initiated_ms FROM uploads
     WHERE bucket = ? AND key >= ? AND result IS NULL ORDER BY key, initiated_ms, id`,
  );
  const marker = Buffer.from(keyMarker);
  const markerUpload = idMarker === '' ? undefined : store.uploads.find(idMarker);
  const { entries, isTruncated } = walkKeys({
    prefix,
    delimiter,
    from: keyMarker,
    limit,
    rowsFrom: (key) => rows.iterate(bucket, key),
    isNew: (row) =>
      !row.key.equals(marker) || (markerUpload !== undefined && isAfter(row, markerUpload)),
  });
  const end = isTruncated ? entries.at(-1) : undefined;
  const endKey = end && keyOf(end);
  return xmlAnswer(
    xmlDocument(
      'ListMultipartUploadsResult',
      element('Bucket', bucket),
      element('KeyMarker', encode(keyMarker)),
      element('UploadIdMarker', idMarker),
      element('NextKeyMarker', endKey === undefined ? undefined : encode(endKey)),
      element('NextUploadIdMarker', end?.kind === 'row' ? end.row.id : undefined),
      element('Prefix', encode(prefix)),
      element('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      element('MaxUploads', limit),
      element('EncodingType', query.get('encoding-type')),
      element('IsTruncated', isTruncated),
      entries.map((entry) =>
        entry.kind === 'prefix'
          ? commonPrefix(entry, encode)
          : describeUpload(
              encode(entry.row.key.toString()),
              entry.row,
              store.uploads.find(entry.row.id),
            ),
      ),
    ),
  );
};

function isAfter(row: OpenUploadRow, marker: Upload): boolean {
  return (
    row.initiated_ms > marker.initiatedMs ||
    (row.initiated_ms === marker.initiatedMs && row.id > marker.id)
  );
}

function describeUpload(key: string, row: OpenUploadRow, upload: Upload | undefined) {
  const checksum = upload?.meta.checksum;
  return element(
    'Upload',
    element('Key', key),
    element('UploadId', row.id),
    element('Initiator', element('ID', 'owner')),
    element('Owner', element('ID', 'owner')),
    element('StorageClass', upload?.meta.storageClass),
    element('Initiated', xmlTime(row.initiated_ms)),
    checksum?.asked === true
      ? [element('ChecksumAlgorithm', checksum.name), element('ChecksumType', checksum.type)]
      : [],
  );
}

/** The parts an open upload holds, by number. */
export const listParts: Handler = (call) => {
  const { request, store } = call;
  requireBucket(call);
  const upload = requireUpload(call, 'open');
  const limit = pageSize(request, 'max-parts');
  const marker = toWholeNumber(request.query.get('part-number-marker')) ?? 0;
  const found = store.uploads.parts(upload.id, marker, limit + 1);
  const parts = found.slice(0, limit);
  const isTruncated = limit > 0 && found.length > limit;
  const checksum = upload.meta.checksum?.asked === true ? upload.meta.checksum : undefined;
  return xmlAnswer(
    xmlDocument(
      'ListPartsResult',
      element('Bucket', request.bucket),
      element('Key', keyEncoding(request)(request.key)),
      element('UploadId', upload.id),
      element('Initiator', element('ID', 'owner')),
      element('Owner', element('ID', 'owner')),
      element('StorageClass', upload.meta.storageClass),
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', parts.at(-1)?.number ?? 0),
      element('MaxParts', limit),
      element('IsTruncated', isTruncated),
      checksum && [
        element('ChecksumAlgorithm', checksum.name),
        element('ChecksumType', checksum.type),
      ],
      parts.map((part) =>
        element(
          'Part',
          element('PartNumber', part.number),
          element('LastModified', xmlTime(part.modifiedMs)),
          element('ETag', quoteEtag(part.etag)),
          element('Size', part.sizeBytes),
          checksum && element(`Checksum${checksum.name}`, part.checksum),
        ),
      ),
    ),
  );
};
