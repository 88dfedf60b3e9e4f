import { AppError } from './errors.ts';

export const MIB = 1024 * 1024;

/** S3's limits: "Amazon S3 multipart upload limits", docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html. */
export const MIN_PART_BYTES = 5 * MIB;
export const MAX_PARTS = 10_000;
/** 48.8 TiB, the largest object that S3 takes: 10,000 parts of 5 GiB. */
export const MAX_OBJECT_BYTES = MAX_PARTS * 5 * 1024 * MIB;

/** A file up to this size goes up in one PUT, whose answer proves the whole. */
export const SINGLE_PUT_BYTES = 8 * MIB;
const PREFERRED_PART_BYTES = 8 * MIB;

export type Part = Readonly<{ number: number; startByte: number; sizeBytes: number }>;

/**
 * The part size for a file: 8 MiB, grown in whole MiB where 10,000 such parts would not hold it.
 *
 * @throws AppError `too-large` for more than S3's largest object.
 */
export function partBytesFor(sizeBytes: number): number {
  if (sizeBytes > MAX_OBJECT_BYTES) throw new AppError('too-large', `${sizeBytes} bytes`);
  return Math.max(PREFERRED_PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB);
}

/** Requests that an upload takes: PUT, or one in parts with its beginning and end. */
export function requestsFor(sizeBytes: number): number {
  if (sizeBytes <= SINGLE_PUT_BYTES) return 1;
  return Math.ceil(sizeBytes / partBytesFor(sizeBytes)) + 2;
}

/**
 * Cuts `sizeBytes` into equal parts, the last one shorter. The same two numbers always give the same
 * cut, so a resumed upload can match its parts to those that S3 already holds.
 *
 * @throws RangeError for an empty file: those are sent with a single PUT.
 */
export function planParts(sizeBytes: number, partBytes: number): Part[] {
  if (sizeBytes <= 0) throw new RangeError(`planParts needs a positive size, got ${sizeBytes}`);
  return Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, i) => ({
    number: i + 1,
    startByte: i * partBytes,
    sizeBytes: Math.min(partBytes, sizeBytes - i * partBytes),
  }));
}
