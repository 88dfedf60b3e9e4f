import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('who has saved a bucket and no keys is asked to enter them, not to sign in again', async () => {
  await using dir = await tempDir();
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])
    vi.stubEnv(name, join(dir.path, 'none'));
  try {
    await using window = await openWindow({ host: { env: {} } });
    const { page, s3, problems } = window;
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
    await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
    await page.getByRole('button', { name: 'Save connection' }).click();
    await page.getByText(/^There are no keys yet: .* Enter an access key/).waitFor();
    expect(await page.getByText(/Sign in again/).count()).toBe(0);
    expect(problems).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
  }
});
