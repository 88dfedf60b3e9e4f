/** @file What the test of a connection found. */
import { test } from 'vitest';
import { storageEnv } from '../../tests/support/cli.ts';
import { countingServer } from '../../tests/support/engine.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { go, narrow, recordAll, shoot, shootOnce } from './support.ts';

test('what a test found', async () => {
  await using s3 = await countingServer({ denied: ['DeleteObject', 'GetBucketReplication'] });
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  const { page } = window;
  await go(page, 'Settings');
  await page.getByRole('button', { name: 'Test connection' }).click();
  const fold = (on: typeof page, words: string) => on.locator('summary').filter({ hasText: words });
  await fold(page, 'What this account may do').click();
  await fold(page, 'What this account may do').scrollIntoViewIfNeeded();
  await page.getByRole('list', { name: 'What the test found' }).scrollIntoViewIfNeeded();
  await shoot(page, 'report-denied');
  await page.reload();
  await fold(page, 'The policy that is enough').click();
  await fold(page, 'How the bucket is set up').click();
  await fold(page, 'How the bucket is set up').scrollIntoViewIfNeeded();
  await shoot(page, 'report-policy');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Settings');
  await fold(onNarrow, 'What this account may do').click();
  await onNarrow.getByRole('table').scrollIntoViewIfNeeded();
  await shootOnce(onNarrow, 'report-narrow');
});

test('what is turned off', async () => {
  await using s3 = await countingServer();
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  const { page, api } = window;
  await recordAll(window);
  s3.switches.denied = ['GetObject', 'DeleteObject', 'PutObject'];
  await api.testConnection({});
  await page.reload();
  await page.getByText(/s3:PutObject/).waitFor();
  await shoot(page, 'off-queue');
  await go(page, 'Library');
  await page.getByRole('row', { name: /Photosynthesis, light/ }).click();
  await page.getByText('For an admin').waitFor();
  await shoot(page, 'off-library');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Library');
  await onNarrow.getByRole('row', { name: /Photosynthesis, light/ }).click();
  await onNarrow.getByText('For an admin').waitFor();
  await shootOnce(onNarrow, 'off-library-narrow');
});

test('how the bucket should be set up', async () => {
  await using s3 = await countingServer();
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  const open = async (page: typeof window.page) => {
    await go(page, 'Settings');
    await page.getByText('Set up the bucket').click();
    await page.getByLabel('Move what is stored to').selectOption('GLACIER');
    await page.getByText(/moves to GLACIER/).waitFor();
    const apply = page.getByRole('button', { name: 'Apply to the bucket…' });
    await apply.scrollIntoViewIfNeeded();
    return apply;
  };
  const page = await window.another({});
  const apply = await open(page);
  await shoot(page, 'setup');
  await page.getByText('Commands and policies').click();
  await page.getByText('Commands and policies').scrollIntoViewIfNeeded();
  await shoot(page, 'setup-commands');
  await apply.click();
  await page.getByRole('alertdialog').waitFor();
  await shoot(page, 'setup-apply');
  const onNarrow = await window.another(narrow);
  await open(onNarrow);
  await shootOnce(onNarrow, 'setup-narrow');
  s3.switches.denied = ['GetBucketLifecycleConfiguration'];
  await go(window.page, 'Settings');
  await window.page.getByText('Set up the bucket').click();
  await window.page.getByRole('region', { name: /may not see/ }).scrollIntoViewIfNeeded();
  await shoot(window.page, 'setup-denied');
});
