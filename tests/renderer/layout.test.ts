/// <reference lib="dom" />
/** @file What stands where: nothing cut off, nothing above what it must not cover, nothing as the browser would have it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { noIndex } from '../support/recordings.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const box = async (locator: Locator) => (await locator.boundingBox())!;

/** Whether the middle of `inner` is what a pointer would meet there. */
const isOnTop = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const met = document.elementFromPoint(left + width / 2, top + height / 2);
    return met !== null && (element.contains(met) || met.contains(element));
  });

/** Recordings that wait for a person, for three reasons. */
async function openNeedy(view: { width: number; height: number }) {
  const window = await openWindow({ view: { viewport: view } });
  const { app, page, api } = window;
  await follow(window);
  await record(app.folder, 'Empty.mp3', 0);
  await writeFile(join(app.folder, 'Unfinished.mp4'), noIndex);
  await writeFile(join(app.folder, 'double_click_to_convert_01.zoom'), 'sound');
  const held = async () => (await api.getStatus({})).counts['held'];
  await expect.poll(held).toBe(3);
  await page.getByRole('tab', { name: /Needs you/ }).click();
  await page.getByRole('button', { name: /more reason/ }).waitFor();
  return window;
}

test.each([
  { width: 1_120, height: 720 },
  { width: 1_120, height: 560 },
  { width: 480, height: 800 },
  { width: 640, height: 400 },
])('each reason is shown whole in a window of $width × $height', async (view) => {
  await using window = await openNeedy(view);
  const { page, problems } = window;
  const cards = page.locator('.causes .note');
  await expect.poll(() => cards.count()).toBe(2);
  await page.getByRole('button', { name: 'Show 1 more reason' }).click();
  await expect.poll(() => cards.count()).toBe(3);
  await expectAccessible(page);
  const causes = page.locator('.causes');
  const inner = () => causes.evaluate((e) => [e.scrollHeight - e.clientHeight, e.clientHeight > 0]);
  await expect.poll(inner).toEqual([0, true]);
  const end = await box(cards.last());
  const list = await box(page.getByRole('grid'));
  expect(list.y).toBeGreaterThanOrEqual(end.y + end.height);
  // And the list is still there, by scrolling the page.
  const row = page.getByRole('row', { name: /Empty\.mp3/ });
  await row.scrollIntoViewIfNeeded();
  await expect.poll(() => isOnTop(row)).toBe(true);
  expect(problems).toEqual([]);
});

