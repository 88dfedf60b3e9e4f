/// <reference lib="dom" />
import { beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { listMany } from '../support/many.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { followMany, openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** Scrolls from top to bottom in many steps, one a frame. @returns The most rows the page held on the way. */
function scrollThrough(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const scroller = document.querySelector<HTMLElement>('.grid-scroll')!;
    let mostRows = 0;
    const STEPS = 180;
    for (let step = 1; step <= STEPS; step += 1) {
      scroller.scrollTop = (scroller.scrollHeight * step) / STEPS;
      await new Promise(requestAnimationFrame);
      mostRows = Math.max(mostRows, document.querySelectorAll('[role=row]').length);
    }
    return mostRows;
  });
}

test('ten thousand queued files scroll to the last, with some dozens of rows in the page', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  await followMany(window, 10_000);
  await page.getByRole('tab', { name: 'All 10,000' }).waitFor();
  await page.getByRole('row', { name: /Lecture 9999\.mp3/ }).waitFor();
  const mostRows = await scrollThrough(page);
  await page.getByRole('row', { name: /Lecture 0\.mp3/ }).waitFor();
  expect(mostRows).toBeGreaterThan(10);
  expect(mostRows).toBeLessThanOrEqual(100);
  expect(problems).toEqual([]);
}, 180_000);

test('a hundred thousand listed objects scroll to the last', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  const { database, remote } = app.host.storage();
  await listMany(database, 100_000, remote.place);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Lecture 99999\.mp3/ }).waitFor();
  // On the border of two pages, of which one does not come at first: no row stays on its way.
  let refused = 0;
  await page.route('**/rpc/listObjects', (route) => {
    const { offset } = route.request().postDataJSON() as { offset: number };
    if (offset !== 50_000 || refused > 0) return route.continue();
    refused += 1;
    return route.fulfill({ json: { ok: false, code: 'unexpected', detail: 'once' } });
  });
  await page.locator('.grid-scroll').evaluate((scroller) => {
    scroller.scrollTop = scroller.scrollHeight / 2;
  });
  await page.locator('[data-index="50000"]').waitFor();
  await expect.poll(() => page.locator('.ghost').count(), { timeout: 10_000 }).toBe(0);
  expect(refused).toBe(1);

  const mostRows = await scrollThrough(page);
  await page.getByRole('row', { name: /Lecture 0\.mp3/ }).waitFor();
  expect(mostRows).toBeGreaterThan(10);
  expect(mostRows).toBeLessThanOrEqual(100);
  expect(problems).toEqual([]);
});
