/** @file A list that cannot be had is not an empty list: each says why, and what to do. */
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a bucket that may not be listed is not called empty, in the Library nor where a link begins', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  storage.refuses = ({ url, method }) => method === 'GET' && /[?&]list-type=2/.test(url ?? '');
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('region', { name: 'The storage refused this account' }).waitFor();
  await page.getByRole('heading', { name: 'The bucket has not been listed yet' }).waitFor();
  expect(await page.getByText('The bucket is empty').count()).toBe(0);
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Links', exact: true }).click();
  await page.getByRole('button', { name: 'New link' }).first().click();
  await page.getByRole('searchbox').fill('cells');
  const dialog = page.getByRole('dialog', { name: 'Which recording?' });
  await dialog
    .getByText(/^The bucket could not be listed: only what was stored from here/)
    .waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  storage.refuses = () => false;
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('heading', { name: 'The bucket is empty' }).waitFor();
  storage.refuses = ({ url, method }) => method === 'GET' && /[?&]list-type=2/.test(url ?? '');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page
    .getByRole('heading', { name: 'The bucket was empty when it was listed last' })
    .waitFor();

  storage.refuses = () => false;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  storage.isDown = true;
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor();
  await page.getByText(/^As listed on /).waitFor();
  expect(problems).toEqual([]);
});
