/** @file Sample recordings for the demo: real WAV files, made here so that nothing has to be installed. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_RATE_HZ = 16_000;
const HEADER_BYTES = 44;

type Sample = Readonly<{
  fileName: string;
  seconds: number;
  toneHz: number;
  /** Written in real time, as a recorder does. */ live: boolean;
}>;

export const samples: readonly Sample[] = [
  { fileName: 'Cell division, week 3.wav', seconds: 20, toneHz: 220, live: false },
  { fileName: 'Économie – cours 1.wav', seconds: 60, toneHz: 330, live: false },
  { fileName: 'Lab safety (short).wav', seconds: 5, toneHz: 440, live: false },
  { fileName: 'Live lecture.wav', seconds: 4, toneHz: 262, live: true },
  { fileName: 'Guest talk, full length.wav', seconds: 600, toneHz: 196, live: false },
];

/** Writes one recording into a folder; a live one grows for as long as it lasts. @returns Its path. */
export async function record(folder: string, sample: Sample, signal: AbortSignal): Promise<string> {
  const path = join(folder, sample.fileName);
  await using file = await open(path, 'wx');
  const seconds = Math.ceil(sample.seconds);
  // Like a recorder, which learns the length at the end: the header is right only then.
  await file.write(header(0), 0, HEADER_BYTES, 0);
  for (let second = 0; second < seconds; second += 1) {
    signal.throwIfAborted();
    const sound = oneSecond(sample.toneHz, second);
    await file.write(sound, 0, sound.length, HEADER_BYTES + second * sound.length);
    if (sample.live) await sleep(1_000, undefined, { signal });
  }
  await file.write(header(seconds * SAMPLE_RATE_HZ * 2), 0, HEADER_BYTES, 0);
  return path;
}

/** A melody on one tone, 16-bit mono: different seconds sound, and are, different. */
function oneSecond(toneHz: number, second: number): Buffer {
  const samplesOfSecond = Buffer.alloc(SAMPLE_RATE_HZ * 2);
  const pitch = toneHz * 2 ** ([0, 4, 7, 12, 7, 4][second % 6]! / 12);
  for (let i = 0; i < SAMPLE_RATE_HZ; i += 1) {
    const fade = Math.min(1, i / 800, (SAMPLE_RATE_HZ - i) / 800);
    const value =
      Math.sin((2 * Math.PI * pitch * i) / SAMPLE_RATE_HZ) * 9_000 * fade + (second % 97);
    samplesOfSecond.writeInt16LE(Math.round(value), i * 2);
  }
  return samplesOfSecond;
}

/** The canonical 44-byte RIFF/WAVE header for 16-bit mono PCM. */
function header(dataBytes: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  bytes.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(dataBytes, 40);
  return bytes;
}
