/// <reference lib="dom" />
/** @file Windows of every size and colour: what has to be reached can be, and one thing scrolls. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
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

/** What scrolls down in the page now, by its class. */
const scrollers = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter(
        (element) =>
          element.scrollHeight > element.clientHeight + 1 &&
          ['auto', 'scroll'].includes(getComputedStyle(element).overflowY),
      )
      .map(({ className }) => className),
  );

/** How something looks beside its colours. */
const shape = (one: Locator) =>
  one.evaluate((element) => {
    const { borderTopStyle, borderBottomStyle, outlineStyle } = getComputedStyle(element);
    return [borderTopStyle, borderBottomStyle, outlineStyle];
  });

test('in a low window one thing scrolls, to the last of a thousand rows and by keys', async () => {
  await using window = await openWindow({ view: { viewport: { width: 480, height: 400 } } });
  const { page, problems } = window;
  await followMany(window, 1_000);
  await page.getByRole('row', { name: /Lecture 999\.mp3/ }).waitFor();
  expect(await scrollers(page)).toEqual(['page page-queue']);
  await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
  const last = page.getByRole('row', { name: /Lecture 0\.mp3/ });
  await last.waitFor();
  expect(await page.getByRole('row').count()).toBeLessThan(100);
  const bottom = await last.evaluate((row) => row.getBoundingClientRect().bottom);
  expect(bottom).toBeLessThanOrEqual(400);
  await last.focus();
  await page.keyboard.press('Home');
  await expect.poll(() => page.locator(':focus').innerText()).toContain('Lecture 999.mp3');
  await expect
    .poll(() => page.locator(':focus').evaluate((row) => row.getBoundingClientRect().top))
    .toBeGreaterThanOrEqual(0);
  await page.keyboard.press('End');
  await expect.poll(() => page.locator(':focus').innerText()).toContain('Lecture 0.mp3');
  for (const name of ['Library', 'Links', 'Settings']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    expect((await scrollers(page)).length).toBeLessThanOrEqual(1);
  }
  expect(problems).toEqual([]);
});

test('with the details open at any width names have room and the class can be changed', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  const name = '2026-11-17 Photosynthesis.mp3';
  await record(app.folder, name);
  const seminar = `${app.folder}/../Seminar`;
  await record(seminar, 'Sources.mp3');
  const rule = { kind: 'audio', classId: 'HIST-204', userId: 'teacher-7' } as const;
  await api.saveFolder({ path: seminar, rule: { ...rule, include: [], exclude: [] } });
  await stored(window, 2);
  await page.getByRole('link', { name: 'Library' }).click();
  const row = page.getByRole('row', { name });
  await row.click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('button', { name: 'Make link' }).waitFor();
  const isCut = () =>
    row.locator('.name').evaluate((whole) => whole.scrollHeight > 1.5 * whole.clientHeight);
  for (const width of [960, 1_120, 1_279, 1_280, 1_600]) {
    await page.setViewportSize({ width, height: 720 });
    expect([width, await isCut()]).toEqual([width, false]);
    await expectAccessible(page);
  }
  await page.getByRole('navigation', { name: 'Classes and users' }).getByText('HIST-204').click();
  await page.getByRole('grid', { name: 'Recordings of HIST-204' }).waitFor();
  await page.setViewportSize({ width: 1_120, height: 720 });
  const classes = page.getByRole('combobox', { name: 'Class' });
  await classes.selectOption({ label: 'BIO-101 (1 file)' });
  await page.getByRole('grid', { name: 'Recordings of BIO-101' }).waitFor();
  await row.waitFor();
  await details.getByRole('heading', { name }).waitFor();
  expect(problems).toEqual([]);
});

test('in a window of middle width names have room, and tabs and the search stand whole beside or above each other', async () => {
  await using window = await openWindow({ view: { viewport: { width: 800, height: 600 } } });
  const { page, app, problems } = window;
  const name = '2026-11-17 Photosynthesis.mp3';
  await record(app.folder, name);
  // A tab more, for what is not taken: there is no room for all of them and the search in one line.
  await writeFile(join(app.folder, 'notes.txt'), 'x');
  await follow(window);
  await stored(window, 1);
  await page.getByRole('tab', { name: /^Skipped/ }).waitFor();
  const cut = page.getByRole('row', { name }).locator('.name');
  const isCut = () => cut.evaluate((whole) => whole.scrollHeight > 1.5 * whole.clientHeight);
  expect(await isCut()).toBe(false);
  const isWhole = () =>
    page.evaluate(() => {
      const tabs = document.querySelector('[role=tablist]')!;
      const [a, b] = [tabs, document.querySelector('.search')!].map((e) =>
        e.getBoundingClientRect(),
      );
      const isApart = a!.right <= b!.left || a!.bottom <= b!.top;
      return isApart && b!.width >= 200 && tabs.scrollWidth === tabs.clientWidth;
    });
  for (const width of [800, 1_080, 1_120, 1_600]) {
    await page.setViewportSize({ width, height: 720 });
    await expect.poll(isWhole, { message: String(width) }).toBe(true);
  }
  expect(problems).toEqual([]);
});

