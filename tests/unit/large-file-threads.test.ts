/** @file How many threads read large files, and for how long they are there. */
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fingerprintFile } from '../../electron/engine/files/fingerprint.ts';
import { fingerprintLarge, readLarge } from '../../electron/engine/files/large-files.ts';
import type { SourceFile } from '../../electron/engine/files/source.ts';
import { MIB } from '../../shared/parts.ts';
import { never, openedEmpty, partsOf } from '../support/large-files.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Does something before a question of the file is put. */
function atQuestion(file: SourceFile, number: number, act: () => void): SourceFile {
  let asked = 0;
  return {
    ...file,
    lend: (put) => {
      if ((asked += 1) === number) act();
      return file.lend(put);
    },
  };
}

/** By threads that no other test has. */
const hashAlone = (file: SourceFile, sizeBytes: number) =>
  fingerprintLarge({ ...file, device: 'one of its own' }, partsOf(sizeBytes), never);

test('of a thread that dies no file goes on with another one, which does not know what was read', async () => {
  let worker: Worker | undefined;
  const note = (started: Worker) => {
    worker = started;
  };
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  await using dir = await tempDir();
  await using long = await openedEmpty(join(dir.path, 'long.mp4'), 192 * MIB);
  await using short = await openedEmpty(join(dir.path, 'short.mp4'), 128 * MIB);
  let second: Promise<unknown> | undefined;
  const killed = atQuestion(short.file, 2, () => void worker?.terminate());
  const begin = () => {
    second = hashAlone(killed, 128 * MIB).catch(String);
  };
  const first = await hashAlone(atQuestion(long.file, 2, begin), 192 * MIB).catch(String);
  const ended = 'Error: The thread was ended';
  expect([first, await second]).toEqual([ended, ended]);
  const again = await hashAlone(long.file, 192 * MIB);
  expect(again).toEqual(await fingerprintFile(long.file, partsOf(192 * MIB), never));
});

test('one thread hashes while another reads what is sent; where one comes after the other, one does both', async () => {
  let threads = 0;
  const count = () => void (threads += 1);
  process.on('worker', count);
  onTestFinished(() => void process.off('worker', count));
  await using dir = await tempDir();
  await using source = await openedEmpty(join(dir.path, 'a.mp4'), 9 * MIB);
  const file = { ...source.file, device: 'both at once' };
  const parts = partsOf(9 * MIB);
  const hash = () => fingerprintLarge(file, parts, never);
  const read = () => readLarge(file, parts[0]!, new SharedArrayBuffer(8 * MIB), never);
  await hash();
  await read();
  expect(threads).toBe(1);
  await Promise.all([hash(), read()]);
  expect(threads).toBe(2);
});

test('a thread ends when it has rested, and not while it is asked again and again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const threads: Worker[] = [];
  const note = (started: Worker) => void threads.push(started);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  await using dir = await tempDir();
  await using source = await openedEmpty(join(dir.path, 'a.mp4'), 9 * MIB);
  const file = { ...source.file, device: 'rests' };
  const read = () => readLarge(file, partsOf(9 * MIB)[0]!, new SharedArrayBuffer(8 * MIB), never);
  const isThere = () => threads.at(-1)!.threadId !== -1;
  await read();
  for (let i = 0; i < 3; i += 1) {
    vi.advanceTimersByTime(4_000);
    await read();
  }
  expect([threads.length, isThere()]).toEqual([1, true]);
  vi.advanceTimersByTime(5_000);
  vi.useRealTimers();
  await expect.poll(isThere).toBe(false);
  await read();
  expect(threads).toHaveLength(2);
});
