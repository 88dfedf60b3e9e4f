import crypto from 'node:crypto';
import fs, { fstatSync } from 'node:fs';
import { open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import nodeModule, { createRequire } from 'node:module';
import { join } from 'node:path';
import workerThreads, { type Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fingerprintFile } from '../../electron/engine/files/fingerprint.ts';
import { fingerprintLarge, readLarge } from '../../electron/engine/files/large-files.ts';
import { serve } from '../../electron/engine/files/read-large.ts';
import type { Source, SourceFile } from '../../electron/engine/files/source.ts';
import { MIB, planParts } from '../../shared/parts.ts';
import { randomFile } from '../support/engine.ts';
import { never, opened, openedEmpty, openedRandom, partsOf } from '../support/large-files.ts';
import { heldBytes } from '../support/many.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a thread finds in a large file what the event loop does, and brings each part as it is', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const sizeBytes = 17 * MIB + 12_345;
  await using source = await openedRandom(path, sizeBytes);
  const parts = partsOf(sizeBytes);
  const print = await fingerprintLarge(source.file, parts, never);
  expect(print).toEqual(await fingerprintFile(source.file, parts, never));
  const bytes = await readFile(path);
  // The last part is shorter than the memory, which another one was in before.
  const memory = new SharedArrayBuffer(8 * MIB);
  for (const { part, crc32 } of print.parts) {
    expect(await readLarge(source.file, part, memory, never)).toBe(crc32);
    const end = part.startByte + part.sizeBytes;
    const kept = Buffer.from(memory, 0, part.sizeBytes);
    expect(kept.equals(bytes.subarray(part.startByte, end))).toBe(true);
  }
});

test.each([
  ['where there is none', 'file:///nowhere/engine.js', false],
  ['where there is one', import.meta.url, true],
])('CRC-32 is the same with a faster one than Node’s, %s', async (_, home, isThere) => {
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const sizeBytes = 2 * MIB + 12_345;
  await using source = await openedRandom(path, sizeBytes);
  const expected = await fingerprintFile(source.file, planParts(sizeBytes, MIB), never);
  const reply = serve(fs, crypto, zlib, workerThreads, nodeModule, home, MIB / 4, 60_000, '');
  const { answer } = await source.file.lend(async (file) =>
    reply({ kind: 'go on', id: 1, file, startByte: 0, sizeBytes, partBytes: MIB }),
  );
  expect(answer.crc32).toEqual(expected.parts.map(({ crc32 }) => crc32));
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.some((name) => name.endsWith('.node') && name.includes('crc32'))).toBe(isThere);
});

test.each([
  ['the one with the least left is through first, whichever was begun first', 0, ['short', 'long']],
  ['none waits for others that come later, again and again', 60_000, ['long', 'short']],
])('of files of one disk %s', async (_, laterMs, order) => {
  await using dir = await tempDir();
  await using long = await openedEmpty(join(dir.path, 'long.mp4'), 128 * MIB);
  await using short = await openedRandom(join(dir.path, 'short.mp4'), 9 * MIB);
  const through: string[] = [];
  const begin = async (name: string, { file }: Source, sizeBytes: number) => {
    await fingerprintLarge(file, partsOf(sizeBytes), never);
    through.push(name);
  };
  const first = begin('long', long, 128 * MIB);
  const soonMs = performance.now();
  const clock = vi.spyOn(performance, 'now').mockReturnValue(soonMs + laterMs);
  onTestFinished(() => clock.mockRestore());
  await Promise.all([first, begin('short', short, 9 * MIB)]);
  expect(through).toEqual(order);
});

test('who waits for another file of the disk stops waiting when stopped', async () => {
  await using dir = await tempDir();
  await using short = await openedRandom(join(dir.path, 'short.mp4'), 9 * MIB);
  const stop = new AbortController();
  await using long = await openedRandom(join(dir.path, 'long.mp4'), 10 * MIB, stop.signal);
  // The shorter one's disk does not answer.
  const silence = Promise.withResolvers<never>();
  const silent = { ...short.file, lend: () => silence.promise };
  const first = fingerprintLarge(silent, partsOf(9 * MIB), never).catch(String);
  const second = fingerprintLarge(long.file, partsOf(10 * MIB), stop.signal);
  stop.abort(new Error('stopped'));
  await expect(second).rejects.toThrow('stopped');
  silence.reject(new Error('over'));
  expect(await first).toBe('Error: over');
});

test('a file that became shorter is a changed one, in either reading', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await using source = await openedRandom(path, 20 * MIB);
  await truncate(path, 18 * MIB);
  const parts = partsOf(20 * MIB);
  const changed = { code: 'file-changed' };
  await expect(fingerprintLarge(source.file, parts, never)).rejects.toMatchObject(changed);
  const last = readLarge(source.file, parts[2]!, new SharedArrayBuffer(8 * MIB), never);
  await expect(last).rejects.toMatchObject(changed);
});

