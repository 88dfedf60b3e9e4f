/** @file What the test of a connection found, as Settings shows it and keeps it. */
import { expect, test, beforeEach } from 'vitest';
import { storageEnv } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('what the account may not do is said with what is off without it, and stays after the page is loaded anew', async () => {
  await using s3 = await countingServer({ denied: ['DeleteObject', 'GetBucketReplication'] });
  await using window = await openWindow({
    host: { env: storageEnv(s3) },
    view: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  expect(await page.getByText('What this account may do').count()).toBe(0);
  await page.getByRole('button', { name: 'Test connection' }).click();
  for (const isAgain of [false, true]) {
    if (isAgain) await page.reload();
    const denied = page.getByRole('list', { name: 'What the test found' }).getByRole('listitem');
    await denied.filter({ hasText: 'Does not work: Delete — s3:DeleteObject' }).waitFor();
    expect(await denied.count()).toBe(1);
  }
  await page.getByText(/^Tested on /).waitFor();

  const fold = (name: RegExp) => page.locator('summary').filter({ hasText: name });
  await tabTo(page, fold(/^What this account may do/));
  await page.keyboard.press('Enter');
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
  await row('s3:DeleteObject').getByText('Denied').waitFor();
  await row('s3:PutObject').getByText('Allowed').waitFor();
  await fold(/^All checks/).click();
  await page.getByText('The connection stays on this computer').waitFor();
  await fold(/^How the bucket is set up/).click();
  const facts = page.getByRole('list', { name: 'How the bucket is set up' }).getByRole('listitem');
  await facts.filter({ hasText: 'Versioning — off' }).waitFor();
  await facts.filter({ hasText: 'Replication — not known' }).waitFor();
  await fold(/^The policy that is enough/).click();
  await page.getByText(/Bringing back .* take policies of their own/).waitFor();
  await page.getByRole('button', { name: 'Copy policy' }).click();
  await page.getByText('Policy copied.').first().waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(copied).Statement[1].Resource).toContain(`arn:aws:s3:::${s3.bucket}/audio/*`);
  const difference = page.getByRole('list', { name: 'Difference to the policy of the guide' });
  expect(await difference.getByRole('listitem').count()).toBe(5);
  await expectAccessible(page);

  s3.switches.denied = [];
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('Everything that uploads need works.', { exact: true }).first().waitFor();
  await page.getByRole('list', { name: 'What the test found' }).waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

test('a test that gets no answer says so, and what was found before comes back with the storage', async () => {
  await using window = await openWindow();
  const { page, storage } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.locator('summary').filter({ hasText: '10 of 11 allowed' }).waitFor();
  storage.isDown = true;
  await page.getByRole('button', { name: 'Test connection' }).click();
  const found = page.getByRole('list', { name: 'What the test found' }).getByRole('listitem');
  await found.filter({ hasText: 'The storage cannot be reached' }).waitFor();
  expect(await page.getByText('What this account may do').count()).toBe(0);
  await expectAccessible(page);
  await page.reload();
  await page.locator('summary').filter({ hasText: '10 of 11 allowed' }).waitFor();
});
