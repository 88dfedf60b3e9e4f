/** @file The states that each list has beside its rows: on its way, not to be had, nothing in it. */
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

test.each([
  ['Queue', 'listJobs', 'Waiting for the first recording'],
  ['Library', 'listOwners', 'Nothing is stored yet'],
  ['Links', 'listLinks', 'No links yet'],
  ['Settings', 'listFolders', 'No folder yet'],
])(
  '%s says that its list is on its way, then why it cannot be had, and then that nothing is in it',
  async (view, call, empty) => {
    await using window = await openWindow();
    const { page, problems } = window;
    if (view === 'Queue') await follow(window);
    let answer: 'none' | 'failure' | 'its own' = 'none';
    const { promise: asked, resolve: release } = Promise.withResolvers<void>();
    await page.route(`**/rpc/${call}`, async (route) => {
      if (answer === 'none') await asked;
      if (answer === 'its own') return route.continue();
      return route.fulfill({
        json: { ok: false, code: 'unexpected', detail: 'The ledger is busy' },
      });
    });
    await page.reload();
    await page.getByRole('link', { name: view, exact: true }).click();
    await page.locator('[aria-busy="true"]').or(page.getByText('Looking…')).first().waitFor();
    expect(await page.getByRole('heading', { name: empty }).count()).toBe(0);
    await expectAccessible(page);

    answer = 'failure';
    release();
    const failure = page.locator('main').getByRole('region').filter({ hasText: 'Try again' });
    await failure.first().waitFor();
    expect(await page.getByRole('heading', { name: empty }).count()).toBe(0);
    await expectAccessible(page);

    answer = 'its own';
    await failure.getByRole('button', { name: 'Try again' }).first().click();
    await page.getByRole('heading', { name: empty }).waitFor();
    await expectAccessible(page);
    expect(problems).toEqual([]);
  },
);
