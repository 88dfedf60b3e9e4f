import { withoutSecrets } from '#shared/redact.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { Refused } from './certificates.ts';

/** S3's error codes (API reference, "Error responses"), Node's socket and TLS codes, and the SDK's own names. */
const known = new Map<string, ErrorCode>([
  ['NoSuchBucket', 'no-bucket'],
  ['InvalidBucketName', 'no-bucket'],
  ['NoSuchKey', 'no-object'],
  ['NotFound', 'no-object'],
  ['NoSuchVersion', 'no-object'],
  ['NoSuchUpload', 'upload-gone'],
  ['InvalidAccessKeyId', 'wrong-access-key'],
  ['SignatureDoesNotMatch', 'wrong-secret'],
  ['ExpiredToken', 'sign-in-expired'],
  ['ExpiredTokenException', 'sign-in-expired'],
  ['InvalidToken', 'sign-in-expired'],
  ['TokenRefreshRequired', 'sign-in-expired'],
  ['AccessDenied', 'access-denied'],
  ['AllAccessDisabled', 'access-denied'],
  ['AccountProblem', 'access-denied'],
  ['RequestTimeTooSkewed', 'clock-skew'],
  ['PermanentRedirect', 'wrong-region'],
  ['TemporaryRedirect', 'wrong-region'],
  ['AuthorizationHeaderMalformed', 'wrong-region'],
  ['IllegalLocationConstraintException', 'wrong-region'],
  ['SlowDown', 'busy'],
  ['ServiceUnavailable', 'busy'],
  ['TooManyRequests', 'busy'],
  ['ThrottlingException', 'busy'],
  ['RequestTimeout', 'server-error'],
  ['InternalError', 'server-error'],
  ['ConditionalRequestConflict', 'server-error'],
  ['OperationAborted', 'server-error'],
  ['BadDigest', 'damaged-in-transit'],
  ['InvalidDigest', 'damaged-in-transit'],
  ['XAmzContentSHA256Mismatch', 'damaged-in-transit'],
  ['XAmzContentChecksumMismatch', 'damaged-in-transit'],
  ['IncompleteBody', 'damaged-in-transit'],
  ['PreconditionFailed', 'key-taken'],
  ['NotImplemented', 'not-supported'],
  ['EntityTooLarge', 'too-large'],
  ['InvalidPart', 'upload-gone'],
  ['InvalidPartOrder', 'upload-gone'],
  ['InvalidObjectState', 'object-archived'],
  ['ObjectNotInActiveTierError', 'object-archived'],
  ['RestoreAlreadyInProgress', 'object-restoring'],
  ['ObjectAlreadyInActiveTierError', 'not-archived'],
  ['GlacierExpeditedRetrievalNotAvailable', 'fast-restore-full'],
  ['CredentialsProviderError', 'credentials-missing'],
  ['TokenProviderError', 'credentials-missing'],
  ['TimeoutError', 'offline'],
  ['ECONNREFUSED', 'offline'],
  ['ECONNRESET', 'offline'],
  ['ECONNABORTED', 'offline'],
  ['ENOTFOUND', 'offline'],
  ['EAI_AGAIN', 'offline'],
  ['ETIMEDOUT', 'offline'],
  ['EHOSTUNREACH', 'offline'],
  ['ENETUNREACH', 'offline'],
  ['ENETDOWN', 'offline'],
  ['EPIPE', 'offline'],
  ['ERR_PROXY_TUNNEL', 'proxy-refused'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'offline'],
  // https was spoken to a port that speaks something else.
  ['EPROTO', 'untrusted-connection'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'untrusted-connection'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'untrusted-connection'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'untrusted-connection'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'untrusted-connection'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'untrusted-connection'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'untrusted-connection'],
  ['CERT_HAS_EXPIRED', 'untrusted-connection'],
  ['CERT_NOT_YET_VALID', 'untrusted-connection'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'untrusted-connection'],
]);

const byStatus = new Map<number, ErrorCode>([
  [301, 'wrong-region'],
  [302, 'not-storage'],
  [307, 'not-storage'],
  [401, 'access-denied'],
  [403, 'access-denied'],
  [404, 'no-object'],
  [407, 'proxy-refused'],
  [409, 'server-error'],
  [412, 'key-taken'],
  [429, 'busy'],
  [503, 'busy'],
  // "Network Authentication Required" (RFC 6585): a network's sign-in page that says so.
  [511, 'not-storage'],
]);

type Loose = {
  name?: unknown;
  code?: unknown;
  Code?: unknown;
  message?: unknown;
  cause?: unknown;
  Region?: unknown;
  RequestId?: unknown;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
};

