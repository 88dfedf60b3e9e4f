import { xmlAnswer, xmlTime, type Call, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { ObjectMeta } from '../store/model.ts';
import { element, xmlDocument, type Xml } from '../xml/writer.ts';
import { quoteEtag } from './object-meta.ts';
import { commonPrefix, keyOf, readListing, walkKeys, type Entry } from './walk.ts';

interface ListedRow {
  key: Buffer;
  size_bytes: number;
  etag: string;
  modified_ms: number;
  meta: string;
}

export const listObjectsV2: Handler = (call) => {
  const { query } = call.request;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const page = readPage(call, token === undefined ? (startAfter ?? '') : fromToken(token));
  const { encode, entries, isTruncated, last } = page;
  return xmlAnswer(
    xmlDocument(
      'ListBucketResult',
      element('Name', call.request.bucket),
      element('Prefix', encode(page.prefix)),
      element('Delimiter', page.delimiter === '' ? undefined : encode(page.delimiter)),
      element('MaxKeys', page.limit),
      element('KeyCount', entries.length),
      element('EncodingType', query.get('encoding-type')),
      element('StartAfter', startAfter && encode(startAfter)),
      element('ContinuationToken', token),
      element('NextContinuationToken', isTruncated ? toToken(last) : undefined),
      element('IsTruncated', isTruncated),
      entries.map((entry) => describe(entry, page)),
    ),
  );
};

export const listObjects: Handler = (call) => {
  const { query } = call.request;
  const marker = query.get('marker') ?? '';
  const page = readPage(call, marker);
  const { encode, entries, isTruncated, last } = page;
  const nextMarker = isTruncated && page.delimiter !== '' ? encode(last) : undefined;
  return xmlAnswer(
    xmlDocument(
      'ListBucketResult',
      element('Name', call.request.bucket),
      element('Prefix', encode(page.prefix)),
      element('Delimiter', page.delimiter === '' ? undefined : encode(page.delimiter)),
      element('Marker', encode(marker)),
      element('NextMarker', nextMarker),
      element('MaxKeys', page.limit),
      element('EncodingType', query.get('encoding-type')),
      element('IsTruncated', isTruncated),
      entries.map((entry) => describe(entry, page)),
    ),
  );
};

interface Page {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  readonly encode: (key: string) => string;
  readonly withOwner: boolean;
  readonly entries: readonly Entry<ListedRow>[];
  readonly isTruncated: boolean;
  /** The last key or common prefix of this page: where the next one goes on. */
  readonly last: string;
}

function readPage(call: Call, after: string): Page {
  const { bucket, query, ...asked } = readListing(call, 'max-keys');
  const rows = call.store.db.prepare<[string, Buffer], ListedRow>(
    `SELECT key, size_bytes, etag, modified_ms, meta FROM versions
     WHERE bucket = ? AND key >= ? AND latest = 1 AND marker = 0 ORDER BY key`,
  );
  const afterBytes = Buffer.from(after);
  const { entries, isTruncated } = walkKeys({
    ...asked,
    from: after,
    rowsFrom: (key) => rows.iterate(bucket, key),
    isNew: (row) => !row.key.equals(afterBytes),
  });
  const end = entries.at(-1);
  const last = end ? keyOf(end) : '';
  const withOwner = query.get('list-type') !== '2' || query.get('fetch-owner') === 'true';
  return { ...asked, withOwner, entries, isTruncated, last };
}

function describe(entry: Entry<ListedRow>, { encode, withOwner }: Page): Xml {
  if (entry.kind === 'prefix') return commonPrefix(entry, encode);
  const { row } = entry;
  const meta = JSON.parse(row.meta) as ObjectMeta; // Written by `versionTable` alone.
  return element(
    'Contents',
    element('Key', encode(row.key.toString())),
    element('LastModified', xmlTime(row.modified_ms)),
    element('ETag', quoteEtag(row.etag)),
    element('ChecksumAlgorithm', meta.checksum?.name),
    element('ChecksumType', meta.checksum?.type),
    element('Size', row.size_bytes),
    withOwner ? element('Owner', element('ID', 'owner')) : undefined,
    element('StorageClass', meta.storageClass),
  );
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function fromToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (toToken(key) !== token) {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return key;
}
