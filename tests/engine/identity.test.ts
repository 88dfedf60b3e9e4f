/** @file Promise: a recording keeps its object wherever its file goes. */
import { chmod, copyFile, mkdir, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hang, keysOf, objectBytes, randomFile, unfinishedUploads } from '../support/engine.ts';
import { rows, twoClasses } from '../support/two-classes.ts';

const past = new Date('2024-05-06T07:08:09Z');

describe('a recording that was sent sends no byte again and keeps its key', () => {
  test('when its file is renamed, or moved within the folder', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 2_000);
    await randomFile(join(at.bio, 'b.mp3'), 2_000);
    await at.sync();
    const before = new Map(rows(at.app).map(({ path, key }) => [path, key]));
    await rename(join(at.bio, 'a.mp3'), join(at.bio, 'Lecture 1.mp3'));
    await mkdir(join(at.bio, 'week 2'));
    await rename(join(at.bio, 'b.mp3'), join(at.bio, 'week 2', 'b.mp3'));
    await at.sync();
    expect(at.sent()).toBe(2);
    expect(rows(at.app)).toMatchObject([
      {
        path: join(at.bio, 'Lecture 1.mp3'),
        key: before.get(join(at.bio, 'a.mp3')),
        state: 'verified',
      },
      {
        path: join(at.bio, 'week 2', 'b.mp3'),
        key: before.get(join(at.bio, 'b.mp3')),
        state: 'verified',
      },
    ]);
  });

  test('when a whole folder of them is renamed, without their being read', async () => {
    await using at = await twoClasses();
    for (const n of [1, 2, 3]) await randomFile(join(at.bio, 'week 1', `${n}.mp3`), 1_000);
    await at.sync();
    const keys = rows(at.app).map(({ key }) => key);
    const jobs = () => at.app.engine.jobs.list(undefined, -1).map(({ id }) => id);
    const ids = jobs();
    await rename(join(at.bio, 'week 1'), join(at.bio, 'Cell division'));
    await at.sync();
    expect(at.sent()).toBe(3);
    expect(rows(at.app)).toMatchObject(
      [1, 2, 3].map((n, i) => ({
        path: join(at.bio, 'Cell division', `${n}.mp3`),
        key: keys[i],
        state: 'verified',
      })),
    );
    expect(jobs()).toEqual(ids); // The very same jobs: no second one was made and read.
  });

  test('when it is moved to a folder of another class: it stays in the first one, and says so', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await randomFile(join(at.bio, 'week 1', 'b.mp3'), 1_000);
    await at.sync();
    const keys = new Set(rows(at.app).map(({ key }) => key));
    await rename(join(at.bio, 'a.mp3'), join(at.chem, 'a.mp3'));
    await rename(join(at.bio, 'week 1'), join(at.chem, 'week 1'));
    await at.sync();
    expect(at.sent()).toBe(2);
    const stays = { to: 'bio-101', movedTo: 'chem-7', state: 'verified' };
    expect(rows(at.app)).toMatchObject([
      { path: join(at.chem, 'a.mp3'), ...stays },
      { path: join(at.chem, 'week 1', 'b.mp3'), ...stays },
    ]);
    expect(new Set(rows(at.app).map(({ key }) => key))).toEqual(keys);
  });

  test('when it is copied to another disk and deleted here: the bytes tell', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await at.sync();
    const [before] = rows(at.app);
    await copyFile(join(at.bio, 'a.mp3'), join(at.bio, 'copy.mp3'));
    await rm(join(at.bio, 'a.mp3'));
    await at.sync();
    expect(at.sent()).toBe(1);
    expect(rows(at.app)).toEqual([{ ...before, path: join(at.bio, 'copy.mp3') }]);
  });

  test('when it is only touched, such as by chmod', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await at.sync();
    const before = rows(at.app);
    await chmod(join(at.bio, 'a.mp3'), 0o600);
    await at.sync();
    expect(at.sent()).toBe(1);
    expect(rows(at.app)).toEqual(before);
    const looked = at.s3.requests.length;
    await at.sync();
    expect(at.s3.requests.length).toBe(looked); // Once known again, it is not read again.
  });

  test('when files take each other’s names, as recorders do that number from the newest', async () => {
    await using at = await twoClasses();
    const bytes = new Map<string, Buffer>();
    for (const n of [1, 2])
      bytes.set(`${n}`, await randomFile(join(at.bio, `rec.${n}.mp3`), 1_000));
    await at.sync();
    await rename(join(at.bio, 'rec.2.mp3'), join(at.bio, 'rec.3.mp3'));
    await rename(join(at.bio, 'rec.1.mp3'), join(at.bio, 'rec.2.mp3'));
    await randomFile(join(at.bio, 'rec.1.mp3'), 1_000);
    await at.sync();
    expect(at.sent()).toBe(3);
    const stored = rows(at.app);
    expect(stored.map(({ path, state }) => [path, state])).toEqual(
      [1, 2, 3].map((n) => [join(at.bio, `rec.${n}.mp3`), 'verified']),
    );
    expect(await objectBytes(at.app.remote, stored[1]!.key!)).toEqual(bytes.get('1'));
    expect(await objectBytes(at.app.remote, stored[2]!.key!)).toEqual(bytes.get('2'));
  });
});

