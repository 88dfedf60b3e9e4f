/// <reference lib="dom" />
import { beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import type { TestAppHost } from '../support/app-host.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const rowsInList = (page: Page) => page.getByRole('grid').getAttribute('aria-rowcount');

/** `Lecture 399.mp3` on top; each page has 100. */
async function list400({ host }: TestAppHost): Promise<void> {
  const { database, remote } = host.storage();
  const index = objectIndex(database);
  const objects = Array.from({ length: 400 }, (_, i) => ({
    key: `audio/BIO-101/01a20b0d-d75b-705f-9734-${i.toString(16).padStart(12, '0')}.mp3`,
    sizeBytes: i + 1,
    lastModifiedMs: 1_700_000_000_000 + i * 1_000,
    storageClass: 'STANDARD',
  }));
  const seen = await index.nextListing();
  await index.put(objects, seen);
  await Promise.all(objects.map(({ key }, i) => index.setName(key, `Lecture ${i}.mp3`)));
  await index.finish(seen, { atMs: Date.now(), place: remote.place });
}

test('a row that moves down is the same element, so that a click meets no other, and keeps the focus', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  const cells = page.getByRole('row', { name: /Cells\.mp3/ });
  await cells.focus();
  const element = await cells.elementHandle();
  await record(app.folder, 'Photosynthesis.mp3');
  await expect.poll(() => rowsInList(page)).toBe('3');
  await page.getByRole('row', { name: /Photosynthesis/ }).waitFor();
  expect(await element.getAttribute('aria-rowindex')).toBe('3');
  expect(await element.innerText()).toContain('Cells.mp3');
  expect(await element.evaluate((row) => row === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Cells.mp3' }).waitFor();
  expect(problems).toEqual([]);
});

test('what is read in the middle of a long list stays in its place when newer rows come above', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await list400(app);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Lecture 399\.mp3/ }).waitFor();
  await page.locator('.grid-scroll').evaluate((list) => list.scrollTo(0, 52 * 195 + 7));
  const row = page.getByRole('row', { name: /Lecture 200\.mp3/ });
  await row.waitFor();
  const place = () => row.evaluate((element) => element.getBoundingClientRect().top);
  const before = await place();
  const element = await row.elementHandle();
  await follow(window);
  for (const name of ['New 1.mp3', 'New 2.mp3']) await record(app.folder, name);
  await stored(window, 2);
  await expect.poll(() => rowsInList(page)).toBe('403');
  await expect.poll(() => row.getAttribute('aria-rowindex')).toBe('203');
  await expect.poll(place).toBe(before);
  expect(await element.innerText()).toContain('Lecture 200.mp3');
  expect(problems).toEqual([]);
});

test.each([
  // It stands in both for so long.
  ['the page that it leaves', 0],
  // And here in neither.
  ['the page that it comes into', 100],
])(
  'a row that goes from one page to the next keeps the focus when %s is the later one to come',
  async (_which, late) => {
    await using window = await openWindow();
    const { page, app, problems } = window;
    await list400(app);
    await page.getByRole('link', { name: 'Library' }).click();
    await page.getByRole('row', { name: /Lecture 399\.mp3/ }).waitFor();
    await page.locator('.grid-scroll').evaluate((list) => list.scrollTo(0, 52 * 95));
    const name = 'Lecture 300.mp3';
    const row = page.getByRole('row', { name });
    await row.focus();
    expect(await row.getAttribute('aria-rowindex')).toBe('101');
    const release = Promise.withResolvers<void>();
    let isHeld = false;
    await page.route('**/rpc/listObjects', async (route) => {
      const { offset } = route.request().postDataJSON();
      if (offset === late) {
        isHeld = true;
        await release.promise;
      }
      await route.continue();
    });
    await follow(window);
    await record(app.folder, 'New.mp3');
    await stored(window, 1);
    await expect.poll(() => isHeld).toBe(true);
    // The page that is not held has come.
    await expect
      .poll(() => page.locator('[aria-rowindex="101"], [aria-rowindex="102"]').allInnerTexts())
      .not.toEqual([
        expect.stringContaining('Lecture 300'),
        expect.stringContaining('Lecture 299'),
      ]);
    release.resolve();
    await expect.poll(() => row.getAttribute('aria-rowindex')).toBe('102');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('[role=row]')?.textContent))
      .toContain(name);
    expect(problems).toEqual([]);
  },
);
