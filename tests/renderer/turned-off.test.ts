/** @file What the account may not do is turned off where it would be done, with the reason and the way on. */
import { beforeEach, expect, test } from 'vitest';
import type { OperationName } from '../../electron/embedded-s3/operations.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('links, downloads, deletions, lists, audits and uploads are each off with the action that an admin can allow', async () => {
  await using s3 = await countingServer();
  await using window = await openWindow({ host: { env: storageEnv(s3) } });
  const { page, api, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const main = page.locator('main');
  /** As if an admin had taken it away, and somebody had tested the connection. */
  async function without(...denied: OperationName[]): Promise<void> {
    s3.switches.denied = denied;
    await api.testConnection({});
    await page.reload();
  }
  const open = async () => {
    await page.getByRole('link', { name: 'Library' }).click();
    await page.getByRole('row', { name: /Cells\.mp3/ }).click();
    await page.getByText('For an admin').waitFor();
  };

  await without('GetObject');
  await open();
  await main
    .getByText(/^This account may not read .* allow reading objects \(s3:GetObject\)\./)
    .waitFor();
  const link = page.getByRole('button', { name: 'Make link' });
  expect(await link.isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Download' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: /Delete from storage/ }).waitFor();
  await expectAccessible(page);

  await without('DeleteObject', 'ListObjectsV2');
  await page.getByRole('link', { name: 'Library' }).click();
  await main
    .getByText(
      /^The storage does not say what it holds.* allow listing the bucket \(s3:ListBucket\)\./,
    )
    .waitFor();
  await open();
  await main
    .getByText(/^This account may not delete .* allow deleting objects \(s3:DeleteObject\)\./)
    .waitFor();
  expect(await page.getByRole('button', { name: /Delete from storage/ }).count()).toBe(0);
  expect(await link.isDisabled()).toBe(false);
  await expectAccessible(page);
  await main
    .getByRole('button', { name: /^Test the connection again/ })
    .last()
    .click();
  await page.getByRole('heading', { name: 'Audit' }).waitFor();
  expect(await page.getByRole('button', { name: 'Start audit' }).isDisabled()).toBe(true);

  // The admin has allowed it: listing once shows so, without another test.
  s3.switches.denied = ['DeleteObject'];
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('button', { name: 'Refresh' }).click();
  await main.getByText(/\(s3:ListBucket\)/).waitFor({ state: 'detached' });
  expect((await api.getStorageFacts({})).test?.report.permissions).toMatchObject({
    's3:ListBucket': 'allowed',
    's3:DeleteObject': 'denied',
  });

  await without('PutObject');
  await page.getByRole('link', { name: 'Queue' }).click();
  await main
    .getByText(/^This account may not upload.* allow storing objects \(s3:PutObject\)\.$/)
    .waitFor();
  await expectAccessible(page);

  await without();
  await open();
  await page.getByRole('button', { name: 'Download' }).waitFor();
  await page.getByRole('button', { name: /Delete from storage/ }).waitFor();
  expect(await main.getByText(/\(s3:/).count()).toBe(0);
  expect(problems).toEqual([]);
});
