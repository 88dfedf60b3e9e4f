import { crc32 } from 'node:zlib';
import { combineCrc32 } from '#shared/crc32.ts';
import { MIB } from '#shared/parts.ts';
import type { PutHeaders, Remote } from './s3/remote.ts';
import type { SentPart } from './store/jobs.ts';
import type { UploadStore } from './store/uploads.ts';

const PART_BYTES = 8 * MIB;
/** Bounds the memory: one more is being read. */
const IN_FLIGHT = 3;
const CLEAN_UP_MS = 10_000;

type Whole = { sizeBytes: number; crc32: number };

/**
 * Stores a stream of unknown length, such as a form upload, under a key that nobody had before. Recordings
 * never go this way: a stream cannot be read twice. What fits into one part goes in one request; an upload
 * in parts is owed to the storage until it is completed, so that a crash leaves none behind.
 *
 * @returns What was sent.
 * @throws What the stream or the storage failed with, once nothing is on its way any more.
 */
export async function uploadStream(
  { remote, uploads }: Readonly<{ remote: Remote; uploads: UploadStore }>,
  key: string,
  stream: AsyncIterable<Buffer>,
  headers: PutHeaders,
  signal: AbortSignal,
): Promise<Whole> {
  const bodies = inParts(stream);
  const first = (await bodies.next()).value ?? Buffer.alloc(0);
  if (first.length < PART_BYTES) {
    const whole = { sizeBytes: first.length, crc32: crc32(first) };
    await remote.putObject(key, first, whole.crc32, headers, signal);
    return whole;
  }
  const row = uploads.opening(key);
  try {
    const uploadId = await remote.createUpload(key, headers, signal);
    uploads.opened(key, uploadId, true);
    try {
      const { parts, whole } = await sendAll(remote, key, uploadId, first, bodies, signal);
      await remote.completeUpload(key, uploadId, parts, whole, signal);
      uploads.completed(uploadId);
      return whole;
    } catch (error) {
      // Where that fails, too, it is still owed.
      await remote
        .abortUpload(key, uploadId, AbortSignal.timeout(CLEAN_UP_MS))
        .then(() => uploads.told(row))
        .catch(() => {});
      throw error;
    }
  } finally {
    uploads.release(row);
  }
}

async function sendAll(
  remote: Remote,
  key: string,
  uploadId: string,
  first: Buffer,
  rest: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<{ parts: SentPart[]; whole: Whole }> {
  const parts: SentPart[] = [];
  const whole = { sizeBytes: 0, crc32: 0 };
  const failures: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  let number = 0;
  const send = (body: Buffer): void => {
    const sizeBytes = body.length;
    const crc = crc32(body);
    whole.crc32 = combineCrc32(whole.crc32, crc, sizeBytes);
    whole.sizeBytes += sizeBytes;
    const part = { number: (number += 1), sizeBytes, crc32: crc };
    const sending = remote
      .putPart(key, uploadId, part.number, body, crc, signal)
      .then(
        (etag) => void parts.push({ ...part, etag }),
        (error: unknown) => void failures.push(error),
      )
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  };
  const assertWell = () => {
    if (failures.length > 0) throw failures[0];
  };
  try {
    send(first);
    for await (const body of rest) {
      if (underWay.size >= IN_FLIGHT) await Promise.race(underWay);
      assertWell();
      send(body);
    }
  } finally {
    await Promise.all(underWay);
  }
  assertWell();
  return { parts: parts.toSorted((a, b) => a.number - b.number), whole };
}

/** Full parts, and what is left at the end. */
async function* inParts(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    bytes += piece.length;
    while (bytes >= PART_BYTES) {
      const all = Buffer.concat(pieces);
      yield all.subarray(0, PART_BYTES);
      pieces = [all.subarray(PART_BYTES)];
      bytes = all.length - PART_BYTES;
    }
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}
