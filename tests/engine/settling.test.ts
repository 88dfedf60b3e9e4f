import { appendFile, open, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { judgeFile, judgeHead } from '../../electron/engine/container/judge.ts';
import { complete, unfinished } from '../../electron/engine/container/verdict.ts';
import { createSettle, type SettleOptions } from '../../electron/engine/watch/settle.ts';
import { look, type Sighting } from '../../electron/engine/watch/scan.ts';
import { SINGLE_PUT_BYTES } from '../../shared/parts.ts';
import { openTestEngine } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const QUIET_MS = 150;

async function see(path: string): Promise<Sighting> {
  const found = await look(path);
  if (found.kind !== 'file') throw new Error(`${path}: ${found.reason}`);
  return found.sighting;
}

/** Settling with a record of what it said, and when. */
function startSettling(options: Partial<SettleOptions> = {}) {
  const settled: { path: string; sizeBytes: number }[] = [];
  const gone: string[] = [];
  const errors: unknown[] = [];
  const settle = createSettle({
    quietMs: QUIET_MS,
    graceMs: 0,
    monotonicMs: () => performance.now(),
    onWaiting: () => {},
    onSettled: ({ path, sizeBytes }) => void settled.push({ path, sizeBytes }),
    onGone: (path) => gone.push(path),
    onError: (_path, error) => errors.push(error),
    ...options,
  });
  return { settle, settled, gone, errors, [Symbol.dispose]: () => settle.stop() };
}

describe('a file', () => {
  test('that grows is held until it has not changed for the quiet time, whoever saw it first', async () => {
    await using dir = await tempDir();
    const clock = { now: 0 };
    using watch = startSettling({ monotonicMs: () => clock.now });
    const growing = join(dir.path, 'growing.mp4');
    const still = join(dir.path, 'still.mp4');
    await writeFile(growing, 'x');
    await writeFile(still, 'x');
    // As a scan at the start finds them: both there, one of them still being written.
    for (const path of [growing, still]) watch.settle.observe(await see(path));
    const settled = () => watch.settled.map(({ path, sizeBytes }) => [path, sizeBytes]);
    for (let n = 0; n < 12; n++) {
      await appendFile(growing, 'x');
      clock.now += QUIET_MS / 4;
      // As the watcher does: it names the file, or does not.
      if (n % 3 === 0) watch.settle.observe(await see(growing));
    }
    await expect.poll(settled).toEqual([[still, 1]]);
    clock.now += QUIET_MS;
    await expect.poll(() => watch.settle.list()[0]?.sighting.sizeBytes).toBe(13);
    // Seen as it is now, and not for the quiet time yet.
    expect(settled()).toEqual([[still, 1]]);
    clock.now += QUIET_MS;
    await expect.poll(settled).toEqual([
      [still, 1],
      [growing, 13],
    ]);
    expect(watch.settle.size).toBe(0);
  });

  test('whose size and time of change are put back is still seen to have changed', async () => {
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp3');
    await writeFile(path, 'first');
    const past = new Date('2020-01-01T00:00:00Z');
    await utimes(path, past, past);
    const clock = { now: 0 };
    using watch = startSettling({ monotonicMs: () => clock.now });
    watch.settle.observe(await see(path));
    await writeFile(path, 'other');
    await utimes(path, past, past);
    clock.now = QUIET_MS;
    // The look at the end of the first quiet time finds another ctime, and a new wait begins.
    await expect
      .poll(() => watch.settle.list()[0]?.sighting.ctimeNs)
      .toBe((await see(path)).ctimeNs);
    expect(watch.settled).toEqual([]);
    clock.now += QUIET_MS;
    await expect.poll(() => watch.settled.length).toBe(1);
  });

  test('that is replaced by another of the same size and time waits anew', async () => {
    await using dir = await tempDir();
    const [path, other] = [join(dir.path, 'a.mp3'), join(dir.path, 'b.mp3')];
    const past = new Date('2020-01-01T00:00:00Z');
    for (const file of [path, other]) {
      await writeFile(file, 'bytes');
      await utimes(file, past, past);
    }
    const clock = { now: 0 };
    using watch = startSettling({ monotonicMs: () => clock.now });
    const before = await see(path);
    watch.settle.observe(before);
    await rename(other, path);
    clock.now = QUIET_MS;
    await expect.poll(() => watch.settle.list()[0]?.sighting.inode).not.toBe(before.inode);
    expect(watch.settled).toEqual([]);
  });

  test('that is large and the same for half of its quiet time is told of, once while it is waited for', async () => {
    await using dir = await tempDir();
    const clock = { now: 0 };
    const told: string[] = [];
    const looks = { here: 0 };
    using watch = startSettling({
      monotonicMs: () => clock.now,
      onHalfQuiet: ({ path, sizeBytes }) => told.push(`${basename(path)} ${sizeBytes}`),
      judge: ({ path }) => {
        looks.here += 1;
        return Promise.resolve(path.includes('open') ? unfinished('no-index') : complete);
      },
    });
    const sizeBytes = SINGLE_PUT_BYTES + 1;
    for (const [name, bytes] of [
      ['large', sizeBytes],
      ['open-ended', sizeBytes],
      ['small', sizeBytes - 1],
    ] as const) {
      const path = join(dir.path, name);
      await writeFile(path, '');
      await truncate(path, bytes);
      watch.settle.observe(await see(path));
    }
    clock.now = QUIET_MS / 2;
    await expect.poll(() => looks.here).toBe(2);
    await expect.poll(() => told).toEqual([`large ${sizeBytes}`]);
    expect(watch.settled).toEqual([]);
    const path = join(dir.path, 'large');
    await appendFile(path, 'more');
    watch.settle.observe(await see(path));
    clock.now += QUIET_MS;
    await expect.poll(() => watch.settled.length).toBe(3);
    expect(told).toEqual([`large ${sizeBytes}`]);
  });

  test('that vanishes is let go and said to be gone; when it is back it settles again', async () => {
    await using dir = await tempDir();
    using watch = startSettling();
    const path = join(dir.path, 'a.mp3');
    await writeFile(path, 'x');
    watch.settle.observe(await see(path));
    await rm(path);
    await expect.poll(() => watch.gone).toEqual([path]);
    await writeFile(path, 'back');
    watch.settle.observe(await see(path));
    await expect.poll(() => watch.settled.map(({ sizeBytes }) => sizeBytes)).toEqual([4]);
  });

  test('that shrinks, even to nothing, is a file that changes', async () => {
    await using dir = await tempDir();
    using watch = startSettling();
    const path = join(dir.path, 'a.mp3');
    await writeFile(path, 'xyz');
    watch.settle.observe(await see(path));
    await truncate(path, 0);
    await expect.poll(() => watch.settled.map(({ sizeBytes }) => sizeBytes)).toEqual([0]);
  });
});

describe('settling', () => {
  test('does not go by the time of day: only the clock that never jumps counts', async () => {
    await using dir = await tempDir();
    const clock = { now: 1_000 };
    using watch = startSettling({ monotonicMs: () => clock.now });
    const path = join(dir.path, 'a.mp3');
    await writeFile(path, 'x');
    watch.settle.observe(await see(path));
    const beganMs = Date.now();
    await vi.waitUntil(() => Date.now() > beganMs + 2 * QUIET_MS, { timeout: 20_000 });
    expect(watch.settled).toEqual([]);
    clock.now += QUIET_MS;
    await expect.poll(() => watch.settled.length).toBe(1);
  });

  test('goes on when a file cannot be taken in: the others are, and it is tried again', async () => {
    await using dir = await tempDir();
    let isFull = true;
    const taken: string[] = [];
    using watch = startSettling({
      onSettled: ({ path }) => {
        if (isFull && path.endsWith('0.mp3')) throw new Error('the disk is full');
        taken.push(path);
      },
    });
    const paths = [0, 1, 2].map((n) => join(dir.path, `${n}.mp3`));
    for (const path of paths) {
      await writeFile(path, 'x');
      watch.settle.observe(await see(path));
    }
    await expect.poll(() => [taken.length, watch.errors.length > 0]).toEqual([2, true]);
    isFull = false;
    await expect.poll(() => taken.toSorted()).toEqual(paths);
  });

  test('goes on when a look at one file fails in a way that nobody expected', async () => {
    await using dir = await tempDir();
    const [bad, good] = ['a.mp3', 'b.mp3'].map((name) => join(dir.path, name));
    for (const path of [bad!, good!]) await writeFile(path, 'sound');
    let failures = 0;
    using watch = startSettling({
      judge: async ({ path }) => {
        if (path === bad && (failures += 1) < 3) throw new Error('nobody expected this');
        return { kind: 'complete' };
      },
    });
    for (const path of [bad!, good!]) watch.settle.observe(await see(path));
    await expect.poll(() => watch.settled.map(({ path }) => path)).toEqual([good, bad]);
    expect(watch.errors).toHaveLength(2);
  });

  test('judges hundreds by the first bytes that a thread has read, and reads on only where these do not tell', async () => {
    await using dir = await tempDir();
    const names = Array.from({ length: 1_100 }, (_, n) => `${n}.mp3`);
    const at = (name: string) => join(dir.path, name);
    const special = ['<!DOCTYPE html>', 'ID3 and then no sound', ''];
    await Promise.all(names.map((name, n) => writeFile(at(name), special[n] ?? `notes ${n}`)));
    const sightings = await Promise.all(names.map((name) => see(at(name))));
    const clock = { now: 0 };
    const readOn: string[] = [];
    const kinds = new Map<string, string>();
    using watch = startSettling({
      monotonicMs: () => clock.now,
      judgeHead,
      async judge(sighting) {
        readOn.push(sighting.path);
        return judgeFile(sighting);
      },
      onSettled: ({ path }, verdict) => void kinds.set(path, verdict.kind),
    });
    for (const sighting of sightings.toReversed()) watch.settle.observe(sighting);
    clock.now += QUIET_MS;
    await expect.poll(() => kinds.size).toBe(names.length);
    const expected = await Promise.all(sightings.map(async (each) => (await judgeFile(each)).kind));
    expect(sightings.map(({ path }) => kinds.get(path))).toEqual(expected);
    expect(expected.slice(0, 4)).toEqual(['kept', 'unfinished', 'empty', 'unknown']);
    // Few are judged one by one, until a thread pays, and one whose bytes go on.
    expect(readOn).toContain(at('1.mp3'));
    expect(readOn).not.toContain(at('2.mp3'));
    expect(readOn.length).toBeLessThan(names.length / 2);
  });

  test('takes a folder of 200,000 files', async () => {
    await using dir = await tempDir();
    const clock = { now: 0 };
    using watch = startSettling({ monotonicMs: () => clock.now, quietMs: 20 });
    const path = join(dir.path, 'a.mp3');
    await writeFile(path, 'x');
    const sighting = await see(path);
    watch.settle.observe(sighting);
    clock.now = 20;
    for (let n = 0; n < 200_000; n++) watch.settle.observe({ ...sighting, path: `/none/${n}.mp3` });
    await expect.poll(() => watch.settled.length).toBe(1);
    // Settling goes on after the first look: the next finds the others gone.
    clock.now = 40;
    await expect.poll(() => watch.gone.length).toBeGreaterThan(0);
  });
});

test.skipIf(process.platform !== 'linux')(
  'a recorder that pauses for longer than the quiet time but keeps its file open is waited for',
  async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using folder = await tempDir();
    await using app = openTestEngine(s3, dir.path, { quietMs: 200 });
    await app.engine.addFolder(folder.path, {
      kind: 'audio',
      classId: 'bio-101',
      userId: 'teacher-7',
      include: [],
      exclude: [],
    });
    const path = join(folder.path, 'paused.mp4');
    const recorder = await open(path, 'w');
    await recorder.write('first half, ');
    app.engine.start();
    // Another file, closed and as old, goes through meanwhile: the pause was long enough.
    await writeFile(join(folder.path, 'done.mp4'), 'done');
    const verified = () => app.engine.jobs.list('verified', 10).map((job) => job.path);
    await expect.poll(verified).toEqual([join(folder.path, 'done.mp4')]);
    // It may have been seen a little later.
    const settling = () => app.engine.settling();
    await expect.poll(settling).toMatchObject([{ sighting: { path, sizeBytes: 12 }, why: 'open' }]);
    await recorder.write('second half');
    await recorder.close();
    await expect.poll(verified).toContain(path);
    expect(app.engine.jobs.ofPath(path)).toMatchObject([{ sizeBytes: 23 }]);
  },
);