test('as narrow as a window of 1280 that is enlarged four times, what is searched for and each name have room, and nothing stands out', async () => {
  await using window = await openWindow({ view: { viewport: { width: 320, height: 640 } } });
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Recording of the field trip to the botanical garden.mp3');
  await stored(window, 1);
  const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
  const choices = { expiresInSeconds: 86_400, mode: 'watch', note: '' } as const;
  await api.createLink({ key: job!.key!, ...choices });
  const hasRoom = () =>
    page.evaluate(() => {
      const main = document.querySelector('main')!;
      const { left, right, width } = document.querySelector('.search')!.getBoundingClientRect();
      const isIn = left >= 0 && right <= document.documentElement.clientWidth;
      return isIn && width >= 200 && main.scrollWidth === main.clientWidth;
    });
  /** How much of its line a name leaves free, in pixels. */
  const besideName = () =>
    page.evaluate(() => {
      const name = document.querySelector('.grid-row .name')!;
      return name.closest('.grid-row')!.clientWidth - name.clientWidth;
    });
  for (const name of ['Queue', 'Library', 'Links']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.getByRole('searchbox').waitFor();
    await expect.poll(hasRoom, { message: name }).toBe(true);
    await page.getByRole('row', { name: /field trip/ }).waitFor();
    // But for an icon, nothing stands beside it.
    await expect.poll(besideName, { message: name }).toBeLessThan(40);
    if (name !== 'Library') continue;
    await page.getByRole('button', { name: 'Choose several' }).click();
    await page.getByText('Choose recordings in the list.').waitFor();
    await expect.poll(hasRoom, { message: 'choosing' }).toBe(true);
  }
  expect(problems).toEqual([]);
});

test('what is chosen is told by more than its colour where the system has colours of its own', async () => {
  await using window = await openWindow({ view: { forcedColors: 'active' } });
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const tab = (selected: boolean) => page.getByRole('tab', { selected }).first();
  expect(await shape(tab(true))).not.toEqual(await shape(tab(false)));
  await page.getByRole('link', { name: 'Library' }).click();
  const named = (name: RegExp) => page.getByRole('button', { name });
  await named(/BIO-101/).waitFor();
  expect(await shape(named(/All recordings/))).not.toEqual(await shape(named(/BIO-101/)));
  const link = (name: string) => page.getByRole('link', { name });
  expect(await shape(link('Library'))).not.toEqual(await shape(link('Links')));
  expect(problems).toEqual([]);
});

test('a radio button keeps its size beside the longest words', async () => {
  await using window = await openWindow({ view: { viewport: { width: 360, height: 640 } } });
  const { page } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Add folder' }).click();
  for (const radio of await page.getByRole('radio').all())
    expect(await radio.boundingBox()).toMatchObject({ width: 16, height: 16 });
});

test('a name is cut in its middle in the direction of its script, and is in one piece where it has room', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  const names = {
    ltr: 'Recording of the field trip to the botanical garden, second microphone 12.mp3',
    rtl: 'تسجيل الرحلة الميدانية إلى الحديقة النباتية مع الميكروفون الثاني ١٢.mp3',
  } as const;
  for (const name of Object.values(names)) await record(app.folder, name);
  await stored(window, 2);
  const shown = async (name: string) => {
    const whole = page.getByText(name, { exact: true });
    await whole.waitFor();
    return whole.evaluate((text) => {
      const line = text.closest('.name')!;
      const [start, end] = line.querySelectorAll('.name-start, .name-end');
      const [one, other] = [start!.getBoundingClientRect(), end!.getBoundingClientRect()];
      return {
        isWhole: text.getBoundingClientRect().top < line.getBoundingClientRect().bottom,
        direction: getComputedStyle(line).direction,
        first: one.left < other.left ? 'ltr' : 'rtl',
      };
    });
  };
  for (const [direction, name] of Object.entries(names)) {
    await page.setViewportSize({ width: 1_120, height: 720 });
    const cut = { isWhole: false, direction, first: direction };
    await expect.poll(() => shown(name)).toEqual(cut);
    await page.setViewportSize({ width: 2_400, height: 720 });
    await expect.poll(() => shown(name)).toMatchObject({ isWhole: true, direction });
  }
  expect(problems).toEqual([]);
});
