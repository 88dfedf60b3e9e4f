/** @file Deleted recordings: what a bucket still keeps of them, and the way back. */
import {
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import { rulesFor } from '../../shared/lifecycle.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  stored,
  type TestWindow,
} from './support/window.ts';
import { openSdk } from '../support/sdk-client.ts';

beforeEach(skipWithoutChromium);

type Kept = TestWindow & {
  client: S3Client;
  setVersioning: (status: 'Enabled' | 'Suspended') => Promise<void>;
};

async function openKept(names: readonly string[]): Promise<Kept> {
  const window = await openWindow();
  const { bucket: Bucket } = window.s3;
  const client = openSdk(window.s3);
  const setVersioning = async (Status: 'Enabled' | 'Suspended') => {
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }),
    );
  };
  await setVersioning('Enabled');
  await follow(window);
  for (const name of names) await record(window.app.folder, name);
  await stored(window, names.length);
  await window.page.getByRole('link', { name: 'Library' }).click();
  await window.page.getByRole('button', { name: /BIO-101/ }).waitFor();
  return Object.assign(window, { client, setVersioning });
}

async function deleteAll({ api }: TestWindow): Promise<void> {
  const { rows } = await api.listObjects({ owner: null, words: '', offset: 0, limit: 100 });
  for (const { key } of rows) await api.deleteObject({ key });
}

