import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a storage class is chosen with the folder, after reading what it costs; what is archived says that it does not open', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await record(app.folder, 'Cells.mp3');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Add folder' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(app.folder);
  await dialog.getByRole('textbox', { name: 'Class' }).fill('BIO-101');
  await dialog.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await dialog.getByText('Storage class').click();
  const choice = dialog.getByRole('combobox', { name: 'Kept by the storage' });
  await choice.selectOption('STANDARD_IA');
  await dialog.getByText('Paid for at least 30 days').waitFor();
  await choice.selectOption('DEEP_ARCHIVE');
  await dialog.getByText(/^Links and downloads do not work until the recording/).waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add folder' }).click();
  await page.getByText('Class recordings → BIO-101 · DEEP_ARCHIVE').waitFor();
  expect(await api.listFolders({})).toMatchObject([{ rule: { storageClass: 'DEEP_ARCHIVE' } }]);
  await stored(window, 1);

  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByText(/^Archived: making it readable takes 12 to 48 hours on Amazon S3/).waitFor();
  for (const name of ['Make link', 'Download'])
    expect(await page.getByRole('button', { name }).isDisabled()).toBe(true);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
