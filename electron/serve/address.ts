/** @file Reading a request's address: which route, which key, which parameters. */
import { badRequest } from './reply.ts';

const PREFIX = '/api/v1/s3/file/';
/** S3 user guide, "Naming Amazon S3 objects": 1,024 bytes of UTF-8. */
const MAX_KEY_BYTES = 1_024;

export type Address = Readonly<{
  path: string;
  /** The part after `/api/v1/s3/file/`, still escaped; `undefined` on other routes. */
  escapedKey: string | undefined;
  query: URLSearchParams;
}>;

/** @param url As it came, since a URL parser would resolve `..` before anybody sees it. */
export function readAddress(url: string): Address {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return {
    path,
    escapedKey: path.startsWith(PREFIX) ? path.slice(PREFIX.length) : undefined,
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
  };
}

/**
 * The key behind an address. Slashes may stand as they are or escaped; it is unescaped once.
 *
 * @throws Refused for what is no key, and for `.` and `..` between slashes, which no key of ours has
 *   and which something on the way to the storage might take for a path.
 */
export function readKey(escaped: string): string {
  let key: string;
  try {
    key = decodeURIComponent(escaped);
  } catch {
    throw badRequest('The key is not escaped correctly', 'Percent-encode it as UTF-8.');
  }
  const isTooLong = Buffer.byteLength(key) > MAX_KEY_BYTES;
  const hasSteps = key.split('/').some((part) => part === '.' || part === '..');
  if (key === '' || key.startsWith('/') || isTooLong || hasSteps || /\p{Cc}/u.test(key))
    throw badRequest('This is not an object key', 'Take the key from the list of files.');
  return key;
}

/**
 * A whole number among the parameters.
 *
 * @throws Refused when it is given and is none within the bounds.
 */
export function readWhole(
  query: URLSearchParams,
  name: string,
  bounds: Readonly<{ fallback: number; max: number }>,
): number {
  const text = query.get(name);
  if (text === null || text === '') return bounds.fallback;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > bounds.max)
    throw badRequest(`${name} is not valid`, `Use a whole number from 1 to ${bounds.max}.`);
  return number;
}
