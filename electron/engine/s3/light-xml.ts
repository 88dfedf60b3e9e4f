/** @file The two answers in XML that the light path reads: an error, and a list of objects. */
import { AppError } from '#shared/errors.ts';
import type { ListedObject } from './remote.ts';

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
    if (code !== undefined) return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    return entities[name] ?? whole;
  });
}

/** The text of the first such element between `from` and `to`; `undefined` when there is none. */
function textOf(
  xml: string,
  name: string,
  from: number,
  to: number = xml.length,
): string | undefined {
  const open = `<${name}>`;
  const start = xml.indexOf(open, from);
  if (start === -1 || start >= to) return undefined;
  const end = xml.indexOf('<', start + open.length);
  if (end === -1 || end > to || !xml.startsWith(`</${name}>`, end)) return undefined;
  return unescaped(xml.slice(start + open.length, end));
}

type ErrorAnswer = Readonly<{
  code: string | undefined;
  message: string | undefined;
  requestId: string | undefined;
  region: string | undefined;
}>;

/** S3's error document (API reference, "Error responses"). @returns `undefined` when it is none. */
export function readError(xml: string): ErrorAnswer | undefined {
  const start = xml.indexOf('<Error');
  if (start === -1) return undefined;
  return {
    code: textOf(xml, 'Code', start),
    message: textOf(xml, 'Message', start),
    requestId: textOf(xml, 'RequestId', start),
    region: textOf(xml, 'Region', start),
  };
}

export type Listing = Readonly<{
  bucket: string | undefined;
  objects: readonly ListedObject[];
  keyCount: number | undefined;
  isTruncated: boolean | undefined;
  next: string | undefined;
}>;

const OBJECT_START = '<Contents>';
const OBJECT_END = '</Contents>';

/**
 * `ListObjectsV2`'s answer, in one pass without a tree: a parser that builds one blocks the loop for
 * tens of milliseconds a page. What is not there is `undefined`; whether that may be, `toPage` decides.
 *
 * @throws AppError `not-storage` for what is not that document, or has no end.
 */
export function readListing(xml: string): Listing {
  if (!/^\s*(?:<\?xml[^>]*>\s*)?<ListBucketResult[\s>]/.test(xml))
    throw new AppError('not-storage', 'ListObjectsV2: the answer is not a listing');
  if (!/<\/ListBucketResult>\s*$/.test(xml))
    throw new AppError('not-storage', 'The listing is not whole');
  const objects: ListedObject[] = [];
  // What is said of the whole stands before and after the objects, which have names of their own in them.
  let about = '';
  let at = 0;
  for (;;) {
    const start = xml.indexOf(OBJECT_START, at);
    about += xml.slice(at, start === -1 ? xml.length : start);
    if (start === -1) break;
    const end = xml.indexOf(OBJECT_END, start);
    if (end === -1) throw new AppError('not-storage', 'The listing is not whole');
    objects.push(readObject(xml, start, end));
    at = end + OBJECT_END.length;
  }
  const count = textOf(about, 'KeyCount', 0);
  const truncated = textOf(about, 'IsTruncated', 0);
  return {
    bucket: textOf(about, 'Name', 0),
    objects,
    keyCount: count === undefined ? undefined : Number(count),
    isTruncated: truncated === undefined ? undefined : truncated === 'true',
    next: textOf(about, 'NextContinuationToken', 0),
  };
}

function readObject(xml: string, start: number, end: number): ListedObject {
  const key = textOf(xml, 'Key', start, end);
  const size = Number(textOf(xml, 'Size', start, end));
  if (!key || !Number.isSafeInteger(size))
    throw new AppError('not-storage', 'ListObjectsV2: an object without a key or a size');
  return {
    key,
    sizeBytes: size,
    lastModifiedMs: Date.parse(textOf(xml, 'LastModified', start, end) ?? '') || 0,
    storageClass: textOf(xml, 'StorageClass', start, end) ?? null,
  };
}
