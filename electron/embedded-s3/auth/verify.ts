/** @file Decides whether a request may be served at all. Runs before a byte of the body is read. */
import { S3Error } from '../errors.ts';
import type { S3Request } from '../request.ts';
import { ALGORITHM, readClaim, type Claim } from './claim.ts';
import {
  canonicalRequest,
  hmac,
  isSameSignature,
  sha256Hex,
  signingKey,
  stringToSign,
  type Signer,
} from './signature.ts';

const MAX_SKEW_MS = 15 * 60_000;

export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** What temporary keys need beside them, and how long. */
  readonly session?: Readonly<{ token: string; endsAtMs: number }>;
}

/**
 * @param accounts Whoever may sign; the first is the owner.
 * @throws S3Error with the code AWS gives to each way a signature can be wrong.
 */
export function verifyRequest(
  request: S3Request,
  accounts: readonly [Account, ...Account[]],
  nowMs: number,
): Signer {
  const claim = readClaim(request);
  const account = findAccount(claim, request, accounts);
  checkToken(request, account, nowMs);
  checkTime(claim, nowMs);
  checkSignedHeaders(request, claim);
  const canonical = canonicalRequest(request, claim.signedHeaders, payloadHash(request, claim));
  const text = stringToSign(ALGORITHM, claim.dateTime, claim.scope, sha256Hex(canonical));
  const key = signingKey(account.secretAccessKey, claim.scope);
  if (!isSameSignature(hmac(key, text), claim.signature)) {
    throw new S3Error('SignatureDoesNotMatch', undefined, {
      fields: {
        AWSAccessKeyId: claim.scope.accessKeyId,
        StringToSign: text,
        SignatureProvided: claim.signature,
        CanonicalRequest: canonical,
      },
    });
  }
  return { key, scope: claim.scope, dateTime: claim.dateTime, seedSignature: claim.signature };
}

function tokenOf({ headers, query }: S3Request): string | undefined {
  return headers.get('x-amz-security-token') ?? query.get('X-Amz-Security-Token') ?? undefined;
}

/** Temporary keys without any token are keys that nobody knows. */
function findAccount(
  claim: Claim,
  request: S3Request,
  accounts: readonly [Account, ...Account[]],
): Account {
  const { accessKeyId, region } = claim.scope;
  const account = accounts.find(
    (one) =>
      one.accessKeyId === accessKeyId &&
      (one.session === undefined || tokenOf(request) !== undefined),
  );
  if (account === undefined) {
    throw new S3Error('InvalidAccessKeyId', undefined, { fields: { AWSAccessKeyId: accessKeyId } });
  }
  if (region === account.region) return account;
  const code =
    claim.from === 'header' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError';
  throw new S3Error(code, `The region '${region}' is wrong; expecting '${account.region}'`, {
    fields: { Region: account.region },
    headers: { 'x-amz-bucket-region': account.region },
  });
}

function checkToken(request: S3Request, { session }: Account, nowMs: number): void {
  if (tokenOf(request) !== session?.token) throw new S3Error('InvalidToken');
  if (session !== undefined && session.endsAtMs <= nowMs) throw new S3Error('ExpiredToken');
}

function checkTime(claim: Claim, nowMs: number): void {
  const { signedAtMs, expiresSeconds } = claim;
  const serverTime = new Date(nowMs).toISOString();
  if (expiresSeconds === undefined) {
    if (Math.abs(nowMs - signedAtMs) <= MAX_SKEW_MS) return;
    throw new S3Error('RequestTimeTooSkewed', undefined, {
      fields: {
        RequestTime: claim.dateTime,
        ServerTime: serverTime,
        MaxAllowedSkewMilliseconds: MAX_SKEW_MS,
      },
    });
  }
  const expiresMs = signedAtMs + expiresSeconds * 1000;
  if (nowMs > expiresMs) {
    throw new S3Error('AccessDenied', 'Request has expired', {
      fields: {
        'X-Amz-Expires': expiresSeconds,
        Expires: new Date(expiresMs).toISOString(),
        ServerTime: serverTime,
      },
    });
  }
  if (signedAtMs - nowMs > MAX_SKEW_MS) {
    throw new S3Error('AccessDenied', 'Request is not yet valid', {
      fields: { ServerTime: serverTime },
    });
  }
}

/** `host`, and every `x-amz-` header there is, must be signed; a header that is signed must be there. */
function checkSignedHeaders(request: S3Request, claim: Claim): void {
  const signed = new Set(claim.signedHeaders);
  const unsigned = [...request.headers.keys()].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.has(name),
  );
  if (unsigned.length === 0 && signed.has('host')) return;
  throw new S3Error(
    'AccessDenied',
    'There were headers present in the request which were not signed',
    {
      fields: { HeadersNotSigned: unsigned.join(', ') },
    },
  );
}

function payloadHash(request: S3Request, claim: Claim): string {
  const header = request.headers.get('x-amz-content-sha256');
  if (header !== undefined) return header;
  if (claim.from === 'query')
    return request.query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
  throw new S3Error(
    'InvalidRequest',
    'Missing required header for this request: x-amz-content-sha256',
  );
}
