/** @file What is uploaded: made once, kept for the next run. */
import { createCipheriv } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { MIB } from '#shared/parts.ts';

export type Sizes = Readonly<{
  bigMiB: number;
  recordings: number;
  recordingMiB: number;
  files: number;
  fileKiB: number;
  objects: number;
  scanned: number;
  rows: number;
  /** Files that another process makes at once. */
  burst: number;
  idleSeconds: number;
  /** Files that go up while the window is watched. */
  windowFiles: number;
  /** Of the command line. */
  starts: number;
}>;

export const FULL: Sizes = {
  bigMiB: 2048,
  recordings: 20,
  recordingMiB: 100,
  files: 10_000,
  fileKiB: 20,
  objects: 100_000,
  scanned: 100_000,
  rows: 1_000_000,
  burst: 30_000,
  idleSeconds: 300,
  windowFiles: 10_000,
  starts: 10,
};

export const SMALL: Sizes = {
  bigMiB: 64,
  recordings: 4,
  recordingMiB: 12,
  files: 200,
  fileKiB: 20,
  objects: 5_000,
  scanned: 2_000,
  rows: 20_000,
  burst: 2_000,
  idleSeconds: 10,
  windowFiles: 300,
  starts: 2,
};

const FOLDERS = 100;

/** Bytes that nothing compresses and no two files share; much faster than the system's random ones. */
function createBytes(seed: number): (length: number) => Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  return (length) => cipher.update(Buffer.alloc(length));
}

function made(folder: string, make: () => void): string {
  if (existsSync(`${folder}.made`)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  make();
  writeFileSync(`${folder}.made`, '');
  return folder;
}

function writeLarge(path: string, mib: number, bytes: (length: number) => Buffer): void {
  const file = openSync(path, 'w');
  for (let i = 0; i < mib; i += 1) writeSync(file, bytes(MIB));
  closeSync(file);
}

export function oneBig(dir: string, { bigMiB }: Sizes): string {
  const folder = join(dir, `big-${bigMiB}`);
  return made(folder, () => writeLarge(join(folder, 'big.mp3'), bigMiB, createBytes(1)));
}

export function someLarge(dir: string, { recordings, recordingMiB }: Sizes): string {
  const folder = join(dir, `recordings-${recordings}-${recordingMiB}`);
  return made(folder, () => {
    const bytes = createBytes(2);
    for (let i = 0; i < recordings; i += 1)
      writeLarge(join(folder, `rec${i}.mp3`), recordingMiB, bytes);
  });
}

function spread(folder: string, files: number, folders: number, bytes: () => Buffer): void {
  for (let i = 0; i < folders; i += 1) mkdirSync(join(folder, `d${i}`));
  for (let i = 0; i < files; i += 1)
    writeFileSync(join(folder, `d${i % folders}`, `f${i}.mp3`), bytes());
}

export function manySmall(dir: string, { files, fileKiB }: Sizes): string {
  const folder = join(dir, `small-${files}-${fileKiB}`);
  const bytes = createBytes(3);
  return made(folder, () => spread(folder, files, FOLDERS, () => bytes(fileKiB * 1024)));
}

/** A hundred in each folder. */
export function manyToScan(dir: string, { scanned }: Sizes): string {
  const folder = join(dir, `scanned-${scanned}`);
  return made(folder, () => spread(folder, scanned, scanned / 100, () => Buffer.from('x')));
}