describe('a recording that waits', () => {
  test('keeps its place and key when it is renamed, and the parts that were sent', async () => {
    let isCut = true;
    await using at = await twoClasses({
      wrap: (remote) => ({
        ...remote,
        putPart: (...args) => (isCut && args[2] > 1 ? hang(args[5]) : remote.putPart(...args)),
      }),
    });
    const path = join(at.bio, 'long.mp4');
    const bytes = await randomFile(path, 20_000_000);
    at.app.engine.start();
    await expect.poll(() => at.s3.count('UploadPart')).toBe(1);
    at.app.engine.queue.setPaused(true);
    await expect.poll(() => rows(at.app)).toMatchObject([{ state: 'queued' }]);
    const key = rows(at.app)[0]!.key!;
    await rename(path, join(at.bio, 'renamed.mp4'));
    await expect
      .poll(() => rows(at.app))
      .toMatchObject([{ path: join(at.bio, 'renamed.mp4'), key, state: 'queued' }]);
    isCut = false;
    at.app.engine.queue.setPaused(false);
    await expect.poll(() => rows(at.app)).toMatchObject([{ state: 'verified' }]);
    expect(at.s3.count('UploadPart')).toBe(3);
    expect((await objectBytes(at.app.remote, key)).equals(bytes)).toBe(true);
  });

  test.each([false, true])(
    'goes to the class of the folder that it is moved to (while it is being sent: %s)',
    async (isRunning) => {
      let isShut = true;
      let waiting = 0;
      await using at = await twoClasses({
        wrap: (remote) => ({
          ...remote,
          putPart(...args) {
            if (!isShut) return remote.putPart(...args);
            waiting += 1;
            return hang(args[5]);
          },
        }),
      });
      const path = join(at.bio, 'long.mp4');
      await randomFile(path, 20_000_000);
      at.app.engine.start();
      await expect.poll(() => waiting).toBe(3); // All of its parts.
      if (!isRunning) at.app.engine.queue.setPaused(true);
      await expect
        .poll(() => rows(at.app))
        .toMatchObject([{ state: isRunning ? 'uploading' : 'queued' }]);
      isShut = false;
      await rename(path, join(at.chem, 'long.mp4'));
      const isWaiting = () => rows(at.app).some(({ to }) => isRunning || to === 'chem-7');
      await expect.poll(isWaiting).toBe(true);
      at.app.engine.queue.setPaused(false);
      await expect
        .poll(() => rows(at.app).filter(({ state }) => state === 'verified'))
        .toMatchObject([{ path: join(at.chem, 'long.mp4'), to: 'chem-7', movedTo: undefined }]);
      expect(await keysOf(at.app.remote)).toEqual([
        expect.stringMatching(/^audio\/chem-7\/[^/]+\.mp4$/),
      ]);
      await expect.poll(() => unfinishedUploads(at.s3)).toEqual([]);
    },
  );
});

describe('another file is not mistaken for a known one', () => {
  test('that got the number, size and time of one that was deleted', async () => {
    await using at = await twoClasses();
    await randomFile(join(at.bio, 'a.mp3'), 1_000);
    await utimes(join(at.bio, 'a.mp3'), past, past);
    await at.sync();
    await rm(join(at.bio, 'a.mp3'));
    const bytes = await randomFile(join(at.bio, 'b.mp3'), 1_000);
    await utimes(join(at.bio, 'b.mp3'), past, past);
    await at.sync();
    expect(at.sent()).toBe(2);
    const b = rows(at.app).find(({ path }) => path.endsWith('b.mp3'));
    expect(await objectBytes(at.app.remote, b!.key!)).toEqual(bytes);
  });

  test.each(['overwritten in place', 'replaced by another'])(
    'that was %s, with size and time put back',
    async (how) => {
      await using at = await twoClasses();
      const path = join(at.bio, 'a.mp3');
      await randomFile(path, 1_000);
      await utimes(path, past, past);
      await at.sync();
      const other = how.startsWith('over') ? path : join(at.bio, '.next');
      const bytes = await randomFile(other, 1_000);
      await utimes(other, past, past);
      if (other !== path) await rename(other, path);
      await at.sync();
      expect(at.sent()).toBe(2);
      const stored = await Promise.all(
        rows(at.app).map(async ({ key }) => objectBytes(at.app.remote, key!)),
      );
      expect(stored.some((one) => one.equals(bytes))).toBe(true);
      expect(await at.sync()).toMatchObject({ verified: 0, uploaded: 0 });
    },
  );
});

test('recordings whose names differ only in case, or in the form of an accent, are two', async () => {
  await using at = await twoClasses();
  const names = [
    'Cells.mp3',
    'CELLS.mp3',
    'Café.mp3'.normalize('NFC'),
    'Café.mp3'.normalize('NFD'),
  ];
  for (const name of names) await randomFile(join(at.bio, name), 1_000);
  const { length } = await readdir(at.bio); // Fewer where the disk takes them for one name.
  await at.sync();
  await at.sync();
  expect(at.sent()).toBe(length);
  expect(rows(at.app).map(({ state }) => state)).toEqual(Array(length).fill('verified'));
});
