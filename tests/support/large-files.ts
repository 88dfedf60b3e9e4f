/** @file Large files on this computer's disk, opened as they are to be sent. */
import { stat, truncate, writeFile } from 'node:fs/promises';
import { openSource, type Source } from '../../electron/engine/files/source.ts';
import { partBytesFor, planParts } from '../../shared/parts.ts';
import { randomFile } from './engine.ts';

export const never = new AbortController().signal;
export const partsOf = (sizeBytes: number) => planParts(sizeBytes, partBytesFor(sizeBytes));

export async function opened(path: string, signal = never): Promise<Source> {
  const { size, mtimeNs } = await stat(path, { bigint: true });
  return openSource({ path, sizeBytes: Number(size), mtimeNs: String(mtimeNs) }, signal);
}

export async function openedRandom(path: string, bytes: number, signal = never): Promise<Source> {
  await randomFile(path, bytes);
  return opened(path, signal);
}

/** Of nothing but zeros, and next to nothing on the disk. */
export async function openedEmpty(path: string, bytes: number): Promise<Source> {
  await writeFile(path, '');
  await truncate(path, bytes);
  return opened(path);
}