test('a deletion says until when it can be undone, and what was deleted comes back by a choice', async () => {
  await using window = await openKept(['Cells.mp3', 'Photosynthesis.mp3', 'Roots.mp3']);
  const { page, client, s3, api, problems } = window;
  const dialog = page.getByRole('alertdialog', { name: 'Delete this recording from the storage?' });
  const askFor = async (words: RegExp) => {
    await page.getByRole('row', { name: /Cells\.mp3/ }).click();
    await page.getByRole('button', { name: 'Delete from storage…' }).click();
    await dialog.getByText(words).waitFor();
  };
  await askFor(
    /^The storage keeps old versions: it can be brought back, from Deleted recordings\.$/,
  );
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  const Rules = rulesFor({
    endUnfinishedAfterDays: null,
    transition: null,
    endOldVersionsAfterDays: 30,
  });
  const rules = new PutBucketLifecycleConfigurationCommand({
    Bucket: s3.bucket,
    LifecycleConfiguration: { Rules: Rules as never },
  });
  await client.send(rules);
  await askFor(/^It can be brought back until \d+ \w+ \d{4}, from Deleted recordings/);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await window.setVersioning('Suspended');
  await askFor(/^The storage keeps its old version: an admin can bring it back/);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await window.setVersioning('Enabled');
  await askFor(/^It can be brought back until/);
  await dialog.getByRole('button', { name: 'Delete from storage' }).click();
  await page
    .getByRole('status')
    .getByText(/Cells\.mp3 is deleted from the storage\. It can be brought back/)
    .waitFor();
  await deleteAll(window);

  await page.getByRole('button', { name: 'Deleted recordings' }).click();
  await page.getByRole('heading', { name: 'Deleted recordings', level: 1 }).waitFor();
  await page.getByText('3 deleted recordings', { exact: true }).waitFor();
  expect(await page.getByText(/^Kept until /).count()).toBe(3);
  const back = page.getByRole('button', { name: /^Bring back/ });
  expect(await back.isDisabled()).toBe(true);
  await page.getByRole('checkbox', { name: /Cells\.mp3/ }).check();
  await page.getByRole('checkbox', { name: /Roots\.mp3/ }).check();
  // Some, which is neither all nor none.
  const some = page.locator('.deleted-all :indeterminate');
  expect(await some.evaluate((box) => getComputedStyle(box, '::before').content)).not.toBe('none');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Bring back 2 recordings…' }).click();
  const ask = page.getByRole('alertdialog', { name: 'Bring back 2 recordings?' });
  await ask.getByText('Links to them that have not ended work again.').waitFor();
  await expectAccessible(page);
  await ask.getByRole('button', { name: 'Bring back 2 recordings' }).click();
  await page.getByRole('status').getByText('2 recordings are back in the library.').waitFor();
  await page.getByText('1 deleted recording', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Back to the library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor();
  await page.getByRole('row', { name: /Roots\.mp3/ }).waitFor();
  expect(await page.getByRole('row', { name: /Photosynthesis/ }).count()).toBe(0);
  const { counts } = await api.getStatus({});
  expect(counts['verified']).toBe(2);
  client.destroy();
  expect(problems).toEqual([]);
});

test('where nothing is kept that is deleted, or it may not be seen, that is said, and not that there is none', async () => {
  await using window = await openWindow();
  const { page, storage, problems } = window;
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('button', { name: 'Deleted recordings' }).click();
  await page.getByRole('heading', { name: 'This storage keeps nothing that is deleted' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Back to the library' }).click();
  storage.refuses = ({ url = '' }) => /[?&](versions|versioning|lifecycle)/.test(url);
  await page.getByRole('button', { name: 'Deleted recordings' }).click();
  await page.getByText('This account may not see what was deleted').waitFor();
  await page.getByText(/Ask an admin for the policy for bringing back what was deleted/).waitFor();
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('what is back already when a long list breaks off is deleted no more', async () => {
  const names = Array.from({ length: 51 }, (_, n) => `Lesson ${n}.mp3`);
  await using window = await openKept(names);
  const { page, storage, client, problems } = window;
  await deleteAll(window);
  client.destroy();
  await page.getByRole('button', { name: 'Deleted recordings' }).click();
  await page.getByText('51 deleted recordings', { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: '51 deleted recordings' }).check();
  let removals = 0;
  storage.refuses = ({ method, url = '' }) =>
    method === 'DELETE' && url.includes('versionId=') && (removals += 1) > 50;
  await page.getByRole('button', { name: 'Bring back 51 recordings…' }).click();
  const ask = page.getByRole('alertdialog');
  await ask.getByRole('button', { name: 'Bring back 51 recordings' }).click();
  // It is about what is left then.
  await ask.getByRole('heading', { name: 'Bring this recording back?' }).waitFor();
  await ask.getByText('This account may not bring back what was deleted').waitFor();
  await page.getByText('1 deleted recording', { exact: true }).waitFor();
  await ask.getByRole('button', { name: 'Cancel' }).click();
  expect(problems).toEqual([]);
});

test.each([
  ['versions', /[?&](versions|versioning|lifecycle)/],
  ['deletions alone', /[?&]versions/],
])(
  'who may not see %s is promised no way back of their own, before and after',
  async (_, hidden) => {
    await using window = await openKept(['Cells.mp3']);
    const { page, storage, client, problems } = window;
    client.destroy();
    storage.refuses = ({ url = '' }) => hidden.test(url);
    await page.getByRole('row', { name: /Cells\.mp3/ }).click();
    await page.getByRole('button', { name: 'Delete from storage…' }).click();
    const dialog = page.getByRole('alertdialog', {
      name: 'Delete this recording from the storage?',
    });
    await dialog.getByText(/^The storage keeps its old version\. An admin can bring it/).waitFor();
    await dialog.getByRole('button', { name: 'Delete from storage' }).click();
    await page
      .getByRole('status')
      .getByText(/is deleted from the storage\. An admin can bring it back while/)
      .waitFor();
    expect(problems).toEqual([]);
  },
);

test('what cannot be brought back is named in the dialog, and stays in the list', async () => {
  await using window = await openKept(['Cells.mp3', 'Roots.mp3']);
  const { page, storage, api, client, problems } = window;
  for (const name of [/Cells\.mp3/, /Roots\.mp3/]) await page.getByRole('row', { name }).waitFor();
  const { rows } = await api.listObjects({ owner: null, words: 'Cells', offset: 0, limit: 1 });
  await deleteAll(window);
  client.destroy();
  await page.getByRole('button', { name: 'Deleted recordings' }).click();
  for (const name of [/Cells\.mp3/, /Roots\.mp3/])
    await page.getByRole('checkbox', { name }).check();
  storage.refuses = ({ method, url = '' }) =>
    method === 'DELETE' && url.includes(`${rows[0]!.key}?`) && url.includes('versionId=');
  await page.getByRole('button', { name: 'Bring back 2 recordings…' }).click();
  const ask = page.getByRole('alertdialog');
  await ask.getByRole('button', { name: 'Bring back 2 recordings' }).click();
  await ask.getByText('This account may not bring back what was deleted').waitFor();
  expect(await ask.locator('details code').textContent()).toBe('Cells.mp3');
  await ask.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('1 deleted recording', { exact: true }).waitFor();
  expect(problems).toEqual([]);
});

test('who was found not to be allowed to bring back is promised no way back of their own, until one came back', async () => {
  await using window = await openKept(['Cells.mp3', 'Roots.mp3']);
  const { page, storage, api, client, problems } = window;
  client.destroy();
  storage.refuses = ({ method, url = '' }) => method === 'DELETE' && url.includes('versionId=');
  await api.testConnection({});
  await page.reload();
  const dialog = page.getByRole('alertdialog', { name: 'Delete this recording from the storage?' });
  const ask = async (name: RegExp) => {
    await page.getByRole('row', { name }).click();
    await page.getByRole('button', { name: 'Delete from storage…' }).click();
  };
  await ask(/Cells\.mp3/);
  await dialog.getByText(/^The storage keeps its old version\. An admin can bring it/).waitFor();
  await dialog.getByRole('button', { name: 'Delete from storage' }).click();
  await page
    .getByRole('status')
    .getByText(/is deleted from the storage\. An admin can bring it back while/)
    .waitFor();

  // The admin has allowed it: bringing one back shows so, without another test.
  storage.refuses = () => false;
  await page.getByRole('button', { name: 'Deleted recordings' }).click();
  await page.getByRole('checkbox', { name: /Cells\.mp3/ }).check();
  await page.getByRole('button', { name: 'Bring back 1 recording…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Bring back' }).click();
  await page.getByRole('button', { name: 'Back to the library' }).click();
  await ask(/Roots\.mp3/);
  await dialog.getByText(/it can be brought back, from Deleted recordings/).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(problems).toEqual([]);
});
