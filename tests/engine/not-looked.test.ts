/** @file Nobody is told that all is safe while a folder is still being looked through, or is away: what is new in it is not known. */
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { safeToLeave } from '#shared/leave.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { bioClass, countingServer, openTestEngine } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

test('at the start, and when a folder is back, until the scan has ended', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const [path, away] = [join(dir.path, 'usb'), join(dir.path, 'away')];
  await mkdir(path);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { engine } = app;
  const reason = () =>
    safeToLeave({ counts: {}, ...engine.outside(), refuted: 0, followed: 1 }).reason;
  const told: string[] = [];
  engine.events.on((event) => {
    if (event.type === 'folder') told.push(`${event.state}: ${reason()}`);
    else if (event.type === 'scanned') told.push(`scanned: ${reason()}`);
  });
  await engine.addFolder(path, bioClass);
  expect(reason()).toBe('1 folder is still being looked through.');
  engine.start();
  await expect
    .poll(() => told)
    .toEqual([
      'watching: 1 folder is still being looked through.',
      'scanned: There is nothing to upload.',
    ]);
  told.length = 0;
  await rename(path, away);
  await expect.poll(() => told).toContain('not-connected: 1 folder is not connected.');
  await rename(away, path);
  await expect.poll(reason).toBe('There is nothing to upload.');
  expect(told).toContain('watching: 1 folder is still being looked through.');
});

test('after its rule was changed, until what that lets in was looked for', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'usb');
  await mkdir(path);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { engine } = app;
  await engine.addFolder(path, { ...bioClass, exclude: ['*.wav'] });
  engine.start();
  await expect.poll(() => engine.outside().notLooked).toBe(0);
  await engine.addFolder(path, bioClass);
  expect(engine.outside().notLooked).toBe(1);
  await expect.poll(() => engine.outside().notLooked).toBe(0);
});

test('a folder that is away counts as that from when anybody has heard it', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'usb');
  await mkdir(path);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { id } = await app.engine.addFolder(path, bioClass);
  app.engine.jobs.setAway(id, true);
  expect(app.engine.outside()).toMatchObject({ notLooked: 0, notConnected: 1 });
});

test('no folder is given the number of one that was taken off the list', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const [first, second] = [join(dir.path, 'first'), join(dir.path, 'second')];
  for (const path of [first, second]) await mkdir(path);
  const ids: number[] = [];
  for (const path of [first, second, first]) {
    await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
    const folders = folderStore(app.home.database, Date.now);
    for (const known of folders.list()) folders.remove(known.path);
    ids.push((await app.engine.addFolder(path, bioClass)).id);
  }
  expect(new Set(ids).size).toBe(3);
});
