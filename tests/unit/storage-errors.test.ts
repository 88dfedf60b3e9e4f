import { describe, expect, test } from 'vitest';
import { toStorageError } from '../../electron/engine/s3/errors.ts';
import {
  toNamedError,
  toReadError,
  toWriteError,
} from '../../electron/engine/files/file-errors.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';

const codeOf = (error: unknown) => {
  const known = toStorageError(error);
  return known instanceof AppError ? known.code : known;
};
const sdk = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('message'), { name, $metadata: { httpStatusCode, requestId: 'R1' } });

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe('what a storage answers becomes one of our errors:', () => {
  test.each<[string, number, ErrorCode]>([
    ['NoSuchBucket', 404, 'no-bucket'],
    ['NoSuchKey', 404, 'no-object'],
    ['NotFound', 404, 'no-object'],
    ['NoSuchUpload', 404, 'upload-gone'],
    ['InvalidPart', 400, 'upload-gone'],
    ['InvalidAccessKeyId', 403, 'wrong-access-key'],
    ['SignatureDoesNotMatch', 403, 'wrong-secret'],
    ['ExpiredToken', 400, 'sign-in-expired'],
    ['AccessDenied', 403, 'access-denied'],
    ['RequestTimeTooSkewed', 403, 'clock-skew'],
    ['PermanentRedirect', 301, 'wrong-region'],
    ['AuthorizationHeaderMalformed', 400, 'wrong-region'],
    ['SlowDown', 503, 'busy'],
    ['InternalError', 500, 'server-error'],
    ['ConditionalRequestConflict', 409, 'server-error'],
    ['BadDigest', 400, 'damaged-in-transit'],
    ['XAmzContentSHA256Mismatch', 400, 'damaged-in-transit'],
    ['PreconditionFailed', 412, 'key-taken'],
    ['NotImplemented', 501, 'not-supported'],
    ['EntityTooLarge', 400, 'too-large'],
    ['InvalidObjectState', 403, 'object-archived'],
    ['RestoreAlreadyInProgress', 409, 'object-restoring'],
    ['GlacierExpeditedRetrievalNotAvailable', 503, 'fast-restore-full'],
    // A code that nobody knows is judged by its status.
    ['Unheard', 401, 'access-denied'],
    ['Unheard', 403, 'access-denied'],
    ['Unheard', 404, 'no-object'],
    ['Unheard', 301, 'wrong-region'],
    ['Unheard', 302, 'not-storage'],
    ['Unheard', 307, 'not-storage'],
    ['Unheard', 400, 'request-refused'],
    ['Unheard', 418, 'request-refused'],
    ['Unheard', 407, 'proxy-refused'],
    ['Unheard', 409, 'server-error'],
    ['Unheard', 412, 'key-taken'],
    ['Unheard', 429, 'busy'],
    ['Unheard', 500, 'server-error'],
    ['Unheard', 503, 'busy'],
    ['Unheard', 511, 'not-storage'],
    ['Unheard', 599, 'server-error'],
    ['ServiceUnavailable', 503, 'busy'],
    // The names of Object’s own properties are no codes.
    ['constructor', 400, 'request-refused'],
    ['__proto__', 403, 'access-denied'],
    ['toString', 500, 'server-error'],
  ])('%s with status %i is %s', (name, status, code) => {
    expect(codeOf(sdk(name, status))).toBe(code);
  });

  test('who is not the storage asks nobody to slow down', () => {
    const bare = Object.assign(new Error('Unavailable'), { $metadata: { httpStatusCode: 503 } });
    expect(codeOf(bare)).toBe('offline');
    expect(codeOf(Object.assign(bare, { Code: 'SlowDown', name: 'SlowDown' }))).toBe('busy');
  });

  test('an answer that could be read as nothing is not the storage’s', () => {
    const unread = { $metadata: { httpStatusCode: 200 }, $responseBodyText: '<html>' };
    expect(codeOf(Object.assign(new SyntaxError('Unexpected token'), unread))).toBe('not-storage');
    expect(codeOf(Object.assign(new Error('parse'), { $response: { headers: {} } }))).toBe(
      'not-storage',
    );
  });

  test('a region that the answer names is in the details', () => {
    const error = Object.assign(sdk('Unknown', 301), {
      $response: { headers: { 'x-amz-bucket-region': 'eu-west-3' } },
    });
    expect(toStorageError(error)).toMatchObject({
      code: 'wrong-region',
      message: expect.stringContaining('the bucket is in eu-west-3') as string,
      requestId: 'R1',
      cause: error,
    });
  });
});

