/** @file The settings and their dialogs. */
import { test } from 'vitest';
import { openWindow, record } from '../../tests/renderer/support/window.ts';
import { linuxKeychain } from '../../tests/support/keychain.ts';
import { inHome, openHome } from './home.ts';
import { clearNotice, go, lectures, narrow, shoot, shootOnce } from './support.ts';

test('settings', async () => {
  await using home = await openHome('amira');
  await using opened = await openWindow();
  const window = inHome(opened, home.path);
  const { page, app, storage } = window;
  await go(page, 'Settings');
  await page.getByText('No folder yet').waitFor();
  await shoot(page, 'settings');
  await record(app.folder, lectures[0], 60_000);
  const drag = await page.context().newCDPSession(page);
  const files = { items: [], files: [app.folder], dragOperationsMask: 7 };
  for (const type of ['dragEnter', 'dragOver'] as const)
    await drag.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data: files });
  await page.getByText(/^Drop files/).waitFor();
  await shoot(page, 'settings-drop');
  await page.dispatchEvent('body', 'dragleave');
  const connect = page.getByRole('button', { name: 'Test connection' });
  await connect.click();
  await page.getByText('Everything that uploads need works.').first().waitFor();
  await connect.evaluate((button) => button.scrollIntoView({ block: 'start' }));
  await shoot(page, 'settings-tested');
  storage.refuses = ({ method }) => method === 'PUT' || method === 'DELETE';
  await connect.click();
  await page
    .getByText(/Does not work/)
    .first()
    .waitFor({ state: 'attached' });
  await connect.evaluate((button) => button.scrollIntoView({ block: 'start' }));
  await shoot(page, 'settings-test-failed');
  for (const name of lectures) await record(app.folder, name, 60_000);
  await page.getByRole('button', { name: 'Add folder' }).click();
  await page.getByRole('textbox', { name: 'Folder' }).fill(app.folder);
  await page.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await page.getByText('Waits for a class').first().waitFor();
  await shoot(page, 'settings-folder-no-class');
  await page.getByRole('textbox', { name: 'Class' }).fill('BIO-101');
  await page
    .getByText(/audio\/BIO-101/)
    .first()
    .waitFor();
  await shoot(page, 'settings-folder');
  await page.getByRole('textbox', { name: 'Class' }).fill('../BIO');
  await shoot(page, 'settings-folder-wrong');
  await page.getByRole('textbox', { name: 'Class' }).fill('');
  await page.getByRole('dialog').getByRole('button', { name: 'Add folder' }).click();
  await page.getByText(/^Needs a class/).waitFor();
  await page.getByText('Not safe to leave yet').waitFor();
  await page.getByRole('heading', { name: 'Folders' }).scrollIntoViewIfNeeded();
  await clearNotice(page);
  await shoot(page, 'settings-folders');
  await page.getByRole('button', { name: /^Stop following/ }).click();
  await shoot(page, 'settings-stop');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await using onDesktop = await openWindow({
    host: {
      env: {},
      desktop: {
        chooseFolder: () => Promise.resolve(app.folder),
        chooseSavePath: () => Promise.resolve(undefined),
        keys: linuxKeychain(),
      },
    },
  });
  await go(onDesktop.page, 'Settings');
  await onDesktop.page.getByRole('textbox', { name: 'Access key' }).fill('AKIA');
  await onDesktop.page.getByRole('textbox', { name: 'Bucket' }).fill('school-recordings');
  await onDesktop.page.getByRole('button', { name: 'Save connection' }).click();
  await shoot(onDesktop.page, 'settings-keys');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Settings');
  await onNarrow.getByText(/^Needs a class/).waitFor();
  await shootOnce(onNarrow, 'settings-narrow');
  await onNarrow.getByRole('button', { name: 'Add folder' }).click();
  await shootOnce(onNarrow, 'settings-folder-narrow');
});
