import { xmlAnswer, xmlTime, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { ObjectMeta } from '../store/model.ts';
import type { VersionRow } from '../store/versions.ts';
import { element, xmlDocument, type Xml } from '../xml/writer.ts';
import { quoteEtag } from './object-meta.ts';
import { commonPrefix, keyOf, readListing, walkKeys, type Entry } from './walk.ts';

/** All versions and delete markers, keys in order, the newest of a key first. */
export const listObjectVersions: Handler = (call) => {
  const { store } = call;
  const { bucket, query, encode, prefix, delimiter, limit } = readListing(call, 'max-keys');
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker');
  if (versionMarker !== undefined && keyMarker === '') {
    throw new S3Error(
      'InvalidArgument',
      'A version-id marker cannot be specified without a key marker.',
    );
  }
  const rows = store.db.prepare<[string, Buffer], VersionRow>(
    `SELECT * FROM versions WHERE bucket = ? AND key >= ? ORDER BY key, seq DESC`,
  );
  const marker = Buffer.from(keyMarker);
  const markerSeq =
    versionMarker === undefined
      ? 0
      : (store.versions.find(bucket, keyMarker, versionMarker)?.seq ?? 0);
  const { entries, isTruncated } = walkKeys({
    prefix,
    delimiter,
    from: keyMarker,
    limit,
    rowsFrom: (key) => rows.iterate(bucket, key),
    isNew: (row) => !row.key.equals(marker) || row.seq < markerSeq,
  });
  const end = isTruncated ? entries.at(-1) : undefined;
  const endKey = end && keyOf(end);
  return xmlAnswer(
    xmlDocument(
      'ListVersionsResult',
      element('Name', bucket),
      element('Prefix', encode(prefix)),
      element('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      element('KeyMarker', encode(keyMarker)),
      element('VersionIdMarker', versionMarker),
      element('NextKeyMarker', endKey === undefined ? undefined : encode(endKey)),
      element('NextVersionIdMarker', end?.kind === 'row' ? end.row.version_id : undefined),
      element('MaxKeys', limit),
      element('EncodingType', query.get('encoding-type')),
      element('IsTruncated', isTruncated),
      entries.map((entry) => describe(entry, encode)),
    ),
  );
};

function describe(entry: Entry<VersionRow>, encode: (key: string) => string): Xml {
  if (entry.kind === 'prefix') return commonPrefix(entry, encode);
  const { row } = entry;
  const common = [
    element('Key', encode(row.key.toString())),
    element('VersionId', row.version_id),
    element('IsLatest', row.latest === 1),
    element('LastModified', xmlTime(row.modified_ms)),
    element('Owner', element('ID', 'owner')),
  ];
  if (row.marker === 1) return element('DeleteMarker', ...common);
  const meta = JSON.parse(row.meta) as ObjectMeta; // Written by `versionTable` alone.
  return element(
    'Version',
    ...common,
    element('ETag', quoteEtag(row.etag)),
    element('ChecksumAlgorithm', meta.checksum?.name),
    element('ChecksumType', meta.checksum?.type),
    element('Size', row.size_bytes),
    element('StorageClass', meta.storageClass),
  );
}
