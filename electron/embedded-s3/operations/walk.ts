/** @file What every listing shares: what it is asked, and the walk through keys in byte order, grouped at a delimiter. */
import { requireBucket, type Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import { toWholeNumber, type S3Request } from '../request.ts';
import { element, type Xml } from '../xml/writer.ts';

const MAX_PAGE = 1000;

export type Entry<Row> =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** What every listing is asked. @param limitName The parameter that bounds its page. */
export function readListing(call: Call, limitName: string) {
  const { bucket, query } = call.request;
  requireBucket(call);
  return {
    bucket,
    query,
    encode: keyEncoding(call.request),
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: pageSize(call.request, limitName),
  };
}

/** Where the next page goes on. */
export function keyOf(entry: Entry<{ key: Buffer }>): string {
  return entry.kind === 'row' ? entry.row.key.toString() : entry.prefix;
}

export function commonPrefix({ prefix }: { prefix: string }, encode: (key: string) => string): Xml {
  return element('CommonPrefixes', element('Prefix', encode(prefix)));
}

interface WalkOptions<Row> {
  readonly prefix: string;
  readonly delimiter: string;
  /** Nothing below this key is of interest. If it is itself a common prefix, that was already listed. */
  readonly from: string;
  readonly limit: number;
  /** Rows whose key is at or after the given bytes, in order. */
  readonly rowsFrom: (key: Buffer) => Iterable<Row>;
  /** False for rows at `from` that an earlier page already had. */
  readonly isNew: (row: Row) => boolean;
}

/** One page of at most `limit` entries. Skips over a common prefix, however many keys lie under it. */
export function walkKeys<Row extends { key: Buffer }>(
  options: WalkOptions<Row>,
): { entries: Entry<Row>[]; isTruncated: boolean } {
  const { limit, rowsFrom, isNew } = options;
  const prefix = Buffer.from(options.prefix);
  const delimiter = Buffer.from(options.delimiter);
  const listed = Buffer.from(options.from);
  const entries: Entry<Row>[] = [];
  if (limit === 0) return { entries, isTruncated: false };
  let next: Buffer | undefined = Buffer.compare(prefix, listed) > 0 ? prefix : listed;
  while (next) {
    const start: Buffer = next;
    next = undefined;
    for (const row of rowsFrom(start)) {
      if (!row.key.subarray(0, prefix.length).equals(prefix))
        return { entries, isTruncated: false };
      const end = delimiter.length === 0 ? -1 : row.key.indexOf(delimiter, prefix.length);
      const common = end === -1 ? undefined : row.key.subarray(0, end + delimiter.length);
      const isListed = common ? common.equals(listed) : !isNew(row);
      if (!isListed) {
        if (entries.length === limit) return { entries, isTruncated: true };
        entries.push(common ? { kind: 'prefix', prefix: common.toString() } : { kind: 'row', row });
      }
      if (common) {
        next = afterAll(common);
        break;
      }
    }
  }
  return { entries, isTruncated: false };
}

/** The first bytes after everything that begins with `prefix`. No UTF-8 text ends in 0xFF. */
function afterAll(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  const last = next.length - 1;
  next[last] = (next[last] ?? 0) + 1;
  return next;
}

/** @throws S3Error `InvalidArgument` unless the parameter is a whole number. More than 1,000 counts as 1,000. */
export function pageSize(request: S3Request, name: string): number {
  const text = request.query.get(name);
  if (text === undefined || text === '') return MAX_PAGE;
  const size = toWholeNumber(text);
  if (size === undefined) {
    throw new S3Error(
      'InvalidArgument',
      `Argument ${name} must be an integer between 0 and 2147483647`,
    );
  }
  return Math.min(size, MAX_PAGE);
}

/** How a listing writes keys: as they are, or encoded when the client asked for `encoding-type=url`. */
export function keyEncoding(request: S3Request): (key: string) => string {
  const encoding = request.query.get('encoding-type');
  if (encoding === undefined) return (key) => key;
  if (encoding !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request');
  return urlEncodeKey;
}

/** As AWS does it: a form's encoding, but `/` and `*` stay. */
function urlEncodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replaceAll(
      /[!'()~]/gu,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
}