/**
 * Translates whatever the SDK, a socket or TLS threw. An abort stays what it is, since it is not the
 * storage's doing.
 */
export function toStorageError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (typeof error !== 'object' || error === null) return new AppError('unexpected', String(error));
  const { name, code, Code, message, cause, $metadata } = error as Loose;
  if (name === 'AbortError') return error;
  const status = $metadata?.httpStatusCode;
  const region = regionIn(error);
  const fromWords =
    [name, code, Code]
      .map((word) => known.get(String(word)))
      .find((found) => found !== undefined) ??
    (typeof cause === 'object' && cause !== null
      ? known.get(String((cause as Loose).code))
      : undefined);
  const fromStatus = status === undefined ? undefined : codeOfStatus(status);
  const found =
    foreign(error, status) ??
    fromWords ??
    fromStatus ??
    (isUnreadableAnswer(error) ? 'not-storage' : 'unexpected');
  const detail = [
    typeof name === 'string' && name !== 'Error' ? name : code,
    message,
    found === 'wrong-region' && region !== undefined ? `the bucket is in ${region}` : undefined,
  ]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(': ');
  // Node's own words for a certificate tell how to run Node, and OpenSSL's where in its source it gave up.
  return new AppError(found, issuedBy(error) ?? plainly(message) ?? withoutSecrets(detail), {
    cause: error,
    requestId: $metadata?.requestId,
  });
}

/** What was thrown before it was one of ours. */
const rawOf = (error: unknown): Loose => (error instanceof AppError ? error.cause : error) ?? {};

/** The storage's own name for what was wrong; empty where there is none. */
export function nameIn(error: unknown): string {
  const { name, Code } = rawOf(error);
  return typeof Code === 'string' ? Code : typeof name === 'string' ? name : '';
}

/** Where the bucket is, as a refusal says it. HEAD has no body to say it in. */
export function regionIn(error: unknown): string | undefined {
  const { $response, Region } = rawOf(error);
  const region = $response?.headers?.['x-amz-bucket-region'] ?? Region;
  return typeof region === 'string' && /^[a-z0-9-]{1,64}$/.test(region) ? region : undefined;
}

/** How long a busy storage wants to be left alone, milliseconds. */
export function retryAfterIn(error: unknown): number | undefined {
  const seconds = Number(rawOf(error).$response?.headers?.['retry-after'] || Number.NaN);
  return seconds >= 0 ? seconds * 1_000 : undefined;
}

function plainly(message: unknown): string | undefined {
  return /wrong version number/.test(String(message))
    ? 'What answered there does not speak https; its address may begin with http://'
    : undefined;
}

/** Node’s codes for an authority that nobody here knows. Other certificates are wrong in themselves. */
const strangers = /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/;

function issuedBy(error: object): string | undefined {
  const { issuer, isIssuedToItself, code } = error as Refused & { code?: unknown };
  if (issuer === undefined) return undefined;
  const isStranger = strangers.test(String(code));
  const guess = isStranger ? '; your school’s network may inspect connections' : '';
  return `The certificate was issued by ${issuer}${isIssuedToItself ? ' to itself' : guess} (${String(code)})`;
}

/**
 * A refusal or redirection that carries neither S3's request id nor its error code came from something on
 * the way, such as a school's proxy: it says nothing about keys, buckets, regions or permissions. What
 * stands before a storage says "unavailable" where nothing is behind it: nobody asks to be spared then.
 *
 * @returns What it is instead, where the storage did not say it.
 */
function foreign(error: object, status = 0): ErrorCode | undefined {
  const { $metadata, Code, RequestId, name } = error as Loose;
  if (regionIn(error) !== undefined) return undefined;
  if ([$metadata?.requestId, Code, RequestId].some((sign) => sign !== undefined)) return undefined;
  // The SDK gives this status to an answer of S3 that broke off, and a name.
  if (status === 503 && !known.has(String(name))) return 'offline';
  return status >= 300 && status < 500 && status !== 407 ? 'not-storage' : undefined;
}

function codeOfStatus(status: number): ErrorCode {
  // A success that nobody could read, such as the sign-in page of a network.
  if (status < 300) return 'not-storage';
  return byStatus.get(status) ?? (status >= 500 ? 'server-error' : 'request-refused');
}

/** The SDK could not parse the answer: whatever spoke was not S3. */
function isUnreadableAnswer(error: object): boolean {
  return '$responseBodyText' in error || error instanceof SyntaxError || '$response' in error;
}
