import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const rule = { kind: 'audio', classId: 'BIO-101', userId: 'teacher-7', include: [] } as const;

test('what is not uploaded is listed with the rule or the reason, and a changed rule is seen at once', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const { folder } = app;
  await mkdir(join(folder, 'drafts'));
  await mkdir(join(folder, '.cache'));
  await record(folder, 'Cells.mp3');
  for (const name of [
    'Syllabus.pdf',
    'Cells (copy).mp3.part',
    '.hidden.mp3',
    '.cache/inside.mp3',
    'drafts/Test.mp3',
  ])
    await writeFile(join(folder, name), 'x');
  await symlink(join(folder, 'Cells.mp3'), join(folder, 'Shortcut.mp3'));
  const save = (exclude: string[]) =>
    api.saveFolder({ path: folder, rule: { ...rule, include: [], exclude } });
  await save(['drafts/**']);
  await stored(window, 1);
  await page.getByRole('tab', { name: 'Skipped 6' }).click();
  for (const row of [
    /Syllabus\.pdf.*Not a recording/,
    /Cells \(copy\)\.mp3\.part.*A temporary name/,
    /\.hidden\.mp3.*A hidden name/,
    /\.cache.*A hidden folder/,
    /Test\.mp3 Recordings\/drafts.*Excluded by this folder’s rule \(drafts\/\*\*\)/,
    /Shortcut\.mp3.*A link/,
  ])
    await page.getByRole('row', { name: row }).waitFor();
  expect(await page.getByRole('row').count()).toBe(7); // With the head.
  await page
    .getByRole('note')
    .getByText(/^As of /)
    .waitFor();
  await expectAccessible(page);

  await save([]);
  await page.getByRole('row', { name: /Test\.mp3/ }).waitFor({ state: 'detached' });
  await stored(window, 2);
  // What has gone since is no longer listed when somebody has it looked at.
  await rm(join(folder, 'Syllabus.pdf'));
  await page.getByRole('button', { name: 'Look again' }).click();
  await page.getByRole('row', { name: /Syllabus/ }).waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'Skipped 4' }).waitFor();
  expect(problems).toEqual([]);
});

test('a folder of photographs is counted whole, and as much of it listed as can be read', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  for (let n = 0; n < 5_003; n += 1) await writeFile(join(app.folder, `${n}.jpg`), '');
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await page.getByRole('tab', { name: 'Skipped 5,003' }).click();
  await page.getByText(/5,000 files of 5,003 are listed\.$/).waitFor();
  await page.getByRole('grid').press('End');
  await expect.poll(() => page.locator('[data-index="4999"]').getByText('.jpg').count()).toBe(1);
  expect(problems).toEqual([]);
});

test('without anything left out there is no such tab', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await record(app.folder, 'Cells.mp3');
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await stored(window, 1);
  await page.getByRole('tab', { name: /Done 1/ }).waitFor();
  expect(await page.getByRole('tab', { name: /Skipped/ }).count()).toBe(0);
  expect(problems).toEqual([]);
});
