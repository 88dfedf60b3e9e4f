/** @file What was deleted in a bucket that keeps versions: before, in the list, and on its way back. */
import {
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { test } from 'vitest';
import { rulesFor } from '../../shared/lifecycle.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { openSdk } from '../../tests/support/sdk-client.ts';
import { clearNotice, go, narrow, recordAll, shoot, shootOnce } from './support.ts';

test('deleted recordings', async () => {
  await using window = await openWindow();
  const { page, api, s3 } = window;
  const { bucket: Bucket } = s3;
  const client = openSdk(s3);
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const Rules = rulesFor({
    endUnfinishedAfterDays: null,
    transition: null,
    endOldVersionsAfterDays: 30,
  });
  await client.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules: Rules as never },
    }),
  );
  client.destroy();
  await recordAll(window);
  await go(page, 'Library');
  await page.getByRole('row', { name: /Respiration/ }).click();
  await page.getByRole('button', { name: /Delete from storage/ }).click();
  await page.getByText(/^It can be brought back until/).waitFor();
  await shootOnce(page, 'library-delete-kept');
  await page.getByRole('button', { name: 'Cancel' }).click();
  const { rows } = await api.listObjects({ owner: null, words: '', offset: 0, limit: 4 });
  for (const { key } of rows) await api.deleteObject({ key });

  await page.getByRole('button', { name: 'Deleted recordings' }).click();
  const boxes = page.getByRole('checkbox');
  await boxes.nth(rows.length).waitFor();
  for (const box of [1, 2]) await boxes.nth(box).check();
  await clearNotice(page);
  await shoot(page, 'library-deleted');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Library');
  await onNarrow.getByRole('button', { name: 'Deleted recordings' }).click();
  await onNarrow.getByRole('checkbox').nth(rows.length).waitFor();
  await shootOnce(onNarrow, 'library-deleted-narrow');
  await page.getByRole('button', { name: /^Bring back 2/ }).click();
  await page.getByRole('alertdialog').waitFor();
  await shootOnce(page, 'library-bring-back');
});
