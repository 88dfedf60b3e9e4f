/** @file A file's bytes, read again: what it was is no proof of what it is. */
import { partBytesFor, planParts } from '#shared/parts.ts';
import { fingerprintFile } from '../files/fingerprint.ts';
import { fingerprintLarge } from '../files/large-files.ts';
import { openSource, type Source } from '../files/source.ts';
import type { FileVersion, Job } from '../store/jobs.ts';

/**
 * SHA-256 of a version of a file, or of its beginning.
 *
 * @throws AppError as `openSource`; `file-changed` also when it changes meanwhile.
 */
export async function rehash(
  version: FileVersion & Pick<Job, 'file'>,
  signal: AbortSignal,
  sizeBytes = version.sizeBytes,
): Promise<string> {
  await using source = await openSource(version, signal);
  // Awaited here: it is closed with this block.
  return await rehashSource(source, sizeBytes, signal);
}

/**
 * The same of a file that is open.
 *
 * @param onPiece As `fingerprintFile` has it.
 */
export async function rehashSource(
  source: Source,
  sizeBytes: number,
  signal: AbortSignal,
  onPiece?: (piece: Buffer) => void,
): Promise<string> {
  const parts = planParts(sizeBytes, partBytesFor(sizeBytes));
  const { sha256 } = onPiece
    ? await fingerprintFile(source.file, parts, signal, onPiece)
    : await fingerprintLarge(source.file, parts, signal);
  await source.assertUnchanged();
  return sha256;
}
