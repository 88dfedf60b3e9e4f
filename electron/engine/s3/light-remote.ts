/**
 * @file What is sent or asked by the thousand, without the SDK's command stack, whose share of a small
 * upload is larger than all else together (docs/adr/0007). Keys, endpoint, region and clock stay the SDK
 * client's own; so do all other calls.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { isLoopback } from '#shared/loopback.ts';
import type { Address } from './address.ts';
import { isPage, proof, toInfo, unquoted } from './answers.ts';
import { bytesOf, type Body } from './body.ts';
import type { StorageSettings } from './storage-settings.ts';
import { aheadOf, learnClock } from './clock.ts';
import { toStorageError } from './errors.ts';
import { encrypted, namedRefusal } from './keeping.ts';
import {
  checksumOf,
  headersOf,
  headOutput,
  sdkLike,
  sumHeaders,
  wishHeaders,
} from './light-headers.ts';
import type { Known } from './known.ts';
import { createSend, type Answer } from './light-http.ts';
import { readError, readListing } from './light-xml.ts';
import { toPage } from './listing.ts';
import type { Remote } from './remote.ts';
import { createSigner, encodePath, queryString, UNSIGNED_PAYLOAD } from './sigv4.ts';
import type { Transport } from './transport.ts';
import { asItTakes, ofBytes, ofObject } from './ways.ts';

type Light = Pick<Remote, 'putObject' | 'putPart' | 'head' | 'list'>;

type Request = Readonly<{
  method: 'GET' | 'HEAD' | 'PUT';
  key?: string;
  query?: Readonly<Record<string, string | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: Body;
}>;

type LightParts = Readonly<{
  client: S3Client;
  settings: StorageSettings;
  transport: Transport;
  known: Known;
  renewing: <T>(send: () => Promise<T>) => Promise<T>;
  /** Asks again where an answer without a body does not say why. */
  explainedHead: Remote['head'];
}>;

export function lightRemote(parts: LightParts): Light {
  const { client, settings, transport, known, renewing, explainedHead } = parts;
  const { address, tellClock } = transport;
  const send = createSend(transport.route);
  const { bucket } = settings;
  const sign = createSigner();
  const bucketUrl = bucketUrlOf(client, settings, address);

  async function once(request: Request, signal: AbortSignal): Promise<Answer> {
    const { method, key, query = {} } = request;
    const body = request.body && (await bytesOf(request.body));
    const region = await client.config.region();
    const keys = await client.config.credentials();
    const { isPrefixSigned } = address.now();
    const url = bucketUrl(region);
    const base = url.pathname.replace(/\/$/, '').slice(isPrefixSigned ? 0 : address.prefix.length);
    const path = key === undefined ? base || '/' : `${base}/${encodePath(key)}`;
    const asked = queryString(query);
    const headers = {
      ...request.headers,
      ...(body && { 'content-length': String(body.byteLength) }),
      host: url.host,
    };
    const nowMs = Date.now() + client.config.systemClockOffset;
    const payload = payloadHash(url, body);
    const sentPath = isPrefixSigned ? path : address.prefix + path;
    const answer = await send(
      {
        url,
        method,
        path: asked === '' ? sentPath : `${sentPath}?${asked}`,
        headers: sign({ method, path, query: asked, headers }, keys, region, nowMs, payload),
        body,
        onGone: request.body && 'gone' in request.body ? request.body.gone : undefined,
        onPassed: request.body && 'passed' in request.body ? request.body.passed : undefined,
      },
      signal,
    );
    learnClock(client, answer.headers);
    tellClock(aheadOf(client));
    return answer;
  }

  /** As the SDK's inner loop: what fell on the way is sent once more, and so is what a wrong clock signed. */
  async function twice(request: Request, signal: AbortSignal): Promise<Answer> {
    const first = await once(request, signal).catch((error: unknown) => {
      if (!isDropped(error)) throw toStorageError(error);
      return undefined;
    });
    const trouble = first && failureOf(first);
    if (first && trouble === undefined) return first;
    const isSkew = trouble?.code === 'clock-skew';
    const isPassing = first === undefined || [500, 502, 504].includes(first.status);
    if (!isSkew && !isPassing) throw trouble;
    const second = await once(request, signal).catch((error: unknown) => {
      throw toStorageError(error);
    });
    const stillTrouble = failureOf(second);
    if (stillTrouble) throw stillTrouble;
    return second;
  }

  const ask = (request: Request, signal: AbortSignal): Promise<Answer> =>
    renewing(() => address.corrected(() => twice(request, signal)));

  return {
    async putObject(key, body, crc32, headers, signal) {
      const wishes = encrypted(
        'PutObjectCommand',
        { StorageClass: headers.storageClass },
        settings.encryption,
      );
      const answer = await asItTakes(known, ofObject, async (way) =>
        ask(
          {
            method: 'PUT',
            key,
            body,
            headers: {
              ...headersOf(headers),
              ...wishHeaders(wishes),
              ...(way.hasCondition && { 'if-none-match': '*' }),
              ...(await sumHeaders(body, crc32, way)),
            },
          },
          signal,
        ),
      ).catch((error: unknown) => {
        throw namedRefusal(error, wishes);
      });
      proof(answer.headers['etag'], sdkLike(answer), 'PutObject');
      return checksumOf(answer);
    },

    async putPart(key, uploadId, number, body, crc32, signal) {
      const query = { partNumber: String(number), uploadId };
      const answer = await asItTakes(known, ofBytes, async (way) => {
        const headers = await sumHeaders(body, crc32, way);
        return ask({ method: 'PUT', key, query, body, headers }, signal);
      });
      return unquoted(proof(answer.headers['etag'], sdkLike(answer), 'UploadPart'));
    },

    async head(key, signal) {
      try {
        const answer = await ask(
          { method: 'HEAD', key, headers: { 'x-amz-checksum-mode': 'ENABLED' } },
          signal,
        );
        return toInfo(key, headOutput(answer));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === 'no-object') return undefined;
        // A refused HEAD has no body that would say why, or that it was the storage that spoke.
        if (isUnexplained(error)) return explainedHead(key, signal);
        throw error;
      }
    },

    async list(prefix, maxKeys, next, signal) {
      const { body } = await ask(
        {
          method: 'GET',
          query: {
            'list-type': '2',
            prefix,
            'max-keys': String(maxKeys),
            'continuation-token': next,
          },
        },
        signal,
      );
      return toPage(readListing(body), bucket, next);
    },
  };
}

