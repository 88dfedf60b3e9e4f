/** @file Sound alone: FLAC, Ogg, MP3. */
import type { Bytes } from './bytes.ts';
import { complete, unfinished, unknown, type Verdict } from './verdict.ts';

/** The first metadata block counts the samples; encoders write 0 and correct it at the end (RFC 9639, 8.2). */
export async function judgeFlac(bytes: Bytes): Promise<Verdict> {
  const head = await bytes.read(0, 26);
  if (head.length < 26 || (head[4]! & 0x7f) !== 0) return unknown;
  const samples = (head[21]! & 0x0f) * 2 ** 32 + head.readUInt32BE(22);
  return samples === 0 ? unfinished('not-closed') : complete;
}

/** 27 bytes, 255 lengths, 255 segments of 255 bytes (RFC 3533, 6). */
const LONGEST_PAGE_BYTES = 65_307;
const LAST_PAGE = 0x04;

/** Each page says how long it is, and the last one that it is the last. */
export async function judgeOgg(bytes: Bytes): Promise<Verdict> {
  const start = Math.max(0, bytes.sizeBytes - 2 * LONGEST_PAGE_BYTES);
  const tail = await bytes.read(start, 2 * LONGEST_PAGE_BYTES);
  // From the end: sound may hold the four letters by chance, and then they begin no page that fits.
  for (
    let at = tail.lastIndexOf('OggS');
    at >= 0;
    at = at === 0 ? -1 : tail.lastIndexOf('OggS', at - 1)
  ) {
    const segments = tail[at + 26];
    if (segments === undefined) return unfinished('cut-short');
    const lengths = tail.subarray(at + 27, at + 27 + segments);
    const end = at + 27 + segments + lengths.reduce((sum, length) => sum + length, 0);
    if (tail[at + 4] !== 0) continue;
    if (end > tail.length || lengths.length < segments) return unfinished('cut-short');
    if (end === tail.length)
      return (tail[at + 5]! & LAST_PAGE) === 0 ? unfinished('not-closed') : complete;
  }
  return unknown;
}

/** How far behind its label the first frame of an MP3 is looked for. */
const SEARCH_BYTES = 65_536;

/** An MP3 may end after any frame, and its end proves nothing: only one without a frame is not finished. */
export async function judgeMp3(bytes: Bytes): Promise<Verdict> {
  const label = await bytes.read(0, 10);
  if (label.length < 10) return unknown;
  const size = label.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  const sound = await bytes.read(10 + size, SEARCH_BYTES);
  for (let at = sound.indexOf(0xff); at >= 0; at = sound.indexOf(0xff, at + 1))
    if ((sound[at + 1]! & 0xe0) === 0xe0) return complete;
  // Long pictures in labels are padded: only the end of the file is proof.
  return 10 + size + sound.length >= bytes.sizeBytes ? unfinished('no-sound') : complete;
}
