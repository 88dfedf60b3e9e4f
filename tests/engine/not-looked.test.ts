/** @file Nobody is told that all is safe while a folder is still being looked through: what is new in it is not known yet. */
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { safeToLeave } from '#shared/leave.ts';
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
