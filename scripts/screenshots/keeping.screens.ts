/** @file How the storage keeps recordings: storage class, encryption, what is archived. */
import { test } from 'vitest';
import { openWindow, record, stored } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import { clearNotice, go, lectures, narrow, shoot, shootOnce } from './support.ts';

test('how the storage keeps recordings', async () => {
  await using home = await openHome('noor');
  await using opened = await openWindow();
  const window = inHome(opened, home.path);
  const { page, app } = window;
  await record(app.folder, lectures[0], 60_000);
  await go(page, 'Settings');
  await page.getByRole('button', { name: 'Add folder' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(app.folder);
  await dialog.getByRole('textbox', { name: 'Class' }).fill('BIO-101');
  await dialog.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await dialog.getByText('Storage class').click();
  const choice = dialog.getByRole('combobox', { name: 'Kept by the storage' });
  await choice.selectOption('DEEP_ARCHIVE');
  await dialog.getByText(/^For recordings that are not on their way/).scrollIntoViewIfNeeded();
  await shoot(page, 'settings-folder-archive');
  await dialog.getByRole('button', { name: 'Add folder' }).click();
  await stored(window, 1);
  await go(page, 'Library');
  await page.getByRole('row', { name: /Cells/ }).click();
  await page.getByText(/^Archived: making it readable/).waitFor();
  await clearNotice(page);
  await shoot(page, 'library-archived');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Settings');
  await onNarrow.getByRole('button', { name: /^Edit / }).click();
  await onNarrow.getByRole('combobox', { name: 'Kept by the storage' }).selectOption('ONEZONE_IA');
  await onNarrow.getByText(/^For recordings that are not on their way/).scrollIntoViewIfNeeded();
  await shootOnce(onNarrow, 'settings-folder-class-narrow');

  await using unset = await openWindow({ host: { env: {} } });
  await go(unset.page, 'Settings');
  await unset.page.getByRole('textbox', { name: 'Bucket' }).fill('school-recordings');
  await unset.page.getByText('Encryption in the storage').click();
  await unset.page.getByRole('combobox', { name: 'New recordings' }).selectOption('With a KMS key');
  await unset.page.getByRole('textbox', { name: 'KMS key' }).fill('alias/recordings');
  await unset.page.getByRole('textbox', { name: 'KMS key' }).scrollIntoViewIfNeeded();
  await shoot(unset.page, 'settings-encryption');
});
