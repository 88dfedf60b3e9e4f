import { createHash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrc32 } from '#shared/crc32.ts';
import { MIB, type Part } from '#shared/parts.ts';
import { AppError } from '#shared/errors.ts';
import type { PositionalReader } from './source.ts';
import type { Fingerprint } from '../store/jobs.ts';

const READ_BYTES = MIB;

export type PartPrint = Readonly<{ part: Part; crc32: number }>;
export type Print = Fingerprint & Readonly<{ parts: readonly PartPrint[] }>;

/**
 * Reads a file once, from one descriptor, in bounded memory: SHA-256 of the whole, CRC-32 of each part
 * and of the whole.
 *
 * @param onPiece Gets every byte, too, in order; what it is given is written over afterwards.
 * @throws AppError `file-changed` when the file ends before the planned bytes do.
 */
export async function fingerprintFile(
  file: PositionalReader,
  parts: readonly Part[],
  signal: AbortSignal,
  onPiece?: (piece: Buffer) => void,
): Promise<Print> {
  const sha256 = createHash('sha256');
  const wholeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  // A megabyte for each small file of an archive keeps the collector busier than the disk.
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, wholeBytes));
  const prints: PartPrint[] = [];
  for (const part of parts) {
    let crc = 0;
    for (let done = 0; done < part.sizeBytes;) {
      signal.throwIfAborted();
      const wanted = Math.min(READ_BYTES, part.sizeBytes - done);
      const { bytesRead } = await file.read(buffer, 0, wanted, part.startByte + done);
      if (bytesRead === 0) throw new AppError('file-changed', 'The file became shorter');
      const piece = buffer.subarray(0, bytesRead);
      sha256.update(piece);
      onPiece?.(piece);
      crc = crc32(piece, crc);
      done += bytesRead;
    }
    prints.push({ part, crc32: crc });
  }
  return printOf(sha256.digest('hex'), prints);
}

/** A file's, of what was read of it. */
export function printOf(sha256: string, parts: readonly PartPrint[]): Print {
  let crc = 0;
  let sizeBytes = 0;
  for (const { part, crc32: own } of parts) {
    crc = combineCrc32(crc, own, part.sizeBytes);
    sizeBytes += part.sizeBytes;
  }
  return { sha256, crc32: crc, sizeBytes, parts };
}

/**
 * A small file in one piece.
 *
 * @throws AppError `file-changed` when it ends before `sizeBytes`.
 */
export async function readWhole(
  file: PositionalReader,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const body = Buffer.allocUnsafe(sizeBytes);
  for (let done = 0; done < sizeBytes;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(body, done, sizeBytes - done, done);
    if (bytesRead === 0) throw new AppError('file-changed', 'The file became shorter');
    done += bytesRead;
  }
  return body;
}

/** Of all the bytes of a file, which is not cut. */
export function fingerprintBytes(body: Uint8Array): Fingerprint {
  return { sha256: hash('sha256', body), crc32: crc32(body), sizeBytes: body.byteLength };
}
