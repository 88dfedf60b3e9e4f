import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { breach, type Limits } from '#shared/limits.ts';
import type { PositionalReader } from '../source.ts';
import { judgeFlac, judgeMp3, judgeOgg } from './audio.ts';
import { openBytes, OutOfBounds, type Bytes } from './bytes.ts';
import { isMatroska, judgeMatroska } from './matroska.ts';
import { isMp4, judgeMp4 } from './mp4.ts';
import { isRiff, judgeRiff } from './riff.ts';
import { contradiction, HEAD_BYTES } from './sort.ts';
import { unknown, type Verdict } from './verdict.ts';

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What Zoom leaves until it has made a video of a meeting: nothing else can play it. */
export function isUnconvertedZoom(path: string): boolean {
  return /^double_click_to_convert.*\.zoom$/i.test(basename(path));
}

/**
 * Whether a file that has become quiet looks finished, and is what its rule takes. Never throws: what
 * cannot be read is `unknown`. Nothing is read of what its size or name alone keep.
 */
export async function judgeFile(
  file: Readonly<{ path: string; sizeBytes: number }>,
  limit: Limits = {},
): Promise<Verdict> {
  const { path, sizeBytes } = file;
  if (isUnconvertedZoom(path)) return { kind: 'unconverted' };
  if (sizeBytes === 0) return { kind: 'empty' };
  const name = basename(path);
  const breached = breach(limit, { name, sizeBytes });
  if (breached !== undefined) return { kind: 'kept', hold: breached };
  try {
    await using opened = await open(path, FLAGS);
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const hold = contradiction(name, buffer.subarray(0, bytesRead), limit);
    return hold === undefined ? await judgeBytes(opened, sizeBytes) : { kind: 'kept', hold };
  } catch {
    return unknown;
  }
}

/** @throws What `file.read` throws. Goes by the first bytes and not by the name: an `.mp4` may be anything. */
export async function judgeBytes(file: PositionalReader, sizeBytes: number): Promise<Verdict> {
  const bytes = openBytes(file, sizeBytes);
  try {
    const head = await bytes.read(0, 12);
    if (head.length < 12) return unknown;
    return (await judgeOf(head)?.(bytes)) ?? unknown;
  } catch (error) {
    if (error instanceof OutOfBounds) return unknown;
    throw error;
  }
}

function judgeOf(head: Buffer): ((bytes: Bytes) => Promise<Verdict>) | undefined {
  if (isMp4(head)) return judgeMp4;
  if (isMatroska(head)) return judgeMatroska;
  if (isRiff(head)) return judgeRiff;
  const magic = head.toString('latin1', 0, 4);
  if (magic === 'fLaC') return judgeFlac;
  if (magic === 'OggS') return judgeOgg;
  return magic.startsWith('ID3') ? judgeMp3 : undefined;
}