describe('what a connection says becomes one of our errors:', () => {
  test.each<[string, ErrorCode]>([
    ['ECONNREFUSED', 'offline'],
    ['ECONNRESET', 'offline'],
    ['ENOTFOUND', 'offline'],
    ['EAI_AGAIN', 'offline'],
    ['ETIMEDOUT', 'offline'],
    ['EHOSTUNREACH', 'offline'],
    ['ENETUNREACH', 'offline'],
    ['EPIPE', 'offline'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'offline'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'untrusted-connection'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'untrusted-connection'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'untrusted-connection'],
    ['CERT_HAS_EXPIRED', 'untrusted-connection'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'untrusted-connection'],
    ['EPROTO', 'untrusted-connection'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'untrusted-connection'],
    ['constructor', 'unexpected'],
  ])('%s is %s', (code, expected) => {
    expect(codeOf(Object.assign(new Error('x'), { code }))).toBe(expected);
    const wrapped = new Error('x', { cause: Object.assign(new Error('inner'), { code }) });
    expect(codeOf(wrapped)).toBe(expected);
  });

  test('https to a port that does not speak it is told without the words of OpenSSL', () => {
    const message =
      'write EPROTO C0A2:error:0A00010B:SSL routines::wrong version number:../tlsany.c:7:\n';
    expect(toStorageError(Object.assign(new Error(message), { code: 'EPROTO' }))).toMatchObject({
      code: 'untrusted-connection',
      message: 'What answered there does not speak https; its address may begin with http://',
    });
  });

  test('an SDK without keys and an SDK out of time say so by name', () => {
    expect(codeOf(Object.assign(new Error('x'), { name: 'CredentialsProviderError' }))).toBe(
      'credentials-missing',
    );
    expect(codeOf(Object.assign(new Error('x'), { name: 'TimeoutError' }))).toBe('offline');
  });

  test('an abort stays an abort, one of ours stays itself, and anything else is unexpected', () => {
    const abort = Object.assign(new Error('stop'), { name: 'AbortError' });
    const ours = new AppError('busy');
    expect(toStorageError(abort)).toBe(abort);
    expect(toStorageError(ours)).toBe(ours);
    expect(['text', undefined, null, 7, {}, new Error('x')].map(codeOf)).toEqual(
      Array(6).fill('unexpected'),
    );
  });
});

describe('what a disk says becomes one of our errors:', () => {
  test.each<[string, ErrorCode]>([
    ['ENOENT', 'file-gone'],
    ['ENOTDIR', 'file-gone'],
    ['EACCES', 'file-unreadable'],
    ['EBUSY', 'file-unreadable'],
    ['EIO', 'disk-error'],
    ['ELOOP', 'not-a-file'],
    ['EISDIR', 'not-a-file'],
  ])('%s of a file that is read is %s', (code, expected) => {
    expect(toReadError(withCode(code), '/a')).toMatchObject({ code: expected, message: '/a' });
  });

  test.each<[string, ErrorCode]>([
    ['ENOENT', 'no-such-file'],
    ['EACCES', 'cannot-open'],
    ['EISDIR', 'cannot-open'],
    ['EIO', 'disk-error'],
  ])('%s of a file that a person named is %s', (code, expected) => {
    expect(toNamedError(withCode(code), '/a')).toMatchObject({ code: expected, message: '/a' });
  });

  test.each<[string, ErrorCode]>([
    ['EEXIST', 'download-exists'],
    ['ENOSPC', 'cannot-write'],
    ['EACCES', 'cannot-write'],
    ['EROFS', 'cannot-write'],
    ['ENOENT', 'cannot-write'],
  ])('%s of a file that is written is %s', (code, expected) => {
    expect(toWriteError(withCode(code), '/a')).toMatchObject({ code: expected });
  });

  test('what nobody knows stays what it is', () => {
    const strange = withCode('constructor');
    expect([toReadError(strange, '/a'), toWriteError(strange, '/a')]).toEqual([strange, strange]);
  });
});