/** Where the SDK would send a request for the bucket: by its own rules, once for each region and style. */
function bucketUrlOf(client: S3Client, { bucket, endpoint }: StorageSettings, { now }: Address) {
  const known = new Map<string, URL>();
  return (region: string): URL => {
    const { isPathStyle } = now();
    const name = `${region} ${isPathStyle}`;
    const before = known.get(name);
    if (before) return before;
    const { url } = client.config.endpointProvider({
      Bucket: bucket,
      Region: region,
      ...(endpoint === undefined ? {} : { Endpoint: endpoint, ForcePathStyle: isPathStyle }),
    });
    known.set(name, url);
    return url;
  };
}

/** Over a line that nobody can change, the checksum alone says what was meant; elsewhere the signature does, too. */
function payloadHash(url: URL, body: Uint8Array = new Uint8Array()): string {
  return url.protocol === 'https:' || isLoopback(url.hostname)
    ? UNSIGNED_PAYLOAD
    : createHash('sha256').update(body).digest('hex');
}

function isDropped(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes((error as { code?: string }).code ?? '');
}

const unexplained = new Set([
  'access-denied',
  'request-refused',
  'wrong-region',
  'clock-skew',
  'not-storage',
]);
const isUnexplained = ({ code }: AppError) => unexplained.has(code);

/** @returns `undefined` for a success that a storage wrote. */
function failureOf(answer: Answer): AppError | undefined {
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300)
    return isPage(headers)
      ? new AppError('not-storage', 'A web page answered in the place of the storage')
      : undefined;
  const told = readError(body);
  const error = Object.assign(new Error(told?.message ?? `The answer was ${status}`), {
    name: told?.code ?? 'Error',
    Code: told?.code,
    RequestId: told?.requestId,
    Region: told?.region,
    $metadata: { httpStatusCode: status, requestId: headers['x-amz-request-id'] },
    $response: { headers },
  });
  return toStorageError(error) as AppError;
}
