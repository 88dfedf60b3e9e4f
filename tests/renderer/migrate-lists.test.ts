/** @file The lists of the page Archive: every file that is named, what changed since the plan, one file back, and all plans. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeOld } from '../support/archive.ts';
import { testArchive } from '../support/migration.ts';
import { archiveFiles as files, openArchivePage, state } from './support/archive-page.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('every file that is named is found in a list, by keyboard, and one of them comes back from quarantine', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, files);
  for (let number = 100; number < 150; number += 1)
    await writeOld(join(archive.root, `Übung ${number}.mp3`), '');
  const plan = await archive.plan();
  const step = await openArchivePage(window);

  const first = step('1 · Plan');
  await first.getByText('and 40 more').waitFor();
  await tabTo(page, first.getByRole('button', { name: /^Show as a list: It is empty/ }));
  await page.keyboard.press('Enter');
  const list = page.getByRole('dialog', { name: 'It is empty (0 bytes). Not in the plan.' });
  await list.getByRole('row', { name: 'Übung 100.mp3' }).waitFor();
  const grid = list.getByRole('grid');
  expect(await grid.getAttribute('aria-rowcount')).toBe('51');
  await tabTo(page, list.getByRole('row', { name: 'Übung 100.mp3' }));
  await page.keyboard.press('End');
  await list.getByRole('row', { name: 'Übung 149.mp3' }).waitFor();
  await expectAccessible(page);
  await list.getByLabel('Find by name').fill('übung 12');
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('11');
  await list.getByLabel('Find by name').fill('no such name');
  await list.getByText('None by this name').waitFor();
  await expectAccessible(page);
  await list.getByRole('button', { name: 'Save as a table' }).press('Enter');
  await expect
    .poll(() => readFile(join(dirname(app.folder), 'archive empty.csv'), 'utf8').catch(() => ''))
    .toContain('"Übung 149.mp3","empty"');
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });

  await api.noteBackup({ plan, by: 'IT, on tape' });
  await rm(join(archive.root, 'bio/b.mp3'));
  const upload = step('3 · Upload');
  const look = upload.getByRole('button', { name: 'Look for changes since the plan' });
  await look.press('Enter');
  const left = upload.getByRole('list', { name: 'What is not uploaded' });
  await left.getByText(/1 · Is not there any more/).waitFor();
  await writeOld(join(archive.root, 'bio/b.mp3'), files['bio/b.mp3']);
  await look.press('Enter');
  await upload.getByText('3 files (27 bytes) are as they were planned, or uploaded.').waitFor();
  await expectAccessible(page);

  await api.runMigration({ plan });
  await archive.settled();
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  await archive.settled();
  await api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
  await archive.settled();
  const free = step('5 · Free the disk');
  await free.getByRole('button', { name: 'Put some back…' }).press('Enter');
  const aside = page.getByRole('dialog', { name: 'In quarantine' });
  await aside.getByRole('button', { name: 'Put back bio/b.mp3' }).press('Enter');
  await aside.getByRole('row', { name: 'bio/b.mp3' }).waitFor({ state: 'detached' });
  await aside.getByRole('row', { name: 'c.mp3' }).waitFor();
  expect(await readdir(join(archive.root, 'bio'))).toEqual(['b.mp3']);
  await expectAccessible(page);
  await aside.getByRole('button', { name: 'Close' }).press('Enter');
  await free.getByText('2 files (18 bytes) in quarantine').waitFor();
  expect(problems).toEqual([]);
});

test('all plans are listed with how far they are, and each is shown again by a key', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, files);
  const plan = await archive.plan();
  await api.noteBackup({ plan, by: 'IT, on tape' });
  await api.runMigration({ plan });
  await archive.settled();
  await writeOld(join(archive.root, 'late.mp3'), 'came late');
  await archive.plan();
  const step = await openArchivePage(window);
  const first = step('1 · Plan');
  // What the first one has sent is not sent again.
  await first.getByText('1 file (9 bytes)', { exact: true }).waitFor();
  await first.getByText('Make or open another plan').press('Enter');
  const plans = first.getByRole('region', { name: 'Plans on this computer' });
  await plans.getByText('3 of 4 files uploaded, not verified yet.').waitFor();
  await plans.getByText('3 of 3 files uploaded, not verified yet.').waitFor();
  expect(await plans.getByText('Shown here').count()).toBe(1);
  await expectAccessible(page);
  await plans.getByRole('button', { name: /^Show the plan of / }).press('Enter');
  await first.getByText('3 files (27 bytes)', { exact: true }).waitFor();
  await state(step('3 · Upload'), 'Done');
  expect(problems).toEqual([]);
});
