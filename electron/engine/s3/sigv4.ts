/**
 * @file AWS Signature Version 4 in a request's headers (AWS General Reference, "Create a signed AWS API
 * request"), for what is sent by the thousand. Links are signed by the SDK.
 */
import { hash } from 'node:crypto';

export type SigningKeys = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}>;

type ToSign = Readonly<{
  method: string;
  /** Encoded once, as S3 has it: see `encodePath`. */
  path: string;
  /** Sorted and encoded: see `queryString`. */
  query: string;
  /** All are signed. Names in lower case, `host` among them. */
  headers: Readonly<Record<string, string>>;
}>;

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

const SERVICE = 's3';
const BLOCK_BYTES = 64;

export type Signer = (
  request: ToSign,
  keys: SigningKeys,
  region: string,
  atMs: number,
  payloadHash: string,
) => Record<string, string>;

/** Signs, and keeps the day's key. @returns The request's headers and those that sign it. */
export function createSigner(): Signer {
  let known: { by: string; sign: (text: string) => string } | undefined;

  function dayKey(keys: SigningKeys, day: string, region: string): (text: string) => string {
    const by = [keys.accessKeyId, keys.secretAccessKey, day, region].join('\n');
    if (known?.by === by) return known.sign;
    const scope = [day, region, SERVICE, 'aws4_request'];
    const key = scope.reduce<Buffer>(
      (secret, text) => hmac(secret)(text),
      Buffer.from(`AWS4${keys.secretAccessKey}`),
    );
    const mac = hmac(key);
    known = { by, sign: (text) => mac(text).toString('hex') };
    return known.sign;
  }

  return (request, keys, region, atMs, payloadHash) => {
    const time = timeOf(atMs);
    const day = time.slice(0, 8);
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': payloadHash,
      'x-amz-date': time,
    };
    if (keys.sessionToken !== undefined) headers['x-amz-security-token'] = keys.sessionToken;
    const names = Object.keys(headers).toSorted();
    const signed = names.join(';');
    let canonical = `${request.method}\n${request.path}\n${request.query}\n`;
    for (const name of names) canonical += `${name}:${plain(headers[name]!)}\n`;
    canonical += `\n${signed}\n${payloadHash}`;
    const scope = `${day}/${region}/${SERVICE}/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = dayKey(keys, day, region)(text);
    headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return headers;
  };
}

/** As `YYYYMMDDTHHMMSSZ`. */
function timeOf(atMs: number): string {
  const t = new Date(atMs).toISOString();
  return `${t.slice(0, 4)}${t.slice(5, 7)}${t.slice(8, 13)}${t.slice(14, 16)}${t.slice(17, 19)}Z`;
}

/** A value as it is signed: without spaces around it, and with one where there are several. */
function plain(value: string): string {
  const trimmed = value.trim();
  return trimmed.includes('  ') ? trimmed.replace(/ +/g, ' ') : trimmed;
}

/**
 * HMAC-SHA-256 (RFC 2104) of texts under one key. `createHmac` makes a key object for each text, which
 * takes several times as long as the two hashes.
 */
function hmac(key: Buffer): (text: string) => Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  (key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key).copy(block);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = block.map((byte) => byte ^ 0x5c);
  return (text) =>
    hash(
      'sha256',
      Buffer.concat([outer, hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer')]),
      'buffer',
    );
}

/** RFC 3986's unreserved characters stand for themselves, all others are percent-encoded UTF-8. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** What stands for itself in a path. A key of ours is nothing else, and there is one for each file. */
const PLAIN_PATH = /^[\w.~/-]*$/;

export function encodePath(key: string): string {
  return PLAIN_PATH.test(key) ? key : key.split('/').map(encode).join('/');
}

/** In the order that the signature wants: by the encoded names. Undefined ones are left out. */
export function queryString(fields: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${encode(name)}=${encode(value)}`]))
    .toSorted()
    .join('&');
}
