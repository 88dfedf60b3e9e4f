/** @file What the storage costs a month. */
import {
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Page } from 'playwright';
import { test } from 'vitest';
import { openSdk } from '../../tests/support/sdk-client.ts';
import { openWindow, type TestWindow } from '../../tests/renderer/support/window.ts';
import { go, narrow, shoot, shootOnce } from './support.ts';

const MB = 1_000_000;

/** Recordings in four classes, and an upload that was never finished. */
async function fill({ s3 }: TestWindow): Promise<void> {
  using client = openSdk(s3);
  const Bucket = s3.bucket;
  for (const StorageClass of ['STANDARD', 'STANDARD_IA', 'GLACIER_IR', 'DEEP_ARCHIVE'] as const) {
    const Key = `audio/bio-101/${StorageClass}.mp3`;
    await client.send(
      new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(3 * MB), StorageClass }),
    );
  }
  const at = { Bucket, Key: 'audio/bio-101/unfinished.mp3' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const Body = Buffer.alloc(6 * MB);
  await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body }));
}

async function estimate(page: Page): Promise<void> {
  await go(page, 'Settings');
  const card = page.getByRole('region', { name: 'Cost' });
  await card.getByRole('button', { name: 'Estimate the cost' }).click();
  await card.getByRole('row', { name: /Unfinished uploads/ }).waitFor();
  await card.evaluate((element) => element.scrollIntoView({ block: 'start' }));
}

test('cost', async () => {
  await using window = await openWindow();
  const { page, api } = window;
  await fill(window);
  await estimate(page);
  await shootOnce(page, 'settings-cost-no-prices');
  const others = { puts: 5, moves: 20, watch: 0 };
  for (const [storageClass, month] of [
    ['STANDARD', 230],
    ['STANDARD_IA', 125],
    ['GLACIER_IR', 40],
    ['DEEP_ARCHIVE', 1],
  ] as const)
    await api.setPrice({ storageClass, price: { month, ...others } });
  await page.reload();
  await estimate(page);
  await shoot(page, 'settings-cost');
  const onNarrow = await window.another(narrow);
  await estimate(onNarrow);
  await shootOnce(onNarrow, 'settings-cost-narrow');
  await page.getByRole('button', { name: 'Change prices…' }).click();
  await page.getByRole('textbox', { name: 'A gigabyte and month' }).fill('cheap');
  await shootOnce(page, 'settings-cost-prices');
});
