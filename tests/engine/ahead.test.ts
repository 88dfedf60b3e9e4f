import { randomBytes } from 'node:crypto';
import { readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createAhead } from '../../electron/engine/watch/ahead.ts';
import { fingerprintFile } from '../../electron/engine/files/fingerprint.ts';
import { fingerprintLarge } from '../../electron/engine/files/large-files.ts';
import { look, type Sighting } from '../../electron/engine/watch/scan.ts';
import { openSource } from '../../electron/engine/files/source.ts';
import type { FolderRule } from '../../electron/engine/store/folders.ts';
import { MIB, partBytesFor, planParts } from '../../shared/parts.ts';
import {
  bioClass,
  countingServer,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

// Only counted.
vi.mock(import('../../electron/engine/files/large-files.ts'), async (original) => {
  const all = await original();
  return { ...all, fingerprintLarge: vi.fn<typeof all.fingerprintLarge>(all.fingerprintLarge) };
});
const reading = vi.mocked(fingerprintLarge);

const never = new AbortController().signal;
const past = new Date('2026-01-02T03:04:05Z');
const QUIET_MS = 100;
const SIZE = 9 * MIB + 5;

async function recordingIn(dir: string, name = 'a.mp3', sizeBytes = SIZE): Promise<string> {
  const path = join(dir, name);
  await randomFile(path, sizeBytes);
  await utimes(path, past, past);
  return path;
}

async function sightingOf(path: string): Promise<Sighting> {
  const found = await look(path);
  if (found.kind !== 'file') throw new Error(found.reason);
  return found.sighting;
}

/** @param disk In the place of its own. */
async function sightingIn(dir: string, name: string, disk?: string): Promise<Sighting> {
  const sighting = await sightingOf(await recordingIn(dir, name));
  return { ...sighting, device: disk ?? sighting.device };
}

/** An engine that follows a folder with one large recording in it, by a clock that the test moves. */
async function settling(rule = bioClass) {
  const stack = new AsyncDisposableStack();
  const [dir, home] = [stack.use(await tempDir()), stack.use(await tempDir())];
  const server = stack.use(await countingServer());
  const path = await recordingIn(dir.path);
  const clock = { now: 0 };
  const own = openTestEngine(server, home.path, {
    quietMs: QUIET_MS,
    monotonicMs: () => clock.now,
  });
  const { engine, remote } = stack.use(own);
  onTestFinished(() => stack.disposeAsync());
  reading.mockClear();
  await engine.addFolder(dir.path, rule);
  engine.start();
  await expect.poll(() => engine.settling().length).toBe(1);
  const sent = async () => objectBytes(remote, (await keysOf(remote))[0]!);
  const verified = () => engine.jobs.list('verified', -1).length;
  const readInQuiet = async () => {
    clock.now += QUIET_MS / 2;
    await expect.poll(() => reading.mock.results.length).toBe(1);
    await reading.mock.results[0]!.value;
  };
  return { engine, path, clock, sent, verified, readInQuiet };
}

test('a large recording is read while it settles, and not once more before it is sent', async () => {
  const { clock, verified, readInQuiet, sent, path } = await settling();
  await readInQuiet();
  expect(verified()).toBe(0);
  clock.now += QUIET_MS / 2;
  await expect.poll(verified).toBe(1);
  expect(reading).toHaveBeenCalledTimes(1);
  expect((await sent()).equals(await readFile(path))).toBe(true);
});

test('what was read is of no use for a recording that was overwritten since, with size and time as before', async () => {
  const { engine, clock, verified, readInQuiet, sent, path } = await settling();
  await readInQuiet();
  engine.queue.setPaused(true);
  clock.now += QUIET_MS / 2;
  await expect.poll(() => engine.jobs.list('queued', -1).length).toBe(1);
  const other = randomBytes(SIZE);
  await writeFile(path, other);
  await utimes(path, past, past);
  engine.queue.setPaused(false);
  await expect.poll(verified).toBe(1);
  expect(reading).toHaveBeenCalledTimes(2);
  expect((await sent()).equals(other)).toBe(true);
});

test('a recording that changes while it is read settles anew, and is read once more when it is sent', async () => {
  const { clock, verified, readInQuiet, sent, path } = await settling();
  const other = randomBytes(SIZE);
  const { fingerprintLarge: read } = await vi.importActual<
    typeof import('../../electron/engine/files/large-files.ts')
  >('../../electron/engine/files/large-files.ts');
  reading.mockImplementationOnce(async (...args) => {
    const print = await read(...args);
    await writeFile(path, other);
    await utimes(path, past, past);
    return print;
  });
  await readInQuiet();
  // Its changes may be seen one after the other, each the begin of a quiet time.
  const later = () => {
    clock.now += QUIET_MS / 2;
    return verified();
  };
  await expect.poll(later).toBe(1);
  // By its job, and not in its second quiet time: it might go on changing now and then.
  expect(reading).toHaveBeenCalledTimes(2);
  expect((await sent()).equals(other)).toBe(true);
});

test.each<[string, FolderRule, boolean, 'queued' | 'held']>([
  ['while uploads are paused', bioClass, true, 'queued'],
  ['that nobody knows the class of', { ...bioClass, classId: undefined }, false, 'held'],
])('a recording %s is not read before it is sent', async (_, rule, isPaused, kind) => {
  const { engine, clock } = await settling(rule);
  engine.queue.setPaused(isPaused);
  clock.now += QUIET_MS / 2;
  await expect.poll(() => engine.settling().length).toBe(1);
  clock.now += QUIET_MS / 2;
  await expect.poll(() => engine.jobs.list(kind, -1).length).toBe(1);
  expect(reading).not.toHaveBeenCalled();
});

describe('of what is read ahead', () => {
  const options = { inMs: 0, isWanted: () => true, stopping: never };

  test('each file is what it is when it is sent, and told once', async () => {
    await using dir = await tempDir();
    const path = await recordingIn(dir.path);
    const sighting = await sightingOf(path);
    const ahead = createAhead(options);
    await ahead.begin(sighting);
    await using source = await openSource(sighting, never);
    const partBytes = partBytesFor(SIZE);
    const take = () => ahead.take(path, source.opened, partBytes, never);
    const parts = planParts(SIZE, partBytes);
    expect(await take()).toEqual(await fingerprintFile(source.file, parts, never));
    expect(await take()).toBeUndefined();
  });

  test.each<[string, (path: string, bytes: Buffer) => Promise<void>]>([
    ['overwritten', (path, bytes) => writeFile(path, bytes)],
    [
      'replaced by another',
      async (path, bytes) => {
        await writeFile(`${path}.part`, bytes);
        await rename(`${path}.part`, path);
      },
    ],
  ])(
    'nothing fits a file that was %s since, whose size and time are the same',
    async (_, change) => {
      await using dir = await tempDir();
      const path = await recordingIn(dir.path);
      const sighting = await sightingOf(path);
      const ahead = createAhead(options);
      await ahead.begin(sighting);
      await change(path, randomBytes(SIZE));
      await utimes(path, past, past);
      await using source = await openSource(sighting, never);
      expect(await ahead.take(path, source.opened, partBytesFor(SIZE), never)).toBeUndefined();
    },
  );

  test('nothing fits a file that is cut elsewhere', async () => {
    await using dir = await tempDir();
    const path = await recordingIn(dir.path);
    const sighting = await sightingOf(path);
    const ahead = createAhead(options);
    await ahead.begin(sighting);
    await using source = await openSource(sighting, never);
    expect(await ahead.take(path, source.opened, 5 * MIB, never)).toBeUndefined();
  });

  test('a few are enough, and what nobody sent makes room for the next', async () => {
    await using dir = await tempDir();
    const names = [1, 2, 3, 4, 5, 6].map((n) => `${n}.mp3`);
    const paths = await Promise.all(names.map((name) => recordingIn(dir.path, name)));
    const all = await Promise.all(paths.map(sightingOf));
    reading.mockClear();
    const ahead = createAhead(options);
    await Promise.all(all.map((each) => ahead.begin(each)));
    expect(reading).toHaveBeenCalledTimes(4);
    await ahead.begin(all[5]!);
    expect(reading).toHaveBeenCalledTimes(5);
    const of = async (i: number) => {
      await using source = await openSource(all[i]!, never);
      return ahead.take(paths[i]!, source.opened, partBytesFor(SIZE), never);
    };
    expect([await of(0), (await of(5))?.sizeBytes]).toEqual([undefined, SIZE]);
  });

  test('of a disk one is read after the other, and as many as can be read while they settle', async () => {
    await using dir = await tempDir();
    const names = ['1.mp3', '2.mp3', '3.mp3', '4.mp3', '5.mp3', '6.mp3'];
    const all = await Promise.all(names.map((name) => sightingIn(dir.path, name)));
    reading.mockClear();
    let [atOnce, most] = [0, 0];
    const { fingerprintLarge: read } = await vi.importActual<
      typeof import('../../electron/engine/files/large-files.ts')
    >('../../electron/engine/files/large-files.ts');
    reading.mockImplementation(async (...args) => {
      most = Math.max(most, (atOnce += 1));
      return read(...args).finally(() => (atOnce -= 1));
    });
    onTestFinished(() => void reading.mockImplementation(read));
    // Five of them are 47 MB, and the sixth would not be read in time.
    const ahead = createAhead({ ...options, inMs: 50 });
    await Promise.all(all.map((each) => ahead.begin(each)));
    expect([reading.mock.calls.length, most]).toEqual([5, 1]);
    expect(reading.mock.calls.map(([{ path }]) => path)).toEqual(
      all.slice(0, 5).map(({ path }) => path),
    );
  });

  test('whoever sends one that is in line yet does not wait for those before it, and nor does another disk', async () => {
    await using dir = await tempDir();
    const first = await sightingIn(dir.path, '1.mp3');
    const second = await sightingIn(dir.path, '2.mp3');
    const elsewhere = await sightingIn(dir.path, '3.mp3', 'another');
    reading.mockClear();
    const silence = Promise.withResolvers<never>();
    reading.mockReturnValueOnce(silence.promise);
    const ahead = createAhead(options);
    const begun = [ahead.begin(first)];
    await expect.poll(() => reading.mock.calls.length).toBe(1);
    begun.push(ahead.begin(second));
    await ahead.begin(elsewhere);
    await using source = await openSource(second, never);
    expect(await ahead.take(second.path, source.opened, partBytesFor(SIZE), never)).toBeUndefined();
    silence.reject(new Error('over'));
    await Promise.all(begun);
    // Who sends it reads it.
    expect(reading.mock.calls.map(([{ path }]) => path)).toEqual([first.path, elsewhere.path]);
  });

  test.each<[string, (path: string) => boolean]>([
    ['is not wanted any more', () => false],
    [
      'is seen to change',
      (path) => {
        stopped.drop(path);
        return true;
      },
    ],
  ])('a file that %s is not read to its end', async (_, act) => {
    await using dir = await tempDir();
    const path = await recordingIn(dir.path, 'a.mp3', 96 * MIB);
    let asked = 0;
    const isWanted = () => (asked += 1) < 4 || act(path);
    stopped = createAhead({ ...options, isWanted });
    const sighting = await sightingOf(path);
    await stopped.begin(sighting);
    expect(asked).toBeLessThan(6);
    await using source = await openSource(sighting, never);
    const partBytes = partBytesFor(sighting.sizeBytes);
    expect(await stopped.take(path, source.opened, partBytes, never)).toBeUndefined();
  });
  let stopped: ReturnType<typeof createAhead>;
});
