/** @file What the headers of a request promise about its body, checked for sense before reading it. */
import { S3Error } from '../errors.ts';
import { toWholeNumber, type S3Request } from '../request.ts';
import {
  checksumHeader,
  checksumNames,
  isChecksumValue,
  toChecksumName,
  type ChecksumName,
} from './checksums.ts';

export interface DeclaredBody {
  /** How the bytes are framed: not at all, or as aws-chunked with or without signatures and a trailer. */
  readonly framing: { readonly signed: boolean; readonly trailer: boolean } | undefined;
  /** Of the content itself, frames not counted. `undefined` when the request names no length. */
  readonly sizeBytes: number | undefined;
  readonly sha256Hex: string | undefined;
  readonly md5: string | undefined;
  /** At most one further checksum. Without `value` it comes in the trailer. */
  readonly checksum:
    | { readonly name: ChecksumName; readonly value: string | undefined }
    | undefined;
}

const framings = new Map([
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', { signed: false, trailer: true }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', { signed: true, trailer: false }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', { signed: true, trailer: true }],
]);

/** @throws S3Error for a value that could never match, or promises that contradict each other. */
export function readDeclaredBody(request: S3Request): DeclaredBody {
  const { headers } = request;
  const payload =
    headers.get('x-amz-content-sha256') ??
    request.query.get('X-Amz-Content-Sha256') ??
    'UNSIGNED-PAYLOAD';
  const framing = framings.get(payload);
  const isHash = /^[0-9a-f]{64}$/u.test(payload);
  if (!framing && !isHash && payload !== 'UNSIGNED-PAYLOAD') {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a known STREAMING- value, or a valid sha256 value.',
    );
  }
  if (framing && !contentCodings(request).includes('aws-chunked')) {
    throw new S3Error('InvalidRequest', 'A streaming payload needs Content-Encoding: aws-chunked.');
  }
  return {
    framing,
    sizeBytes: readSize(request, framing !== undefined),
    sha256Hex: isHash ? payload : undefined,
    md5: readMd5(headers.get('content-md5')),
    checksum: readChecksum(request, framing?.trailer ?? false),
  };
}

/** The codings of `Content-Encoding`, in order, without blanks. */
export function contentCodings(request: S3Request): string[] {
  return (request.headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '');
}

function readSize(request: S3Request, framed: boolean): number | undefined {
  if (framed) {
    const size = toWholeNumber(request.headers.get('x-amz-decoded-content-length'));
    if (size === undefined) throw new S3Error('MissingContentLength');
    return size;
  }
  if (request.headers.has('transfer-encoding')) {
    throw new S3Error(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented: Transfer-Encoding',
    );
  }
  return toWholeNumber(request.headers.get('content-length'));
}

function readMd5(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== value) throw new S3Error('InvalidDigest');
  return value;
}

function readChecksum(request: S3Request, trailer: boolean): DeclaredBody['checksum'] {
  const { headers } = request;
  const given = checksumNames.filter((name) => headers.has(checksumHeader(name)));
  const announced = trailer ? trailerChecksum(headers.get('x-amz-trailer')) : undefined;
  const [name = announced, ...others] = given;
  if (others.length > 0 || (given.length > 0 && announced)) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed.',
    );
  }
  const value = name && headers.get(checksumHeader(name));
  if (name && value !== undefined && !isChecksumValue(name, value)) {
    throw new S3Error('InvalidRequest', `Value for ${checksumHeader(name)} header is invalid.`);
  }
  checkSdkAlgorithm(headers.get('x-amz-sdk-checksum-algorithm'), name);
  return name && { name, value };
}

function trailerChecksum(header: string | undefined): ChecksumName | undefined {
  const name = header?.trim().toLowerCase();
  const found = checksumNames.find((candidate) => checksumHeader(candidate) === name);
  if (name !== undefined && !found) {
    throw new S3Error(
      'InvalidRequest',
      'The value specified in the x-amz-trailer header is not supported',
    );
  }
  return found;
}

function checkSdkAlgorithm(header: string | undefined, name: ChecksumName | undefined): void {
  if (header === undefined) return;
  const algorithm = toChecksumName(header);
  if (!algorithm || (name && algorithm !== name)) {
    throw new S3Error(
      'InvalidRequest',
      'Value for x-amz-sdk-checksum-algorithm header is invalid.',
    );
  }
  if (!name) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
}
