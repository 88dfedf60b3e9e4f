import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { MIB } from '#shared/parts.ts';
import type { PutHeaders, PutPart, Remote, StreamLedger } from './remote.ts';

const PART_BYTES = 8 * MIB;
/** Bounds the memory: one more is being read. */
const IN_FLIGHT = 3;
const CLEAN_UP_MS = 10_000;

type Verbs = Pick<
  Remote,
  'putObject' | 'createUpload' | 'putPart' | 'completeUpload' | 'abortUpload'
>;

/**
 * Streams of unknown length, cut, sent side by side and, after a failure, given up by lib-storage. What it
 * sends goes through the port's own verbs, with their checksums, conditions and doubts.
 */
export function sdkStreaming(
  client: S3Client,
  bucket: string,
  verbs: Verbs,
): Pick<Remote, 'putStream'> {
  return {
    async putStream(key, stream, headers, ledger, signal) {
      const whole = { sizeBytes: 0, crc32: 0 };
      async function* counted(): AsyncGenerator<Buffer> {
        for await (const piece of stream) {
          whole.sizeBytes += piece.length;
          whole.crc32 = crc32(piece, whole.crc32);
          yield piece;
        }
      }
      const send = sender(verbs, { key, headers, ledger, whole, signal });
      const upload = new Upload({
        client: Object.create(client, { send: { value: send } }) as S3Client,
        params: { Bucket: bucket, Key: key, Body: Readable.from(counted()) },
        partSize: PART_BYTES,
        queueSize: IN_FLIGHT,
      });
      await upload.done();
      return whole;
    },
  };
}

type Sending = Readonly<{
  key: string;
  headers: PutHeaders;
  ledger: StreamLedger;
  /** Counts on until the stream has ended, which is before the completion. */
  whole: { sizeBytes: number; crc32: number };
  signal: AbortSignal;
}>;

/** Answers lib-storage's five commands. */
function sender(verbs: Verbs, { key, headers, ledger, whole, signal }: Sending) {
  const sent: PutPart[] = [];
  return async (command: unknown): Promise<Readonly<{ UploadId?: string; ETag?: string }>> => {
    if (command instanceof PutObjectCommand) {
      await verbs.putObject(key, bytesOf(command), whole.crc32, headers, signal);
      return {};
    }
    if (command instanceof CreateMultipartUploadCommand) {
      ledger.opening();
      const UploadId = await verbs.createUpload(key, headers, signal);
      ledger.opened(UploadId);
      return { UploadId };
    }
    if (command instanceof UploadPartCommand) {
      const { UploadId = '', PartNumber: number = 0 } = command.input;
      const body = bytesOf(command);
      const part = { number, sizeBytes: body.length, crc32: crc32(body) };
      const etag = await verbs.putPart(key, UploadId, number, body, part.crc32, signal);
      sent.push({ ...part, etag });
      return { ETag: etag };
    }
    if (command instanceof CompleteMultipartUploadCommand) {
      const { UploadId = '' } = command.input;
      const parts = sent.toSorted((a, b) => a.number - b.number);
      await verbs.completeUpload(key, UploadId, parts, whole, signal);
      ledger.completed(UploadId);
      return {};
    }
    if (command instanceof AbortMultipartUploadCommand) {
      const { UploadId = '' } = command.input;
      // Where that fails, too, it is still owed; what failed before is what is told.
      await verbs
        .abortUpload(key, UploadId, AbortSignal.timeout(CLEAN_UP_MS))
        .then(ledger.ended, () => {});
      return {};
    }
    throw new Error('lib-storage sends something new');
  };
}

/** lib-storage holds each part in memory. */
function bytesOf({ input: { Body } }: PutObjectCommand | UploadPartCommand): Uint8Array {
  if (Body instanceof Uint8Array) return Body;
  throw new Error('lib-storage sends a part that is not in memory');
}