test.skipIf(process.platform !== 'linux')(
  'a reading that the disk refuses names the byte',
  async () => {
    // A process's own memory has nothing at these addresses: the kernel answers EIO.
    await using mem = await opened('/proc/self/mem');
    const part = { number: 2, startByte: 4_096, sizeBytes: MIB };
    const reading = readLarge(mem.file, part, new SharedArrayBuffer(MIB), never);
    await expect(reading).rejects.toMatchObject({
      code: 'disk-error',
      message: '/proc/self/mem at byte 4096',
    });
  },
);

test('however often a file is asked for bytes, no more is held of it', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await writeFile(path, 'a recording');
  await using source = await opened(path);
  const ask = async (times: number) => {
    for (let i = 0; i < times; i += 1)
      await source.file.lend(() => Promise.resolve({ doneBytes: i, crc32: [i] }));
    return heldBytes();
  };
  const [before, questions] = [await ask(1_000), 10_000];
  expect(((await ask(questions)) - before) / questions).toBeLessThan(50);
});

test('a descriptor that is lent stays the file’s until its reader has done, whoever stops meanwhile', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await writeFile(path, 'a recording');
  const stop = new AbortController();
  const source = await opened(path, stop.signal);
  const reading = Promise.withResolvers<void>();
  let descriptor = -1;
  const lent = source.file.lend((number) => {
    descriptor = number;
    return reading.promise;
  });
  await expect.poll(() => descriptor).not.toBe(-1);
  const { ino } = fstatSync(descriptor);
  stop.abort(new Error('stopped'));
  await expect(lent).rejects.toThrow('stopped');
  await source[Symbol.asyncDispose]();
  expect(fstatSync(descriptor).ino).toBe(ino);
  reading.resolve();
  const isClosed = () => {
    try {
      return fstatSync(descriptor).ino !== ino;
    } catch {
      return true;
    }
  };
  await expect.poll(isClosed).toBe(true);
});

/** Large enough for two threads: random here and there, and next to nothing on the disk. */
async function openedVast(path: string, signal = never): Promise<[Source, number]> {
  const sizeBytes = 600 * MIB + 12_345;
  await randomFile(path, 3 * MIB + 7);
  await using file = await open(path, 'r+');
  await file.truncate(sizeBytes);
  const bytes = await readFile(path).then((all) => all.subarray(0, MIB));
  for (const [i, at] of [79 * MIB + 99, 300 * MIB, sizeBytes - MIB].entries())
    await file.write(bytes.subarray(i), 0, undefined, at);
  return [await opened(path, signal), sizeBytes];
}

/** How many threads hash beside another one: Linux tells their names. */
async function hashBeside(): Promise<number> {
  const threads = await readdir('/proc/self/task');
  const names = await Promise.all(
    threads.map((id) => readFile(`/proc/self/task/${id}/comm`, 'utf8').catch(() => '')),
  );
  return names.filter((name) => name === 'hash beside\n').length;
}

test('of a very large file one thread reads while another one hashes, and they find the same', async () => {
  await using dir = await tempDir();
  const [vast, sizeBytes] = await openedVast(join(dir.path, 'a.mp4'));
  await using source = vast;
  const print = await fingerprintLarge(source.file, partsOf(sizeBytes), never);
  expect(print).toEqual(await fingerprintFile(source.file, partsOf(sizeBytes), never));
});

type Ending = (file: string, stop: AbortController, reader: Worker) => unknown;
test.skipIf(process.platform !== 'linux').each<[string, string, Ending]>([
  ['is stopped', 'stopped', (_, stop) => stop.abort(new Error('stopped'))],
  ['becomes shorter', 'The file became shorter', (file) => truncate(file, MIB)],
  ['loses its reader', 'The thread was ended', (_file, _stop, reader) => reader.terminate()],
])('nobody hashes on when a very large file %s', async (_, why, end) => {
  let reader: Worker | undefined;
  const note = (started: Worker) => (reader = started);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const stop = new AbortController();
  const [vast, sizeBytes] = await openedVast(path, stop.signal);
  await using source = vast;
  let asked = 0;
  const file: SourceFile = {
    ...source.file,
    device: why, // A reader of its own.
    async lend(put) {
      if ((asked += 1) === 3) {
        await expect.poll(hashBeside).toBe(1);
        await end(path, stop, reader!);
      }
      return source.file.lend(put);
    },
  };
  const whole = fingerprintLarge(file, partsOf(sizeBytes), stop.signal);
  await expect(whole).rejects.toThrow(why);
  // With the reader that rests it would end by itself: this one is kept from resting.
  await using other = await openedRandom(join(dir.path, 'b.mp4'), MIB);
  const part = { number: 1, startByte: 0, sizeBytes: MIB };
  const left = async () => {
    await readLarge({ ...other.file, device: why }, part, new SharedArrayBuffer(MIB), never);
    return hashBeside();
  };
  await expect.poll(left).toBe(0);
});
