/** @file Promise: whoever corrects a folder's class is told what stays in the former one, and can send it to the right one. */
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('what was stored in a class by mistake is named when the class is corrected, stays, and goes to the right one when a person says so', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const { id } = await follow(window);
  await record(app.folder, 'Cells.mp3');
  await record(app.folder, 'Gone.mp3');
  await stored(window, 2);
  const [gone, away] = [join(app.folder, 'Gone.mp3'), join(dirname(app.folder), 'Gone.mp3')];
  await rename(gone, away);

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: /^Edit/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Class', { exact: true }).fill('CHEM-7');
  const preview = dialog.getByRole('region', { name: 'Preview' });
  await preview.getByText('Stored in BIO-101 already, and stays there').waitFor();
  expect(await preview.getByText('audio/CHEM-7').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog', { name: '2 recordings stay in BIO-101' }).waitFor();
  const leave = dialog.getByRole('button', { name: 'Leave them in BIO-101' });
  await expect.poll(() => leave.evaluate((element) => element.matches(':focus'))).toBe(true);
  await expectAccessible(page);
  expect(await api.storedElsewhere({ id })).toEqual({ files: 2, owners: ['BIO-101'] });

  await dialog.getByRole('button', { name: 'Send them to CHEM-7, too' }).click();
  // What is not here any more cannot be sent, and is not passed over.
  const notSent = dialog.getByRole('list', { name: 'Not sent' });
  await notSent.getByText('Gone.mp3').waitFor();
  const told =
    '1 recording is in the queue for CHEM-7. 1 file could not be taken: it stays in BIO-101 alone.';
  await page.getByText(told).first().waitFor();
  await stored(window, 3);
  const { rows } = await api.listJobs({ filter: 'done', offset: 0, limit: 10 });
  expect(rows.map(({ name, destination }) => `${name} ${destination}`).toSorted()).toEqual([
    'Cells.mp3 BIO-101',
    'Cells.mp3 CHEM-7',
    'Gone.mp3 BIO-101',
  ]);
  await dialog.getByRole('button', { name: 'Close' }).waitFor();
  expect(await api.storedElsewhere({ id })).toEqual({ files: 1, owners: ['BIO-101'] });

  await rename(away, gone);
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.waitFor({ state: 'detached' });
  await stored(window, 4);
  expect(await api.storedElsewhere({ id })).toEqual({ files: 0, owners: [] });
  expect(problems).toEqual([]);
});

test('nothing is asked where nothing was stored under another class, and nothing goes anywhere when it is left', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await page.getByRole('link', { name: 'Settings' }).click();
  const dialog = page.getByRole('dialog');
  const correct = async (classId: string) => {
    await page.getByRole('button', { name: /^Edit/ }).click();
    await dialog.getByLabel('Class', { exact: true }).fill(classId);
    await dialog.getByRole('button', { name: 'Save' }).click();
  };
  await correct('CHEM-7');
  await dialog.waitFor({ state: 'detached' });
  await record(app.folder, 'Acids.mp3');
  await stored(window, 1);
  await correct('HIST-204');
  await dialog.getByRole('button', { name: 'Leave it in CHEM-7' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const edit = page.getByRole('button', { name: /^Edit/ });
  await expect.poll(() => edit.evaluate((button) => button.matches(':focus'))).toBe(true);
  const { rows } = await api.listJobs({ filter: 'all', offset: 0, limit: 10 });
  expect(rows).toMatchObject([{ name: 'Acids.mp3', destination: 'CHEM-7', state: 'verified' }]);
  expect(problems).toEqual([]);
});

test('a corrected user is told by name, of whom the documents are and to whom they can go', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const rule = { kind: 'documents', classId: null, userId: 'teacher-8' } as const;
  const { id } = await api.saveFolder({
    path: app.folder,
    rule: { ...rule, include: [], exclude: [] },
  });
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: /^Edit/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('User', { exact: true }).fill('teacher-7');
  await dialog.getByText('Stored in documents of teacher-8 already, and stays there').waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('button', { name: 'Leave it in documents of teacher-8' }).waitFor();
  await dialog.getByRole('button', { name: 'Send it to documents of teacher-7, too' }).click();
  await page.getByText('1 recording is in the queue for documents of teacher-7.').first().waitFor();
  await stored(window, 2);
  expect(await api.storedElsewhere({ id })).toEqual({ files: 0, owners: [] });
  expect(problems).toEqual([]);
});
