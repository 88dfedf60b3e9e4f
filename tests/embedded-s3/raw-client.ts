/**
 * @file A client of our own, SDK-free: signs what we tell it to, and sends it as it is. It shares no
 * code with the server, so both would have to be wrong in the same way to agree wrongly.
 */
import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http';

export interface Target {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RawRequest {
  readonly method: string;
  /** Encoded, beginning with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The value of x-amz-content-sha256; the true hash of `body` unless given. */
  readonly payload?: string;
  readonly atMs?: number;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The `<Code>` of an error. */
  readonly code: string | undefined;
}

export interface Signed {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly signature: string;
  readonly key: Buffer;
  readonly dateTime: string;
  readonly scope: string;
}

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();

/** Percent-encoding as signatures want it. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The path of a key in a bucket, encoded. */
export const pathOf = (bucket: string, key = ''): string =>
  `/${bucket}/${key.split('/').map(encode).join('/')}`;

/** Signs with headers. */
export function sign(target: Target, request: RawRequest): Signed {
  const { dateTime, scope, key } = prepare(target, request);
  const payload = request.payload ?? sha256(request.body ?? '');
  const headers = lowerCase({
    ...request.headers,
    host: new URL(target.endpoint).host,
    'x-amz-date': dateTime,
    'x-amz-content-sha256': payload,
  });
  const names = Object.keys(headers).toSorted();
  const query = canonicalQuery(request.query ?? {});
  const signature = signText(request, { query, headers, names, payload, dateTime, scope, key });
  const credential = `Credential=${target.accessKeyId}/${scope}`;
  headers.authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const url = `${target.endpoint}${request.path}${query === '' ? '' : `?${query}`}`;
  return { url, headers, signature, key, dateTime, scope };
}

/** Signs in the query. Headers given are signed, too, and must be sent with the request. */
export function presign(target: Target, request: RawRequest, expiresSeconds = 60): string {
  const { dateTime, scope, key } = prepare(target, request);
  const headers = lowerCase({ ...request.headers, host: new URL(target.endpoint).host });
  const names = Object.keys(headers).toSorted();
  const parameters = {
    ...request.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${target.accessKeyId}/${scope}`,
    'X-Amz-Date': dateTime,
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': names.join(';'),
  };
  const query = canonicalQuery(parameters);
  const payload = request.payload ?? 'UNSIGNED-PAYLOAD';
  const signature = signText(request, { query, headers, names, payload, dateTime, scope, key });
  return `${target.endpoint}${request.path}?${query}&X-Amz-Signature=${signature}`;
}

/** Signs and sends. */
export function send(target: Target, request: RawRequest, agent?: Agent): Promise<RawResponse> {
  const { url, headers } = sign(target, request);
  return exchange(url, { method: request.method, headers, body: request.body, agent });
}

/** Sends as it is. */
export function exchange(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array | undefined;
    readonly agent?: Agent | undefined;
  } = {},
): Promise<RawResponse> {
  const { method = 'GET', headers = {}, body, agent } = options;
  // Node's URL parser would tidy the path, and `../` must arrive as it is.
  const { hostname, port, origin } = new URL(url);
  const path = url.slice(origin.length);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        const code = /<Code>([^<]+)<\/Code>/u.exec(text)?.[1];
        const { statusCode: status = 0 } = response;
        resolve({ status, headers: response.headers, body: bytes, text, code });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function prepare(target: Target, request: RawRequest) {
  const dateTime = new Date(request.atMs ?? Date.now())
    .toISOString()
    .replaceAll(/[:-]|\.\d+/gu, '');
  const date = dateTime.slice(0, 8);
  const scope = `${date}/${target.region}/s3/aws4_request`;
  const dateKey = hmac(`AWS4${target.secretAccessKey}`, date);
  const key = hmac(hmac(hmac(dateKey, target.region), 's3'), 'aws4_request');
  return { dateTime, scope, key };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function canonicalQuery(query: Readonly<Record<string, string>>): string {
  const names = Object.keys(query).toSorted();
  return names.map((name) => `${encode(name)}=${encode(query[name] ?? '')}`).join('&');
}

function signText(
  request: RawRequest,
  parts: Readonly<{
    query: string;
    headers: Readonly<Record<string, string>>;
    names: readonly string[];
    payload: string;
    dateTime: string;
    scope: string;
    key: Buffer;
  }>,
): string {
  const { query, headers, names, payload, dateTime, scope, key } = parts;
  const lines = names.map((name) => `${name}:${headers[name]?.trim()}\n`).join('');
  const canonical = [request.method, request.path, query, lines, names.join(';'), payload].join(
    '\n',
  );
  const text = ['AWS4-HMAC-SHA256', dateTime, scope, sha256(canonical)].join('\n');
  return hmac(key, text).toString('hex');
}
