import { requireBucket, type Answer, type Call, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import { requireHeaderValue, toWholeNumber } from '../request.ts';
import type { BlobRange } from '../store/blobs.ts';
import type { Segment, Version } from '../store/model.ts';
import { checkReadConditions } from './conditions.ts';
import { expirationHeader } from './lifecycle.ts';
import { checksumHeaders, objectHeaders } from './object-meta.ts';
import { requireVersion } from './object-version.ts';
import { archiveHeaders, requireReadable } from './restore.ts';

/** Bytes `firstByte` to `lastByte`, both included. */
interface ByteRange {
  readonly firstByte: number;
  readonly lastByte: number;
}

const overrides = [
  ['response-cache-control', 'cache-control'],
  ['response-content-disposition', 'content-disposition'],
  ['response-content-encoding', 'content-encoding'],
  ['response-content-language', 'content-language'],
  ['response-content-type', 'content-type'],
  ['response-expires', 'expires'],
] as const;

export const headObject: Handler = (call) => readObject(call).answer;

export const getObject: Handler = (call) => {
  const { answer, version, range } = readObject(call);
  requireReadable(call, version);
  const segments = call.store.versions.segments(version.seq);
  return { ...answer, body: call.store.blobs.read(cutSegments(segments, range)) };
};

function readObject(call: Call): { answer: Answer; version: Version; range: ByteRange } {
  const { request } = call;
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  checkReadConditions(request, version);
  const whole = { firstByte: 0, lastByte: version.sizeBytes - 1 };
  const part = partRange(call, version);
  const range = part?.range ?? requestedRange(request.headers.get('range'), version.sizeBytes);
  const { firstByte, lastByte } = range ?? whole;
  const wantsChecksum = request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const replaced = overrides
    .filter(([parameter]) => request.query.has(parameter))
    .map(([parameter, header]) => {
      return [header, requireHeaderValue(request.query.get(parameter) ?? '')] as const;
    });
  const answer = {
    status: range ? 206 : 200,
    headers: {
      ...objectHeaders(version, bucket.versioning !== ''),
      ...archiveHeaders(call, version),
      ...expirationHeader(call.store, bucket.name, version),
      ...(wantsChecksum && !range ? checksumHeaders(version) : {}),
      ...Object.fromEntries(replaced),
      'content-length': lastByte - firstByte + 1,
      'content-range': range && `bytes ${firstByte}-${lastByte}/${version.sizeBytes}`,
      'x-amz-mp-parts-count': part?.count,
    },
  };
  return { answer, version, range: { firstByte, lastByte } };
}

/**
 * The range of a `Range` header. Several ranges, or one that is not well formed, count as none.
 *
 * @throws S3Error `InvalidRange` when it begins past the end.
 */
function requestedRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/u.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const firstByte = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const lastByte = first === '' || last === '' ? sizeBytes - 1 : Number(last);
  if (firstByte >= sizeBytes || (first === '' && Number(last) === 0)) {
    throw new S3Error('InvalidRange', undefined, {
      fields: { RangeRequested: header ?? '', ActualObjectSize: sizeBytes },
      headers: { 'content-range': `bytes */${sizeBytes}` },
    });
  }
  return { firstByte, lastByte: Math.min(lastByte, sizeBytes - 1) };
}

/** The range of the part that `partNumber` names, and how many parts there are. */
function partRange(call: Call, version: Version) {
  const text = call.request.query.get('partNumber');
  if (text === undefined) return undefined;
  if (call.request.headers.has('range')) {
    throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber');
  }
  const number = toWholeNumber(text) ?? 0;
  const segments = call.store.versions.segments(version.seq);
  const segment = segments[number - 1];
  if (!segment) throw new S3Error('InvalidRange', 'The requested partnumber is not satisfiable');
  const firstByte = segments
    .slice(0, number - 1)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    range: { firstByte, lastByte: firstByte + segment.sizeBytes - 1 },
    count: version.etag.includes('-') ? segments.length : undefined,
  };
}

/** Where the bytes of `range` lie in the files of an object. */
export function cutSegments(segments: readonly Segment[], range: ByteRange): BlobRange[] {
  const ranges: BlobRange[] = [];
  let startByte = 0;
  for (const { file, sizeBytes } of segments) {
    const firstByte = Math.max(0, range.firstByte - startByte);
    const lastByte = Math.min(sizeBytes - 1, range.lastByte - startByte);
    if (firstByte <= lastByte) ranges.push({ file, firstByte, lastByte });
    startByte += sizeBytes;
  }
  return ranges;
}
