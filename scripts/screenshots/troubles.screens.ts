/** @file What keeps the whole engine from working. */
import { test } from 'vitest';
import { startDemo } from '../../electron/demo/demo.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { tempDir } from '../../tests/support/temp-dir.ts';
import { go, shoot } from './support.ts';

test('what keeps the engine from working', async () => {
  await using unset = await openWindow({ host: { env: {} } });
  await unset.page.getByRole('heading', { name: 'Connect your storage first' }).waitFor();
  await shoot(unset.page, 'no-settings');
  await go(unset.page, 'Settings');
  await shoot(unset.page, 'no-settings-settings');

  await using demo = await openWindow({ host: { env: {}, startDemo } });
  await demo.page.getByText('Stored and checked', { exact: true }).first().waitFor();
  await shoot(demo.page, 'demo');

  const env = { AWS_S3_BUCKET: 'recordings', AWS_S3_ENDPOINT_URL: 'http://s3.school.invalid' };
  await using wrong = await openWindow({ host: { env } });
  await wrong.page.getByRole('region', { name: 'A setting is not valid' }).waitFor();
  await shoot(wrong.page, 'wrong-setting');

  await using dir = await tempDir();
  const ledger = lockHome({ path: dir.path });
  settingStore(ledger.database).set('connection', { bucket: 7 });
  ledger.close();
  await using unreadable = await openWindow({ host: { env: {}, homePath: dir.path } });
  await unreadable.page.getByRole('button', { name: 'Open Settings' }).waitFor();
  await shoot(unreadable.page, 'saved-unreadable');
  await go(unreadable.page, 'Settings');
  await shoot(unreadable.page, 'saved-unreadable-settings');

  await using first = await openWindow();
  await using second = await openWindow({ host: { homePath: first.app.homePath } });
  await second.page
    .getByText(/already at work/)
    .first()
    .waitFor();
  await shoot(second.page, 'broken');
  await go(second.page, 'Settings');
  await shoot(second.page, 'broken-settings');

  const { page } = first;
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  first.storage.refuses = ({ url }) => /[?&]list-type=2/.test(url ?? '');
  await go(page, 'Library');
  await page.getByRole('heading', { name: 'What is stored is not known yet' }).waitFor();
  await shoot(page, 'library-denied');
  await go(page, 'Queue');
  await page.context().setOffline(true);
  await page
    .getByText('Pan-Sea Sync is not answering', { exact: true })
    .waitFor({ timeout: 30_000 });
  await shoot(page, 'not-answering');
});
