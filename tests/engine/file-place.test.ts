/** @file Who deletes a recording in the storage is told whether there is another one on this computer. */
import { appendFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../../electron/engine/files/disks.ts';
import { placeOfFile } from '../../electron/engine/library/file-place.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import { bioClass, countingServer, openTestEngine, randomFile } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

test('where the file of an object is, as its disk says now', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const folder = join(dir.path, 'recordings');
  const names = ['kept', 'deleted', 'changed', 'hidden'];
  for (const name of names) await randomFile(join(folder, `${name}.mp4`), 10_000);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { jobs, presence } = app.engine;
  const ledger = { jobs, presence, folders: folderStore(app.home.database, Date.now) };
  const { id } = await app.engine.addFolder(folder, bioClass);
  await app.engine.syncOnce(AbortSignal.timeout(30_000));
  const all = jobs.list(undefined, 10);
  const jobOf = (name: string): Job => all.find((job) => job.name === `${name}.mp4`)!;
  const placesNow = () => Promise.all(names.map((name) => placeOfFile(ledger, jobOf(name).key!)));
  expect(await placesNow()).toEqual(['here', 'here', 'here', 'here']);

  // A disk that is only slow is told of in time, and is not taken for silent by whoever else asks it.
  const { promise: answer, resolve } = Promise.withResolvers<void>();
  const asked = [1, 2].map(() => ask(jobOf('kept').file!.device, () => answer));
  expect(await placesNow()).toEqual(Array(4).fill('unreachable'));
  resolve();
  await Promise.all(asked);

  await rm(jobOf('deleted').path);
  await appendFile(jobOf('changed').path, 'more');
  await rm(jobOf('hidden').path);
  await symlink(jobOf('hidden').path, jobOf('hidden').path);
  expect(await placesNow()).toEqual(['here', 'gone', 'gone', 'gone']);
  expect(await placeOfFile(ledger, 'audio/bio-101/others.mp4')).toBe('elsewhere');

  jobs.setAway(id, true);
  expect(await placesNow()).toEqual(Array(4).fill('unreachable'));
  jobs.setAway(id, false);
  expect(await placesNow()).toEqual(['here', 'gone', 'gone', 'gone']);
  // Nobody has noticed yet that its disk is away: a file that is not there is none that is lost.
  await rename(folder, `${folder} away`);
  expect(await placesNow()).toEqual(Array(4).fill('unreachable'));
});
