/// <reference lib="dom" />
import {
  CreateMultipartUploadCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import type { Switches } from '../../electron/embedded-s3/switches.ts';
import { openSdk } from '../support/sdk-client.ts';
import { openServer, type S3Access } from '../support/s3-servers.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, type TestWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

const MB = 1_000_000;

/** 3 MB in two classes, an old version of 1 MB and an upload that was never finished, of 4 MB. */
async function fill({ s3 }: TestWindow): Promise<void> {
  using client = openSdk(s3);
  const Bucket = s3.bucket;
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const put = (Key: string, bytes: number, StorageClass?: 'GLACIER_IR') =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(bytes), StorageClass }));
  await put('audio/bio-101/a.mp3', MB);
  await put('audio/bio-101/a.mp3', 2 * MB);
  await put('audio/bio-101/b.mp3', MB, 'GLACIER_IR');
  const at = { Bucket, Key: 'audio/bio-101/c.mp3' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const Body = Buffer.alloc(4 * MB);
  await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body }));
}

async function openCost(window: TestWindow) {
  const { page } = window;
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Cost' });
  await card.getByRole('button', { name: 'Estimate the cost' }).click();
  return card;
}

test('what is kept is listed with its cost when somebody asks; prices are entered by the keyboard, and what a move saves is told', async () => {
  await using window = await openWindow();
  const { page, api, problems } = window;
  await fill(window);
  const card = await openCost(window);
  await card.getByText('What it costs cannot be said without prices.').waitFor();
  expect(await page.locator(':focus').innerText()).toBe('Cost');
  await card.getByText('No prices are known for this storage.').waitFor();
  const row = (name: RegExp) => card.getByRole('row', { name });
  await row(/For recordings in use STANDARD 2 MB ?1 file No price/).waitFor();
  await row(/Archive, there at once GLACIER_IR 1 MB/).waitFor();
  await row(/Old versions STANDARD 1 MB/).waitFor();
  await row(/Unfinished uploads STANDARD 4 MB ?1 upload/).waitFor();
  await expectAccessible(page);

  let asked = 0;
  page.on('request', (request) => {
    if (/rpc\/count(?:OldVersions|Unfinished)$/.test(request.url())) asked += 1;
  });
  await card.getByRole('button', { name: 'Enter prices…' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Prices of the storage' });
  const month = dialog.getByRole('textbox', { name: 'A gigabyte and month' });
  await month.fill('cheap');
  await dialog.getByText('US dollars, such as 0.0125.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await month.fill('1073.741824'); // More than a price may be.
  await dialog.getByText('US dollars, such as 0.0125.').waitFor();
  await month.fill('107.3741824');
  await expectAccessible(page);
  // Another class is looked at: the focus stays there, and what was typed is there when somebody comes back.
  const kept = dialog.getByRole('combobox', { name: 'Kept as' });
  const isFocused = () => kept.evaluate((element) => element === document.activeElement);
  await kept.focus();
  await kept.selectOption('STANDARD_IA');
  await expect.poll(() => month.inputValue()).toBe('');
  expect(await isFocused()).toBe(true);
  await kept.selectOption('STANDARD');
  await expect.poll(() => month.inputValue()).toBe('107.3741824');
  await month.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await card.getByText('Estimate: about $0.70 a month, without what has no price here').waitFor();
  await row(/For recordings in use STANDARD 2 MB ?1 file \$0\.20/).waitFor();
  await card.getByText(/The prices of STANDARD are your own of/).waitFor();

  // Another window has set one since the dialog was opened.
  await card.getByRole('button', { name: 'Change prices…' }).click();
  const archived = { month: 10.73741824, puts: 0, moves: 20, watch: 0 };
  await api.setPrice({ storageClass: 'GLACIER_IR', price: archived });
  await dialog.getByRole('textbox', { name: '1,000 requests that store something' }).fill('0.5');
  // Of each class what was typed is saved, and not of the one alone that is seen at the end.
  await kept.selectOption('STANDARD_IA');
  await month.fill('cheap');
  await kept.selectOption('GLACIER');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('US dollars, such as 0.0125.').waitFor();
  expect(await kept.inputValue()).toBe('STANDARD_IA');
  await month.fill('5');
  await month.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect((await api.getCost({})).tariff.own).toEqual({
    STANDARD: { month: 107.3741824, puts: 0.5, moves: 0, watch: 0 },
    GLACIER_IR: archived,
    STANDARD_IA: { month: 5, puts: 0, moves: 0, watch: 0 },
  });
  await card.getByText('Estimate: about $0.71 a month', { exact: true }).waitFor();
  // Of one class they are forgotten, which saves and closes nothing of what was typed for another.
  await card.getByRole('button', { name: 'Change prices…' }).click();
  await kept.selectOption('STANDARD');
  await month.fill('107');
  await kept.selectOption('STANDARD_IA');
  await dialog.getByRole('button', { name: 'Forget these' }).press('Enter');
  await expect.poll(() => month.inputValue()).toBe('');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('dialog');
  expect((await api.getCost({})).tariff.own).toEqual({
    STANDARD: { month: 107.3741824, puts: 0.5, moves: 0, watch: 0 },
    GLACIER_IR: archived,
  });
  await kept.selectOption('STANDARD');
  expect(await month.inputValue()).toBe('107');
  await month.fill('107.3741824');
  await month.press('Enter');
  await dialog.waitFor({ state: 'detached' });

  await card
    .getByRole('combobox', { name: 'What would it save to move recordings' })
    .selectOption('GLACIER_IR');
  await card.getByText('Nothing there would be moved.').waitFor();
  await card.getByRole('combobox', { name: 'That were stored' }).selectOption('0');
  await card
    .getByText(
      'It would save $0.18 a month. Moving it costs $0.02 once, which is back within a month.',
    )
    .waitFor();
  await card.getByText('Paid for at least 90 days').waitFor();
  await expectAccessible(page);
  // A price is no reason to list old versions and unfinished uploads anew.
  expect(asked).toBe(0);
  await card.getByRole('button', { name: 'List again' }).click();
  await expect.poll(() => asked).toBe(2);
  expect(problems).toEqual([]);
});

test('of an empty bucket it is said that it costs nothing, unless not all of it may be seen', async () => {
  const switches: Switches = {
    denied: ['ListObjectVersions', 'GetBucketVersioning', 'ListMultipartUploads'],
  };
  await using window = await openWindow({ switches });
  const card = await openCost(window);
  const unknown = 'What it costs is not known: not all of it was looked at.';
  await card.getByText(unknown).waitFor();
  const unseen = (what: string) =>
    card.getByText(`${what} could not be seen: where there are any, it costs more.`);
  await unseen('Old versions').waitFor();
  await unseen('Unfinished uploads').waitFor();
  expect(await card.getByRole('row').count()).toBe(0);
  await expectAccessible(window.page);
  switches.denied = [];
  await card.getByRole('button', { name: 'List again' }).click();
  await card.getByText('Nothing is stored: it costs nothing a month.').waitFor();
  await unseen('Old versions').waitFor({ state: 'detached' });
});

test('what cannot be seen any more counts no longer, and why is said once', async () => {
  const switches: Switches = {};
  await using window = await openWindow({ switches });
  const { api, storage } = window;
  await fill(window);
  const own = { month: 107.3741824, puts: 0, moves: 0, watch: 0 };
  for (const storageClass of ['STANDARD', 'GLACIER_IR'] as const)
    await api.setPrice({ storageClass, price: own });
  const card = await openCost(window);
  await card.getByText('Estimate: about $0.80 a month', { exact: true }).waitFor();
  switches.denied = ['ListObjectVersions', 'GetBucketVersioning'];
  await card.getByRole('button', { name: 'List again' }).click();
  await card.getByText('Estimate: about $0.70 a month, without what was not looked at').waitFor();
  expect(await card.getByRole('row', { name: /Old versions/ }).count()).toBe(0);
  storage.isDown = true;
  await card.getByRole('button', { name: 'List again' }).click();
  await card.getByText('Unfinished uploads could not be seen').waitFor({ timeout: 60_000 });
  await card.getByRole('region', { name: 'The storage cannot be reached' }).waitFor();
  await expect.poll(() => card.getByText(/Check the network/).count()).toBe(1);
});

test('when another bucket is connected, nothing of the former one is left in an open estimate', async () => {
  await using other = await openServer('embedded');
  await using window = await openWindow({ host: { env: {} } });
  const { page, s3, problems } = window;
  await fill(window);
  const connect = async ({ bucket, endpoint, accessKeyId, secretAccessKey }: S3Access) => {
    await page.getByRole('textbox', { name: 'Bucket' }).fill(bucket);
    await page.getByRole('textbox', { name: 'Endpoint' }).fill(endpoint);
    await page.getByRole('textbox', { name: 'Access key' }).fill(accessKeyId);
    await page.getByLabel('Secret key').fill(secretAccessKey);
    await page.getByRole('button', { name: 'Save connection' }).click();
  };
  await page.getByRole('link', { name: 'Settings' }).click();
  await connect(s3);
  await page.getByText(/^Keys come from what was entered here\./).waitFor();
  const card = await openCost(window);
  await card.getByRole('row', { name: /For recordings in use STANDARD 2 MB/ }).waitFor();
  await card.getByRole('row', { name: /Old versions STANDARD 1 MB/ }).waitFor();
  await connect(other);
  await expect.poll(() => card.getByRole('row').count()).toBe(0);
  expect(problems).toEqual([]);
});