test('the tabs stay in one line, and the open one in sight, however narrow the window', async () => {
  await using window = await openWindow({ view: { viewport: { width: 375, height: 700 } } });
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Empty.mp3', 0);
  await expect.poll(async () => (await api.getStatus({})).counts['held']).toBe(1);
  await page.getByRole('link', { name: 'Queue 1 needs you' }).waitFor();
  const { rows } = await api.listJobs({ filter: 'attention', offset: 0, limit: 1 });
  await api.dismissJobs({ ids: [rows[0]!.id] });
  const tabs = page.getByRole('tab');
  await expect.poll(() => tabs.count()).toBe(6);
  const tops = async () =>
    new Set((await Promise.all((await tabs.all()).map(box))).map(({ y }) => y));
  expect((await tops()).size).toBe(1);
  await tabs.first().focus();
  await page.keyboard.press('End');
  const last = page.getByRole('tab', { name: /Dismissed/ });
  await page.keyboard.press('Enter');
  await expect.poll(() => last.getAttribute('aria-selected')).toBe('true');
  await expect
    .poll(async () => {
      const { x, width } = await box(last);
      return x + width;
    })
    .toBeLessThanOrEqual(375);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('a notice waits under the veil of a dialog, and has its time when that is gone', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.clock.install();
  await page.getByRole('button', { name: 'Pause all' }).click();
  const notice = page.getByRole('status').getByText('Uploads are paused. Nothing is lost.');
  await notice.waitFor();
  await page.keyboard.press('Control+3');
  await page.getByRole('button', { name: 'New link' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Which recording?' });
  await dialog.waitFor();
  await page.clock.runFor(1_000);
  expect(await isOnTop(notice)).toBe(false);
  await page.clock.runFor(30_000);
  // Still there, and still said to those who listen.
  expect(await notice.count()).toBe(1);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.clock.runFor(1_000);
  expect(await isOnTop(notice)).toBe(true);
  await page.clock.runFor(8_000);
  await notice.waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

const lefts = (page: Page, selector: string) =>
  page
    .locator(selector)
    .evaluateAll((all) => all.map((e) => Math.round(e.getBoundingClientRect().left)));

test('each page begins at the same place, and what stands on Settings has one measure', async () => {
  await using window = await openWindow({
    host: { env: { AWS_S3_BUCKET: 'b', AWS_S3_USE_SSL: 'x' } },
  });
  const { page } = window;
  const starts: number[][] = [];
  for (const name of ['Queue', 'Library', 'Links', 'Settings']) {
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.locator('.note').first().waitFor();
    starts.push(await lefts(page, '.page-head, h1, .note, .settings'));
    const { y } = await box(page.getByRole('heading', { level: 1 }));
    starts.push([y]);
  }
  const tops = starts.filter((_, i) => i % 2 === 1).flat();
  expect(new Set(tops).size).toBe(1);
  expect(new Set(starts.filter((_, i) => i % 2 === 0).flat()).size).toBe(1);
  const widths = await page
    .locator('.page-settings > *')
    .evaluateAll((all) => all.map((e) => Math.round(e.getBoundingClientRect().width)));
  expect(widths.length).toBeGreaterThanOrEqual(3);
  expect(new Set(widths).size).toBe(1);
});

test('names and states stand at one place in each tab and on each page, and no button outside its column', async () => {
  const desktop = { chooseSavePath: () => Promise.resolve(undefined), revealFile: () => {} };
  await using window = await openWindow({ host: { desktop } });
  const { page, app, api, problems } = window;
  for (const name of ['Cells.mp3', 'Tissues.mp3']) await record(app.folder, name);
  await record(app.folder, 'Notes.txt');
  for (const name of ['Empty.mp3', 'Not this one.mp3']) await record(app.folder, name, 0);
  await follow(window);
  await stored(window, 2);
  await expect.poll(async () => (await api.getStatus({})).counts['held']).toBe(2);
  const held = await api.listJobs({ filter: 'attention', offset: 0, limit: 2 });
  await api.dismissJobs({ ids: [held.rows[0]!.id] });
  const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
  await api.createLink({ key: job!.key!, expiresInSeconds: 60, mode: 'watch', note: '' });
  const places = new Set<string>();
  const look = async (grid: Locator) => {
    await grid.getByRole('row').nth(1).waitFor();
    const heads = grid.getByRole('columnheader');
    places.add(JSON.stringify([(await box(heads.nth(0))).x, (await box(heads.nth(1))).x]));
    const tooFar = await grid
      .locator('.job-actions')
      .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
    expect(tooFar).toBe(0);
  };
  for (const name of [/^All/, /^Needs you/, /^Done/, /^Skipped/, /^Dismissed/]) {
    await page.getByRole('tab', { name }).click();
    await look(page.getByRole('tabpanel').getByRole('grid'));
  }
  await page.getByRole('link', { name: 'Links' }).click();
  await look(page.getByRole('grid', { name: 'Links that were made here' }));
  expect(places.size).toBe(1);
  expect(problems).toEqual([]);
});

test('on a first run all of the connection is in sight, and with it what saves it', async () => {
  // What the menu bar leaves of the window as it opens the first time.
  const viewport = { width: 1_080, height: 690 };
  await using window = await openWindow({ host: { env: {} }, view: { viewport } });
  const { page } = window;
  await page.getByRole('button', { name: 'Open Settings' }).click();
  const { y, height } = await box(page.getByRole('button', { name: 'Save connection' }));
  expect(y + height).toBeLessThanOrEqual(viewport.height - 8);
});

test('no control looks as the browser would have it', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Encryption in the storage').click();
  const select = page.getByRole('combobox', { name: 'New recordings' });
  const look = await select.evaluate((element) => {
    const { appearance } = getComputedStyle(element);
    const arrow = getComputedStyle(element, '::picker-icon');
    return { appearance, mask: arrow.maskImage.slice(0, 8), content: arrow.content };
  });
  expect(look).toEqual({ appearance: 'base-select', mask: 'url("dat', content: '""' });
  // The list is the page's own: it takes the page's colours, and the keyboard goes through it.
  await select.focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  expect(await select.inputValue()).toBe('AES256');
  await expectAccessible(page);
});
