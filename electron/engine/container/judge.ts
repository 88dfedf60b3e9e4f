import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { breach, type Limits } from '#shared/limits.ts';
import { READ_FLAGS, type PositionalReader } from '../files/source.ts';
import { judgeFlac, judgeMp3, judgeOgg } from './audio.ts';
import { openBytes, OutOfBounds, type Bytes } from './bytes.ts';
import { isMatroska, judgeMatroska } from './matroska.ts';
import { isMp4, judgeMp4 } from './mp4.ts';
import { isRiff, judgeRiff } from './riff.ts';
import { contradiction, HEAD_BYTES } from './sort.ts';
import { unknown, type Verdict } from './verdict.ts';

/** What Zoom leaves until it has made a video of a meeting: nothing else can play it. */
export function isUnconvertedZoom(path: string): boolean {
  return /^double_click_to_convert.*\.zoom$/i.test(basename(path));
}

/** Which container a file is. */
const CONTAINER_BYTES = 12;

type File = Readonly<{ path: string; sizeBytes: number }>;

/**
 * What a file's size, its name and its first `HEAD_BYTES` say, as far as they say it.
 *
 * @param head Not given while nothing of it was read.
 * @returns `undefined` where more of it has to be read.
 */
export function judgeHead(
  { path, sizeBytes }: File,
  head: Buffer | undefined,
  limit: Limits = {},
): Verdict | undefined {
  if (isUnconvertedZoom(path)) return { kind: 'unconverted' };
  if (sizeBytes === 0) return { kind: 'empty' };
  const name = basename(path);
  const breached = breach(limit, { name, sizeBytes });
  if (breached !== undefined) return { kind: 'kept', hold: breached };
  if (head === undefined) return undefined;
  const hold = contradiction(name, head, limit);
  if (hold !== undefined) return { kind: 'kept', hold };
  return head.length >= CONTAINER_BYTES && judgeOf(head) ? undefined : unknown;
}

/**
 * Whether a file that has become quiet looks finished, and is what its rule takes. Never throws: what
 * cannot be read is `unknown`. Nothing is read of what its size or name alone keep.
 */
export async function judgeFile(file: File, limit?: Limits): Promise<Verdict> {
  const unread = judgeHead(file, undefined, limit);
  if (unread !== undefined) return unread;
  try {
    await using opened = await open(file.path, READ_FLAGS);
    return await judgeOpened(opened, file, limit);
  } catch {
    return unknown;
  }
}

/** The same of one that is open. @throws What `opened.read` throws. */
export async function judgeOpened(
  opened: PositionalReader,
  file: File,
  limit?: Limits,
): Promise<Verdict> {
  const buffer = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await opened.read(buffer, 0, HEAD_BYTES, 0);
  const head = buffer.subarray(0, bytesRead);
  return judgeHead(file, head, limit) ?? (await judgeBytes(opened, file.sizeBytes, head));
}

/** @throws What `file.read` throws. Goes by the first bytes and not by the name: an `.mp4` may be anything. */
export async function judgeBytes(
  file: PositionalReader,
  sizeBytes: number,
  begin?: Buffer,
): Promise<Verdict> {
  const bytes = openBytes(file, sizeBytes, begin);
  try {
    const head = await bytes.read(0, CONTAINER_BYTES);
    if (head.length < CONTAINER_BYTES) return unknown;
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
