import type { Bytes } from './bytes.ts';
import { complete, unfinished, unknown, type Verdict } from './verdict.ts';

/** What ffmpeg and others write for a length that they do not know yet. */
const LATER = 0xffff_ffff;
/** Lengths have 32 bits. A longer file of a recorder without RF64 is as finished as it will ever be. */
const MAX_LENGTH = 2 ** 32;
/** Labels of other programs at the end of a file are shorter than this. */
const LABEL_BYTES = 4_096;

/** WAV (RIFF, RF64 and BW64 of EBU Tech 3306) and AVI. Recorders write the lengths when they close the file. */
export async function judgeRiff(bytes: Bytes): Promise<Verdict> {
  const head = await bytes.read(0, 12);
  const form = head.toString('latin1', 8, 12);
  if (form === 'WAVE') return judgeWave(bytes);
  if (form !== 'AVI ') return unknown;
  const length = head.readUInt32LE(4);
  if (length === 0 || length === LATER) return unfinished('not-closed');
  return 8 + length > bytes.sizeBytes + 1 ? unfinished('cut-short') : complete;
}

async function judgeWave(bytes: Bytes): Promise<Verdict> {
  const { sizeBytes } = bytes;
  const notClosed = sizeBytes >= MAX_LENGTH ? complete : unfinished('not-closed');
  let longLength: number | undefined;
  for (let offset = 12; offset + 8 <= sizeBytes;) {
    const head = await bytes.read(offset, 24);
    const id = head.toString('latin1', 0, 4);
    let length = head.readUInt32LE(4);
    if (id === 'ds64' && head.length === 24) longLength = Number(head.readBigUInt64LE(16));
    if (id === 'data') {
      if (length === LATER && longLength !== undefined) length = longLength;
      if (length === 0 || length === LATER) return notClosed;
      // The last byte of an odd length may lack the one that makes it even.
      if (offset + 8 + length > sizeBytes + 1) return unfinished('cut-short');
      return (await goesOn(bytes, offset + 8 + length + (length % 2))) ? notClosed : complete;
    }
    offset += 8 + length + (length % 2);
  }
  return unfinished('not-closed');
}

/** Whether sound follows what the header counts: its recorder writes the length now and then, and has not yet. */
async function goesOn(bytes: Bytes, offset: number): Promise<boolean> {
  const left = bytes.sizeBytes - offset;
  if (left < LABEL_BYTES) return false;
  const head = await bytes.read(offset, 8);
  const isChunk = /^[\x20-\x7e]{4}$/.test(head.toString('latin1', 0, 4));
  return !isChunk || head.readUInt32LE(4) > left;
}

export function isRiff(head: Buffer): boolean {
  return ['RIFF', 'RF64', 'BW64'].includes(head.toString('latin1', 0, 4));
}
