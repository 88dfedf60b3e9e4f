/** @file What a storage can do, and what was put right about the way there, as Settings shows it. */
import { beforeEach, expect, test } from 'vitest';
import { canarySession } from '../support/canary.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('what the test of the connection finds out is shown, and stays', async () => {
  await using s3 = await countingServer({ checksums: 'refused' });
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  const { page, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('What this storage can do is not known yet').waitFor();
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('This storage cannot confirm checksums of whole files').first().waitFor();
  await page.reload();
  await page.getByText('This storage cannot confirm checksums of whole files').first().waitFor();
  await page.getByText('What this storage can do', { exact: true }).click();
  const abilities = page.getByRole('list', { name: 'What this storage can do' });
  await abilities.getByRole('listitem').filter({ hasText: 'Yes: Never writes over' }).waitFor();
  await abilities
    .getByRole('listitem')
    .filter({ hasText: 'No: Checks what arrives by our checksums' })
    .waitFor();
  // Above the list, and not in it once more.
  expect(await page.getByText('This storage cannot confirm checksums').count()).toBe(1);
  await page.getByText(/^Found out on .*\. Testing the connection looks again\.$/).waitFor();
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('a region that was put right is told beside the settings that say otherwise', async () => {
  await using s3 = await countingServer();
  const env = { ...storageEnv(s3), AWS_REGION: 'eu-west-1' };
  await using window = await openWindow({ host: { env } });
  const { page, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Test connection' }).click();
  const told = 'The bucket is in us-east-1, not in eu-west-1 as the settings say.';
  const seen = page.getByText(told).filter({ visible: true });
  await seen.waitFor();
  expect((await window.api.getStorageFacts({})).facts?.notes).toHaveLength(1);
  await page.reload();
  // Once, although both what was tested and what is known of the storage tell it.
  await seen.waitFor();
  await page.getByText('What this storage can do').waitFor();
  expect(await seen.count()).toBe(1);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('while the storage asks to be left alone a little, the queue says why it is slower, and goes on', async () => {
  await using s3 = await countingServer({ atOnce: 1 });
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  const { page, app, problems } = window;
  for (let i = 0; i < 8; i += 1) await record(app.folder, `${i}.mp3`, 3_000_000);
  await follow(window);
  const told = page.getByText('slower for now: the storage asked us to slow down');
  await told.waitFor();
  await expectAccessible(page);
  await stored(window, 8);
  expect((await window.api.getStatus({})).trouble).toBeNull();
  expect(problems).toEqual([]);
});

test('keys that end work with the session token that was typed beside them, and not without it', async () => {
  const { sessionToken: token, ...session } = canarySession(1);
  await using s3 = await countingServer({
    sessions: [{ ...session, token, endsAtMs: Date.now() + 3_600_000 }],
  });
  await using window = await openWindow({ host: { env: {} } });
  const { page, api, problems } = window;
  await page.getByRole('button', { name: 'Open Settings' }).click();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByLabel('Access key').fill(session.accessKeyId);
  await page.getByLabel('Secret key').fill(session.secretAccessKey);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page
    .getByText(/^\d of \d+ checks failed\.$/)
    .first()
    .waitFor();
  await page.getByLabel('Access key').fill(session.accessKeyId);
  await page.getByLabel('Secret key').fill(session.secretAccessKey);
  await page.getByLabel('Session token').fill(token);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByText('Everything that uploads need works.', { exact: true }).first().waitFor();
  expect((await api.getSignIn({})).signIn).toMatchObject({ source: 'window', isTemporary: true });
  expect(await page.getByLabel('Session token').inputValue()).toBe('');
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('a connection that is saved is tested at once', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, s3, problems } = window;
  await page.getByRole('button', { name: 'Open Settings' }).click();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByLabel('Access key').fill(s3.accessKeyId);
  await page.getByLabel('Secret key').fill(s3.secretAccessKey);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByText('Everything that uploads need works.', { exact: true }).first().waitFor();
  const { facts } = await window.api.getStorageFacts({});
  expect(facts?.abilities.find(({ name }) => name === 'conditionalWrites')?.value).toBe(true);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
