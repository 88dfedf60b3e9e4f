import type { Bytes } from './bytes.ts';
import { complete, unfinished, unknown, type Verdict } from './verdict.ts';

const SEGMENT = 0x18538067;
/** Where the segment's beginning says which program wrote it. */
const INFO_BYTES = 16_384;
/**
 * Programs that write the segment's size when they close the file: ffmpeg (and with it OBS), GStreamer,
 * the Matroska library. Browsers never do, so that their recordings look the same when they are whole.
 */
const closers = ['Lavf', 'GStreamer', 'libmatroska', 'libebml'];

/** Matroska and WebM (RFC 9559): one EBML header, one segment. */
export async function judgeMatroska(bytes: Bytes): Promise<Verdict> {
  const header = await elementAt(bytes, 0);
  if (header === undefined) return unknown;
  const segment = await elementAt(bytes, header.end);
  if (segment === undefined) return bytes.sizeBytes < header.end + 12 ? cutShort : unknown;
  if (segment.id !== SEGMENT) return unknown;
  if (segment.end !== Infinity) return segment.end > bytes.sizeBytes ? cutShort : complete;
  const info = (await bytes.read(segment.start, INFO_BYTES)).toString('latin1');
  return closers.some((name) => info.includes(name)) ? unfinished('not-closed') : complete;
}

const cutShort = unfinished('cut-short');

/** @returns Where the element's content starts and ends, `Infinity` for a size that is left open; `undefined` for what is none. */
async function elementAt(
  bytes: Bytes,
  offset: number,
): Promise<{ id: number; start: number; end: number } | undefined> {
  const head = await bytes.read(offset, 12);
  const idBytes = Math.clz32(head[0] ?? 0) - 23;
  const sizeBytes = Math.clz32(head[idBytes] ?? 0) - 23;
  if (idBytes > 4 || sizeBytes > 8 || head.length < idBytes + sizeBytes) return undefined;
  const id = head.readUIntBE(0, idBytes);
  const size = head.subarray(idBytes, idBytes + sizeBytes);
  let value = size[0]! & (0xff >> sizeBytes);
  let isOpen = value === 0xff >> sizeBytes;
  for (const byte of size.subarray(1)) {
    value = value * 256 + byte;
    isOpen &&= byte === 0xff;
  }
  const start = offset + idBytes + sizeBytes;
  return { id, start, end: isOpen ? Infinity : start + value };
}

export function isMatroska(head: Buffer): boolean {
  return head.readUInt32BE(0) === 0x1a45dfa3;
}
