/** @file Promise: what another disk brings is not taken for a recording of the one that it replaces. */
import { createHook } from 'node:async_hooks';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { createPresence } from '../../electron/engine/watch/presence.ts';
import { look } from '../../electron/engine/watch/scan.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
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
  await expect.poll(() => app.engine.jobs.list('verified', -1).length).toBe(1);
  await rename(path, `${path} taken out`);
  await randomFile(join(path, 'private.mp3'), 1_000);
  await expect.poll(() => isAway).toBe(true);
  expect(names()).toEqual(['lecture.mp3']);
}, 60_000);

test('one look tells a folder that is the same from another one in its place, also where its number is given again', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'stick');
  await randomFile(join(path, 'lecture.mp3'), 1_000);
  const home = openHome({ path: join(dir.path, 'home') });
  const folders = folderStore(home.database, Date.now);
  const jobs = jobStore(home.database, Date.now);
  const folder = folders.put(path, bioClass);
  const presence = createPresence(folders, jobs);
  const found = await look(join(path, 'lecture.mp3'));
  if (found.kind === 'file') createIntake(jobs, Date.now).accept(found.sighting, folder);
  const looks: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    let asked = 0;
    const hook = createHook({ init: (_, type) => void (asked += Number(type === 'FSREQPROMISE')) });
    hook.enable();
    expect(await presence(folder)).toBe('here');
    hook.disable();
    looks.push(asked);
  }
  expect(looks[0]).toBeGreaterThan(5);
  expect(Math.min(...looks)).toBe(1); // Something else in the process may look as well.

  await rename(path, `${path} taken out`);
  expect(await presence(folder)).toBe('away');
  await randomFile(join(path, 'private.mp3'), 1_000);
  expect(await presence(folder)).toBe('other');
  await rm(path, { recursive: true });
  await rename(`${path} taken out`, path);
  for (let i = 0; i < 3; i += 1) expect(await presence(folder)).toBe('here');

  // One that was deleted, and its number given to this one.
  const { root, ...rest } = folders.identity(folder.id)!;
  folders.setIdentity(folder.id, { ...rest, root: `${root.split('.')[0]}.1` });
  await rename(join(path, 'lecture.mp3'), join(path, 'private.mp3'));
  expect(await presence(folder)).toBe('other');
  home.close();
});
