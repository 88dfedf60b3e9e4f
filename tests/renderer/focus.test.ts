/// <reference lib="dom" />
/** @file The focus is never lost: neither to another page, nor to a list that scrolls away. */
import type { Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  followMany,
  openWindow,
  record,
  stored,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

const focused = (page: Page) => page.locator(':focus').innerText();

test('a page that is opened by keys has the focus on its heading, and so has one that is gone back to', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  for (const [i, name] of ['Queue', 'Library', 'Links', 'Settings'].entries()) {
    await page.keyboard.press(`Control+${i + 1}`);
    await expect.poll(() => focused(page)).toBe(name);
  }
  await page.goBack();
  await expect.poll(() => focused(page)).toBe('Links');
  await page.getByRole('link', { name: 'Queue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
  expect(await focused(page)).toMatch(/^Queue/);
  await page.getByRole('link', { name: 'Links', exact: true }).click();
  await page.getByRole('button', { name: 'New link' }).first().click();
  await page.getByRole('button', { name: 'Browse the Library' }).click();
  await expect.poll(() => focused(page)).toBe('Library');
  expect(problems).toEqual([]);
});

test('the first folder is chosen right where a person starts, and the focus stays on that page', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  const opener = page.getByRole('button', { name: 'Choose a folder' });
  await opener.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect.poll(() => focused(page)).toBe('Choose a folder');
  await opener.press('Enter');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(app.folder);
  await dialog.getByRole('textbox', { name: 'Class' }).fill('BIO-101');
  await dialog.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Waiting for the first recording' }).waitFor();
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => focused(page)).toBe('Queue');
  expect(problems).toEqual([]);
});

test('a row keeps the focus and its words while the list is scrolled far away and back', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  await followMany(window, 300);
  const row = page.getByRole('row', { name: /Lecture 296\.mp3/ });
  await row.focus();
  const element = await row.elementHandle();
  const scrollTo = (share: number) =>
    page
      .locator('.grid-scroll')
      .evaluate((list, to) => list.scrollTo(0, list.scrollHeight * to), share);
  for (const [share, name] of [
    [0.5, /Lecture 1[45]\d\.mp3/],
    [1, /Lecture 0\.mp3/],
    [0, /Lecture 299\.mp3/],
  ] as const) {
    await scrollTo(share);
    await page.getByRole('row', { name }).first().waitFor();
    expect(await focused(page)).toContain('Lecture 296.mp3');
    expect(await element.evaluate((was) => was === document.activeElement)).toBe(true);
  }
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => focused(page)).toContain('Lecture 295.mp3');
  expect(problems).toEqual([]);
});

test('no key is lost that is pressed while rows come into the page', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  await followMany(window, 300);
  const list = page.locator('.grid-scroll');
  const scrollTo = (row: number) =>
    list.evaluate((rows, to) => rows.scrollTo(0, (rows.scrollHeight * to) / 300), row);
  const rowOf = (number: number) =>
    page.getByRole('row', { name: new RegExp(`Lecture ${number}\\.mp3`) });
  await rowOf(299).waitFor();
  // Of the rows seen here the later ones, from 199 on, are of the second page.
  await scrollTo(96);
  await rowOf(199).waitFor();
  await rowOf(202).focus();
  await scrollTo(250);
  await rowOf(45).waitFor();
  await list.evaluate((rows) => {
    // As on a slow computer: React lets what a person does come between any two pieces of its work.
    const now = performance.now.bind(performance);
    let lateMs = 0;
    performance.now = () => now() + (lateMs += 10);
    // Told between two such pieces: of the one that has just put rows into the page.
    new MutationObserver((_changes, observer) => {
      if (!rows.textContent.includes('Lecture 199.mp3')) return;
      observer.disconnect();
      const key = { key: 'ArrowDown', bubbles: true, cancelable: true };
      document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', key));
    }).observe(rows, { childList: true, subtree: true, characterData: true });
  });
  await scrollTo(96);
  await expect.poll(() => focused(page)).toContain('Lecture 201.mp3');
  expect(problems).toEqual([]);
});

test('in a narrow window the focus goes into the details and back to their row', async () => {
  await using window = await openWindow({ view: { viewport: { width: 480, height: 800 } } });
  const { page, app, problems } = window;
  await follow(window);
  for (const name of ['Cells.mp3', 'Photosynthesis.mp3']) await record(app.folder, name);
  await stored(window, 2);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Cells.mp3');
  await page.keyboard.press('Escape');
  expect(await focused(page)).toContain('Cells.mp3');
  expect(await page.locator(':focus').getAttribute('role')).toBe('row');
  expect(problems).toEqual([]);
});

test('what to do about a file is what Tab comes to next, once it was asked for', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Empty.mp3', 0);
  await page.getByRole('button', { name: 'Show what to do' }).press('Enter');
  await page.getByRole('region', { name: 'Empty.mp3: The file is empty (0 bytes)' }).waitFor();
  expect(await page.locator(':focus').getAttribute('role')).toBe('tabpanel');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Upload anyway');
  expect(problems).toEqual([]);
});

test('where the first folder was added in Settings, the focus stays at the folders', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await page.keyboard.press('Control+4');
  const opener = page.getByRole('button', { name: 'Add folder' });
  await opener.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(app.folder);
  await dialog.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(app.folder).waitFor();
  await expect.poll(() => focused(page)).toBe('Folders');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Add folder');
  expect(problems).toEqual([]);
});
