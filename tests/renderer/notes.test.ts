import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a list that was damaged is told calmly once, until it has been read', async () => {
  await using dir = await tempDir();
  const homePath = join(dir.path, 'home');
  const recordings = join(dir.path, 'Recordings');
  await record(recordings, 'Cells.mp3');
  const used = lockHome({ path: homePath });
  folderStore(used.database, Date.now).put(recordings, bioClass);
  const ledger = used.database.name;
  used.close();
  for (const end of ['-wal', '-shm']) await rm(`${ledger}${end}`, { force: true });
  await writeFile(ledger, 'no database at all'.repeat(500));

  await using window = await openWindow({ host: { homePath } });
  const { page, problems } = window;
  const note = page.getByRole('region', { name: 'The list of recordings' });
  await note
    .getByText(/^The list of recordings was damaged and has been rebuilt\. Nothing was deleted\./)
    .waitFor();
  await expectAccessible(page);
  await note.getByRole('button', { name: 'OK' }).click();
  await note.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('tab', { name: /All/ }).waitFor();
  expect(await note.count()).toBe(0);
  expect(problems).toEqual([]);
});

test('while the disk is nearly full the window says that new recordings wait', async (context) => {
  await using dir = await tempDir();
  const homePath = join(dir.path, 'home');
  mkdirSync(homePath);
  try {
    const size = ['-o', 'size=32M'];
    execFileSync('mount', ['-t', 'tmpfs', ...size, 'tmpfs', homePath], { stdio: 'ignore' });
  } catch {
    context.skip('no tmpfs can be mounted here: it takes root on Linux');
  }
  try {
    await using window = await openWindow({ host: { homePath } });
    const { page, app, api, problems } = window;
    await follow(window);
    await record(app.folder, 'Cells.mp3');
    const note = page.getByRole('note').filter({ hasText: /disk.*New ones wait/is });
    await note.waitFor();
    // Read out once, as it appears: another page shows it, too, and says nothing.
    expect(await note.getByRole('alert').count()).toBe(1);
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
    await note.waitFor();
    expect(await note.getByRole('alert').count()).toBe(0);
    await page.getByRole('link', { name: 'Queue' }).click();
    // It is finished, and that is not what it waits for.
    await page.getByRole('heading', { name: 'The first recording waits for disk space' }).waitFor();
    await page
      .getByRole('region', { name: 'Waiting for disk space' })
      .getByText('Cells.mp3')
      .waitFor();
    expect(await page.getByText('Still being recorded or copied').count()).toBe(0);
    const isSafe = async () => (await api.getStatus({})).safeToLeave;
    await expect.poll(isSafe, { timeout: 30_000 }).toBe(false);
    await expectAccessible(page);
    expect(problems).toEqual([]);
  } finally {
    execFileSync('umount', ['-l', homePath]);
  }
});
