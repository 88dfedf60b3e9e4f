/** @file A request as S3 sees it: a bucket, a key and a query, all decoded exactly once. */
import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';
import type { Switches } from './switches.ts';

export interface S3Request {
  readonly method: string;
  /** Decoded path, as the signature covers it. */
  readonly path: string;
  /** Empty for a request to the service itself. */
  readonly bucket: string;
  /** Empty for a request to a bucket. */
  readonly key: string;
  /** Every parameter in the order sent, also repeated ones. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names; values of repeated headers joined by commas, as the signature has them. */
  readonly headers: ReadonlyMap<string, string>;
}

const MAX_KEY_BYTES = 1024;

/**
 * @throws S3Error `InvalidURI` for a target that is not a path in UTF-8, or with a NUL in it;
 *   `KeyTooLongError` past 1,024 bytes.
 */
export function parseRequest(message: IncomingMessage, place: Place = {}): S3Request {
  const target = message.url ?? '';
  if (!target.startsWith('/')) throw new S3Error('InvalidURI');
  const queryAt = target.indexOf('?');
  const rawPath = queryAt === -1 ? target : target.slice(0, queryAt);
  const rawQuery = queryAt === -1 ? '' : target.slice(queryAt + 1);
  const path = decode(rawPath);
  if (path.includes('\0')) throw new S3Error('InvalidURI');
  const { bucket: rawBucket, key: rawKey } = placed(rawPath, message.headers.host ?? '', place);
  const bucket = decode(rawBucket);
  const key = decode(rawKey);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError');
  const parameters = parseQuery(rawQuery);
  return {
    method: message.method ?? '',
    path,
    bucket,
    key,
    parameters,
    query: new Map(parameters),
    headers: joinHeaders(message.rawHeaders),
  };
}

type Place = Readonly<Pick<Switches, 'mountedAt' | 'hostStyle'>>;

/** @throws S3Error `SecondLevelDomainForbidden`, as Alibaba's storage says it. */
function placed(
  path: string,
  host: string,
  { mountedAt = '', hostStyle }: Place,
): Readonly<{ bucket: string; key: string }> {
  if (!path.startsWith(`${mountedAt}/`)) throw new S3Error('InvalidURI');
  const inside = path.slice(mountedAt.length + 1);
  if (hostStyle === undefined) {
    const slash = inside.indexOf('/');
    return slash === -1
      ? { bucket: inside, key: '' }
      : { bucket: inside.slice(0, slash), key: inside.slice(slash + 1) };
  }
  const name = host.replace(/:\d+$/, '');
  if (!name.endsWith(`.${hostStyle}`)) throw new S3Error('SecondLevelDomainForbidden');
  return { bucket: name.slice(0, -hostStyle.length - 1), key: inside };
}

function parseQuery(raw: string): [string, string][] {
  return raw
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.replaceAll('+', ' ').split('=');
      return [decode(name), decode(value.join('='))];
    });
}

function joinHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI');
  }
}

const signingParameters = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

/**
 * The request with every further `x-amz-` parameter of its query also as a header: presigning
 * clients move headers there, and S3 honours them. A real header wins.
 */
export function withHeadersFromQuery(request: S3Request): S3Request {
  const moved = request.parameters
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith('x-amz-') && !signingParameters.has(name));
  return moved.length === 0
    ? request
    : { ...request, headers: new Map([...moved, ...request.headers]) };
}

/**
 * `value`, if a header can carry it.
 *
 * @throws S3Error `InvalidArgument` for control characters and for letters beyond ISO-8859-1.
 */
export function requireHeaderValue(value: string): string {
  if (/^[\t\u0020-\u007E\u0080-\u00FF]*$/u.test(value)) return value;
  throw new S3Error('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.');
}

/** Percent-encoding as S3 does it: everything but letters, digits and `-._~`. */
export function encodeUri(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A whole number in decimal, or `undefined` for any other text. */
export function toWholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}
