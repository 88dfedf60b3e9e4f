/** @file Reads what a request claims about its signature, from the header or from the query. */
import { S3Error } from '../errors.ts';
import { toWholeNumber, type S3Request } from '../request.ts';
import type { Scope } from './signature.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;

export interface Claim {
  readonly from: 'header' | 'query';
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As sent: `YYYYMMDDTHHMMSSZ`. */
  readonly dateTime: string;
  readonly signedAtMs: number;
  /** For a presigned request only. */
  readonly expiresSeconds: number | undefined;
}

/**
 * @throws S3Error `AccessDenied` for a request without a signature, and what S3 answers to a
 *   malformed one.
 */
export function readClaim(request: S3Request): Claim {
  const header = request.headers.get('authorization');
  const presigned = request.query.has('X-Amz-Algorithm') || request.query.has('X-Amz-Signature');
  if (header !== undefined && presigned) {
    throw new S3Error('InvalidArgument', 'Only one auth mechanism is allowed for a request.');
  }
  if (header !== undefined) return readHeader(request, header);
  if (presigned) return readQuery(request);
  throw new S3Error('AccessDenied');
}

function badHeader(message: string): S3Error {
  return new S3Error('AuthorizationHeaderMalformed', message);
}

function badQuery(message: string): S3Error {
  return new S3Error('AuthorizationQueryParametersError', message);
}

function readHeader(request: S3Request, header: string): Claim {
  if (!header.startsWith(`${ALGORITHM} `)) {
    throw new S3Error('InvalidRequest', `Please use ${ALGORITHM} to sign requests.`);
  }
  const fields = new Map(
    header
      .slice(ALGORITHM.length)
      .split(',')
      .map((field) => {
        const [name = '', ...value] = field.trim().split('=');
        return [name, value.join('=')] as const;
      }),
  );
  const signature = fields.get('Signature');
  const signedHeaders = fields.get('SignedHeaders');
  if (!signature || !signedHeaders) {
    throw badHeader('The authorization header needs Credential, SignedHeaders and Signature.');
  }
  const dateTime = request.headers.get('x-amz-date') ?? '';
  const signedAtMs = parseDateTime(dateTime);
  if (signedAtMs === undefined) {
    throw new S3Error('AccessDenied', 'A signed request needs a valid x-amz-date header.');
  }
  return {
    from: 'header',
    scope: readScope(fields.get('Credential'), dateTime, badHeader),
    signedHeaders: signedHeaders.split(';'),
    signature,
    dateTime,
    signedAtMs,
    expiresSeconds: undefined,
  };
}

function readQuery(request: S3Request): Claim {
  const { query } = request;
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) {
    throw badQuery(`X-Amz-Algorithm only supports "${ALGORITHM}".`);
  }
  const signature = query.get('X-Amz-Signature');
  const signedHeaders = query.get('X-Amz-SignedHeaders');
  const dateTime = query.get('X-Amz-Date') ?? '';
  const signedAtMs = parseDateTime(dateTime);
  const expiresSeconds = toWholeNumber(query.get('X-Amz-Expires'));
  if (!signature || !signedHeaders || signedAtMs === undefined || expiresSeconds === undefined) {
    throw badQuery(
      'A presigned request needs X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders and X-Amz-Expires.',
    );
  }
  if (expiresSeconds < 1 || expiresSeconds > MAX_EXPIRES_SECONDS) {
    throw badQuery(`X-Amz-Expires must be from 1 to ${MAX_EXPIRES_SECONDS} seconds.`);
  }
  return {
    from: 'query',
    scope: readScope(query.get('X-Amz-Credential'), dateTime, badQuery),
    signedHeaders: signedHeaders.split(';'),
    signature,
    dateTime,
    signedAtMs,
    expiresSeconds,
  };
}

function readScope(
  credential: string | undefined,
  dateTime: string,
  bad: (message: string) => S3Error,
): Scope {
  const [accessKeyId, date, region, service, end, ...rest] = (credential ?? '').split('/');
  if (!accessKeyId || !date || !region || service !== 's3' || end !== 'aws4_request') {
    throw bad('The credential is not of the form key/date/region/s3/aws4_request.');
  }
  if (rest.length > 0 || date !== dateTime.slice(0, 8)) {
    throw bad('The date of the credential is not the date of the request.');
  }
  return { accessKeyId, date, region, service };
}

/** @returns Milliseconds since 1970, or `undefined` unless the text is `YYYYMMDDTHHMMSSZ`. */
function parseDateTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u.exec(text) ?? [];
  if (year === undefined) return undefined;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
