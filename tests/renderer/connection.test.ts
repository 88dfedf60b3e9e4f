import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a bucket is pasted as tools write it: its name is taken, and what is not certain is asked in words', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, s3, api, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  const bucket = page.getByRole('textbox', { name: 'Bucket' });
  await bucket.fill('s3://school-recordings/2026');
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByText(/enter the bucket’s name alone, school-recordings\./).waitFor();
  await expectAccessible(page);
  expect(await api.getConnection({})).toMatchObject({ bucket: '' });

  await bucket.fill('https://school-recordings.s3.eu-west-1.amazonaws.com/');
  await page.getByRole('textbox', { name: 'Endpoint' }).focus();
  expect(await bucket.inputValue()).toBe('school-recordings');
  expect(await page.getByRole('textbox', { name: 'Region' }).inputValue()).toBe('eu-west-1');

  const shown = 'https://s3.console.aws.amazon.com/s3/buckets/school?region=eu-south-2';
  await bucket.fill(shown);
  await page.getByRole('textbox', { name: 'Endpoint' }).focus();
  expect(await page.getByRole('textbox', { name: 'Region' }).inputValue()).toBe('eu-west-1');
  await page.getByRole('textbox', { name: 'Region' }).fill('us-east-1');
  await bucket.fill(shown);
  await page.getByRole('textbox', { name: 'Endpoint' }).focus();
  expect(await bucket.inputValue()).toBe('school');
  expect(await page.getByRole('textbox', { name: 'Region' }).inputValue()).toBe('eu-south-2');

  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await bucket.fill('https://school-recordings.s3.eu-west-1.amazonaws.com/');
  await bucket.press('Enter');
  await page.getByText(/^Bucket is an address of Amazon S3/).waitFor();
  expect(await api.getConnection({})).toMatchObject({ bucket: '' });

  await bucket.fill(`s3://${s3.bucket}/`);
  await bucket.press('Enter');
  await page.getByRole('status').getByText('The connection is saved.').waitFor();
  expect(await api.getConnection({})).toMatchObject({ bucket: s3.bucket });
  expect(problems).toEqual([]);
});

test('a setting of the environment that is not valid is named, on each page', async () => {
  const env = { AWS_S3_BUCKET: 'recordings', AWS_S3_ENDPOINT_URL: 'http://s3.school.invalid' };
  await using window = await openWindow({ host: { env } });
  const { page, problems } = window;
  for (const name of ['Queue', 'Library', 'Links', 'Settings']) {
    await page.getByRole('link', { name, exact: true }).click();
    const trouble = page.getByRole('region', { name: 'A setting is not valid' });
    await trouble.getByText(/^AWS_S3_ENDPOINT_URL is plain http to another computer/).waitFor();
    await trouble.getByText(/in the environment or \.env file/).waitFor();
  }
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
