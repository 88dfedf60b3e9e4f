/** @file Promise: discovery is complete even if every event of the file system is lost. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { bioClass, keysOf, openTestEngine, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

vi.mock(import('../../electron/engine/watch.ts'), () => ({
  watchFolder: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
}));

test('with a watcher that says nothing, the scan alone finds and sends every recording once', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 150 });
  await randomFile(join(folder.path, 'before.mp3'), 1_000);
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const names = () =>
    app.engine.jobs
      .list('verified', -1)
      .map(({ name }) => name)
      .toSorted((a, b) => (a < b ? -1 : 1));
  await expect.poll(names).toEqual(['before.mp3']);
  await randomFile(join(folder.path, 'after.mp3'), 1_000);
  await randomFile(join(dir.path, 'moved', 'deep', 'in.mp3'), 1_000);
  await rename(join(dir.path, 'moved'), join(folder.path, 'moved'));
  await expect.poll(names, { timeout: 10_000 }).toEqual(['after.mp3', 'before.mp3', 'in.mp3']);
  expect(await keysOf(app.remote)).toHaveLength(3);
});

test('what arrived while the computer slept is found when it wakes, long before the next scan', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 3_600_000 });
  await randomFile(join(folder.path, 'before.mp3'), 1_000);
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const stored = () => app.engine.jobs.list('verified', -1).length;
  await expect.poll(stored).toBe(1);
  await randomFile(join(folder.path, 'while asleep.mp3'), 1_000);
  app.engine.woke();
  await expect.poll(stored).toBe(2);
});
