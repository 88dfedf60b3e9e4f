/** @file A list that cannot be had is not an empty list: each says why, and what to do. */
import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** All that a card says, in its order. */
const lines = async (card: Locator) => (await card.innerText()).split('\n').filter(Boolean);

test('a bucket that may not be listed is not called empty, in the Library nor where a link begins', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  storage.refuses = ({ url, method }) => method === 'GET' && /[?&]list-type=2/.test(url ?? '');
  await page.getByRole('link', { name: 'Library' }).click();
  const denied = page.getByRole('region', { name: 'The storage does not say what it holds' });
  await denied.waitFor();
  expect((await lines(denied)).slice(0, 3)).toEqual([
    'The storage does not say what it holds',
    'Nothing was changed.',
    'Ask an admin to allow listing the bucket (s3:ListBucket).',
  ]);
  await page.getByRole('heading', { name: 'What is stored is not known yet' }).waitFor();
  expect(await page.getByText('Nothing is stored yet').count()).toBe(0);
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Links', exact: true }).click();
  await page.getByRole('button', { name: 'New link' }).first().click();
  await page.getByRole('searchbox').fill('cells');
  const dialog = page.getByRole('dialog', { name: 'Which recording?' });
  await dialog.getByText(/^What is stored could not be listed: only what came from here/).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  storage.refuses = () => false;
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('heading', { name: 'Nothing is stored yet' }).waitFor();
  storage.refuses = ({ url, method }) => method === 'GET' && /[?&]list-type=2/.test(url ?? '');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('heading', { name: 'Nothing was stored when it was listed last' }).waitFor();

  storage.refuses = () => false;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  storage.isDown = true;
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor();
  await page.getByText(/^As of /).waitFor();
  expect(problems).toEqual([]);
});

test('what may be in the storage alone is not called safe on this computer when it cannot be looked at', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  const row = page.getByRole('row', { name: /Cells\.mp3/ });
  await row.click();
  await page.getByRole('button', { name: 'Make link' }).click();
  storage.refuses = () => true;
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  await dialog.getByRole('button', { name: 'Make link' }).click();
  const refused = dialog.getByRole('region', { name: 'This account may not read in the storage' });
  await refused.getByText(/allow reading objects \(s3:GetObject\)/).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('button', { name: /Delete from storage/ }).click();
  storage.refuses = () => false;
  storage.isDown = true;
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText(/^Whether it is deleted is not known\./).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('button', { name: 'Refresh' }).click();
  const silent = page.getByRole('region', { name: 'The storage cannot be reached' });
  await silent.first().waitFor({ timeout: 60_000 });
  expect((await lines(silent.first())).slice(1, 3)).toEqual([
    'Nothing was changed.',
    'Check the network, then try again.',
  ]);
  expect(
    await page
      .locator('main')
      .getByText(/safe on this computer/)
      .count(),
  ).toBe(0);
  expect(problems).toEqual([]);
});

test('a list that cannot be shown is said to be that: nothing is claimed of recordings, and it comes when it can', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const { database } = app.host.storage();
  const rename = (from: string, to: string) => () =>
    void database.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
  const index = join(app.homePath, 'object-index.db');
  for (const { name, there, damage, mend } of [
    {
      name: 'Library',
      there: 'Cells.mp3',
      damage: () => {
        renameSync(index, `${index}.away`);
        mkdirSync(index);
      },
      mend: () => {
        rmdirSync(index);
        renameSync(`${index}.away`, index);
      },
    },
    {
      name: 'Links',
      there: 'No links yet',
      damage: rename('links', 'links_away'),
      mend: rename('links_away', 'links'),
    },
  ]) {
    damage();
    await page.getByRole('link', { name, exact: true }).click();
    const failure = page.getByRole('region', { name: 'Something went wrong inside Pan-Sea Sync' });
    await failure.waitFor();
    expect((await lines(failure)).slice(1, 3)).toEqual([
      'No recording on this computer was touched.',
      'Try again. The log has the details.',
    ]);
    mend();
    await failure.getByRole('button', { name: 'Try again' }).press('Enter');
    await page.locator('main').getByText(there, { exact: true }).first().waitFor();
    expect(await page.locator(':focus').innerText()).toBe(name);
  }
  expect(problems).toEqual([]);
});
