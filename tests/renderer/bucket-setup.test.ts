/** @file How the bucket should be set up, as Settings shows it, and its rules, applied on purpose. */
import { beforeEach, expect, test } from 'vitest';
import { lookAtRules, applyRules } from '../../electron/engine/doctor/bucket-rules.ts';
import { unremembered } from '../../electron/engine/s3/known.ts';
import { recommended } from '../../shared/lifecycle.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer, settingsFor } from '../support/engine.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('rules are seen beside those that the bucket has, applied after a question, and refused when others changed them', async () => {
  await using s3 = await countingServer();
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  const { page, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  const fold = page.locator('summary').filter({ hasText: 'Set up the bucket' });
  await tabTo(page, fold);
  await page.keyboard.press('Enter');
  const rules = page.locator('.setup').getByRole('list', { name: 'What becomes of the rules' });
  await rules.getByText('audio/: unfinished uploads end after 7 days').waitFor();
  await page.getByLabel('Move what is stored to').selectOption('GLACIER');
  await rules.getByText(/moves to GLACIER after 30 days/).waitFor();
  await page.getByText(/^Paid for at least 90 days/).waitFor();
  await page.getByText(/^Restoring takes minutes to 12 hours/).waitFor();
  await page.getByText('Commands and policies, to hand on').click();
  await page
    .getByRole('region', { name: 'Bucket policy' })
    .getByText(/SecureTransport/)
    .waitFor();
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Apply to the bucket…' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Change the rules of the bucket?' });
  await dialog.getByText(/moves to GLACIER/).waitFor();
  await expectAccessible(page);
  // Somebody else is faster.
  const signal = AbortSignal.timeout(30_000);
  const other = { settings: settingsFor(s3), known: unremembered(), signal };
  const { seen } = await lookAtRules(other, recommended);
  await applyRules(other, recommended, seen);
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await dialog.getByText(/are not those that were looked at/).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await rules.getByText('Stays').first().waitFor();

  await page.getByRole('button', { name: 'Apply to the bucket…' }).click();
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Applied. The bucket has 4 lifecycle rules now.').first().waitFor();
  await page.getByText('The bucket has these rules already.').waitFor();
  expect(problems).toEqual([]);
});

test('rules that cannot be read are said to be that, with the commands beside it', async () => {
  await using s3 = await countingServer({ denied: ['GetBucketLifecycleConfiguration'] });
  // As some type it: an address without its scheme, and no region.
  const typed = {
    AWS_S3_ENDPOINT_URL: new URL(s3.endpoint).host,
    AWS_S3_USE_SSL: 'false',
    AWS_REGION: '',
  };
  await using window = await openWindow({ host: { env: { ...storageEnv(s3), ...typed } } });
  const { page } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Set up the bucket').click();
  const denied = page.getByRole('region', { name: /may not see or change the rules/ });
  await denied.getByText(/s3:GetLifecycleConfiguration/).waitFor();
  expect(await page.getByRole('button', { name: 'Apply to the bucket…' }).count()).toBe(0);
  await page.getByText('Commands and policies, to hand on').click();
  expect(await page.getByText(/put-bucket-lifecycle-configuration/).count()).toBe(0);
  await page
    .getByText(/put-public-access-block/)
    .and(page.getByText(`--region us-east-1 --endpoint-url ${s3.endpoint}`))
    .waitFor();
  await expectAccessible(page);
  s3.switches.denied = [];
  await denied.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('audio/: unfinished uploads end after 7 days').waitFor();
});
