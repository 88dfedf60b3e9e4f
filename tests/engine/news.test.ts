/** @file An engine hears of what another process writes to its ledger, long before it would look. */
import { existsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { AppError } from '../../shared/errors.ts';
import { bioClass, openTestEngine, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a job that another process puts back in the queue is taken up at once', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const held = lockHome({ path: join(dir.path, 'home') });
  onTestFinished(() => held.close());
  await randomFile(join(folder.path, 'a.mp3'), 1_000);
  let isDenied = true;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 50,
    wrap: (remote) => ({
      ...remote,
      putObject: (...args) =>
        isDenied ? Promise.reject(new AppError('upload-denied')) : remote.putObject(...args),
    }),
  });
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const failed = () => app.engine.jobs.list('failed', 1)[0];
  await expect.poll(failed).toBeDefined();
  isDenied = false;
  const beside = openHome({ path: app.home.path });
  jobStore(beside.database, Date.now).apply(failed()!.id, [{ type: 'retried', atMs: Date.now() }]);
  beside.close();
  await expect.poll(() => app.engine.jobs.list('verified', -1)).toHaveLength(1);
});

test('only who has written tells it, and only where somebody holds the home', async () => {
  await using dir = await tempDir();
  const beside = (use: (settings: ReturnType<typeof settingStore>) => void) => {
    const home = openHome({ path: dir.path });
    use(settingStore(home.database));
    home.close();
  };
  const write = () => beside((settings) => settings.set('a', 1));
  const holder = join(dir.path, 'lock.txt');
  write();
  expect(existsSync(holder)).toBe(false);
  const held = lockHome({ path: dir.path });
  onTestFinished(() => held.close());
  utimesSync(holder, 1, 1);
  beside((settings) => expect(settings.getIfReadable('a', z.int())).toBe(1));
  expect(statSync(holder).mtimeMs).toBe(1_000);
  write();
  expect(statSync(holder).mtimeMs).toBeGreaterThan(1_000);
});
