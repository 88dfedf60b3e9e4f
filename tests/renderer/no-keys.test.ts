import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);
beforeEach(() => {
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])
    vi.stubEnv(name, '/nowhere/none');
});
afterEach(() => vi.unstubAllEnvs());

test('who has saved a bucket and no keys is asked to enter them, or to sign in', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, s3, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page
    .getByText(/^No keys were found: .* Enter an access key and a secret key above, or sign in/)
    .waitFor();
  expect(await page.getByText(/Sign in again/).count()).toBe(0);
  expect(problems).toEqual([]);
});

test('where the environment sets the bucket, nobody is sent to fields for keys that are not there', async () => {
  const env = { AWS_S3_BUCKET: 'recordings', AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9' };
  await using window = await openWindow({ host: { env } });
  const { page, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page
    .getByText(/^No keys were found: .* Sign in with the AWS tools, .* where the bucket is set\.$/)
    .waitFor();
  expect(await page.getByRole('textbox', { name: 'Access key' }).count()).toBe(0);
  expect(problems).toEqual([]);
});
