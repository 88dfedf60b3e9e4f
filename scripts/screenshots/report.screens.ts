/** @file What the test of a connection found. */
import { test } from 'vitest';
import { storageEnv } from '../../tests/support/cli.ts';
import { countingServer } from '../../tests/support/engine.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { dark, go, narrow, recordAll, shoot } from './support.ts';

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
  const inDark = await window.another(dark);
  await go(inDark, 'Settings');
  await fold(inDark, 'The policy that is enough').click();
  await fold(inDark, 'How the bucket is set up').click();
  await fold(inDark, 'How the bucket is set up').scrollIntoViewIfNeeded();
  await shoot(inDark, 'report-policy-dark');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Settings');
  await fold(onNarrow, 'What this account may do').click();
  await onNarrow.getByRole('table').scrollIntoViewIfNeeded();
  await shoot(onNarrow, 'report-narrow');
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
  await page.getByText('All metadata').waitFor();
  await shoot(page, 'off-library');
  const onNarrow = await window.another({ ...narrow, ...dark });
  await go(onNarrow, 'Library');
  await onNarrow.getByRole('row', { name: /Photosynthesis, light/ }).click();
  await onNarrow.getByText('All metadata').waitFor();
  await shoot(onNarrow, 'off-library-narrow');
});

test('how the bucket should be set up', async () => {
  await using s3 = await countingServer();
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  for (const [name, view] of [
    ['setup', {}],
    ['setup-dark', dark],
    ['setup-narrow', narrow],
  ] as const) {
    const page = await window.another(view);
    await go(page, 'Settings');
    await page.getByText('Set up the bucket').click();
    await page.getByLabel('Move what is stored to').selectOption('GLACIER');
    await page.getByText(/moves to GLACIER/).waitFor();
    if (name === 'setup-dark') {
      await page.getByText('Commands and policies').click();
      await page.getByText('Commands and policies').scrollIntoViewIfNeeded();
    } else
      await page.getByRole('button', { name: 'Apply to the bucket…' }).scrollIntoViewIfNeeded();
    await shoot(page, name);
    if (name !== 'setup') continue;
    await page.getByRole('button', { name: 'Apply to the bucket…' }).click();
    await page.getByRole('alertdialog').waitFor();
    await shoot(page, 'setup-apply');
  }
  s3.switches.denied = ['GetBucketLifecycleConfiguration'];
  await go(window.page, 'Settings');
  await window.page.getByText('Set up the bucket').click();
  await window.page.getByRole('region', { name: /may not see/ }).scrollIntoViewIfNeeded();
  await shoot(window.page, 'setup-denied');
});
