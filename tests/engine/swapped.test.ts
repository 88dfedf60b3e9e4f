/** @file Promise: what another disk brings is not taken for a recording of the one that it replaces. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bioClass, openTestEngine, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test('another folder in the place of a watched one gives nothing, also in the moments before it is noticed', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'stick');
  await randomFile(join(path, 'lecture.mp3'), 1_000);
  await using app = openTestEngine(s3, join(dir.path, 'app'), { quietMs: 50, rescanMs: 600_000 });
  let isAway = false;
  app.engine.events.on((event) => {
    if (event.type === 'folder' && event.state === 'not-connected') isAway = true;
  });
  await app.engine.addFolder(path, bioClass);
  app.engine.start();
  const names = () => app.engine.jobs.list(undefined, -1).map(({ name }) => name);
  await expect.poll(() => app.engine.jobs.list('verified', -1).length, { timeout: 20_000 }).toBe(1);
  await rename(path, `${path} taken out`);
  await randomFile(join(path, 'private.mp3'), 1_000);
  await expect.poll(() => isAway, { timeout: 20_000 }).toBe(true);
  expect(names()).toEqual(['lecture.mp3']);
}, 60_000);
