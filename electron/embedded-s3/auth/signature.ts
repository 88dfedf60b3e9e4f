/** @file Signature version 4, the parts that sign: used on requests, on chunks and on trailers. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { encodeUri, type S3Request } from '../request.ts';

/** What a credential is good for: one day, one region, one service. */
export interface Scope {
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** What the signatures of chunks and trailers continue from. */
export interface Signer {
  readonly key: Buffer;
  readonly scope: Scope;
  readonly dateTime: string;
  readonly seedSignature: string;
}

export const EMPTY_SHA256 = sha256Hex('');

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function hmac(key: string | Uint8Array, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

export function signingKey(secretAccessKey: string, scope: Scope): Buffer {
  const date = hmac(`AWS4${secretAccessKey}`, scope.date);
  return hmac(hmac(hmac(date, scope.region), scope.service), 'aws4_request');
}

/** `20260101/us-east-1/s3/aws4_request` */
function scopeText(scope: Scope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
}

/**
 * @param dateTime As sent: `YYYYMMDDTHHMMSSZ`.
 * @param hashed   The lines this kind of signature covers, below the scope.
 */
export function stringToSign(
  kind: string,
  dateTime: string,
  scope: Scope,
  ...hashed: readonly string[]
): string {
  return [kind, dateTime, scopeText(scope), ...hashed].join('\n');
}

/** The request in the one form that both sides hash. The query's own signature is left out. */
export function canonicalRequest(
  request: S3Request,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const query = request.parameters
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeUri(name), encodeUri(value)] as const)
    .toSorted(
      ([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB),
    )
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const headers = signedHeaders.map((name) => {
    const value = request.headers.get(name) ?? '';
    return `${name}:${value.trim().replaceAll(/ +/gu, ' ')}\n`;
  });
  return [
    request.method,
    request.path.split('/').map(encodeUri).join('/'),
    query,
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Compares in constant time. Signatures are hexadecimal, lower case. */
export function isSameSignature(expected: Buffer, given: string): boolean {
  const text = Buffer.from(expected.toString('hex'));
  const other = Buffer.from(given);
  return text.length === other.length && timingSafeEqual(text, other);
}
