import type { Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { startDemo } from '../../electron/demo/demo.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const pages = ['Queue', 'Library', 'Links', 'Settings'] as const;

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

test('the token leaves the address at once, and a reload keeps page and connection', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  // Nobody has to try out whether this is a sync that works both ways.
  await page.getByText(/what you delete from it stays in the storage/).waitFor();
  expect(page.url()).not.toContain('token');
  await open(page, 'Links');
  await page.reload();
  await page.getByRole('heading', { name: 'No links yet' }).waitFor();
  expect(problems).toEqual([]);
});

test('Ctrl with 1 to 4 opens the pages, and Back goes back', async () => {
  await using window = await openWindow();
  const { page } = window;
  await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
  for (const [i, name] of pages.entries()) {
    await page.keyboard.press(`Control+${i + 1}`);
    await page.getByRole('heading', { level: 1, name }).waitFor();
    expect(await page.title()).toBe(`${name} · Pan-Sea Sync`);
  }
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Links' }).waitFor();
});

test('each page is accessible in light, dark, high contrast and forced colours', async () => {
  await using window = await openWindow();
  const { app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await record(app.folder, 'Empty.mp3', 0);
  await stored(window, 1);
  for (const view of [
    { colorScheme: 'light' },
    { colorScheme: 'dark' },
    { contrast: 'more' },
    { contrast: 'more', colorScheme: 'dark' },
    { forcedColors: 'active' },
    { forcedColors: 'active', colorScheme: 'dark' },
  ] as const) {
    const page = await window.another(view);
    for (const name of pages) {
      await open(page, name);
      await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
      await expectAccessible(page);
    }
  }
  expect(problems).toEqual([]);
}, 180_000);

test('nothing sticks out sideways: narrow, and at 200 %', async () => {
  await using window = await openWindow();
  const { app, page: first } = window;
  await follow(window);
  await record(app.folder, `${'A very long name of a recording '.repeat(7)}.mp3`);
  await record(app.folder, 'Empty.mp3', 0);
  await stored(window, 1);
  await first.getByText('1 file needs you.', { exact: true }).waitFor();
  for (const viewport of [
    { width: 480, height: 800 },
    { width: 640, height: 400 },
    { width: 900, height: 600 },
  ]) {
    const page = await window.another({ viewport });
    for (const name of pages) {
      await open(page, name);
      await page.waitForTimeout(200);
      const sticksOut = await page.evaluate(
        `document.documentElement.scrollWidth > innerWidth ||
         document.querySelector('main').scrollWidth > document.querySelector('main').clientWidth`,
      );
      expect([name, viewport.width, sticksOut]).toEqual([name, viewport.width, false]);
    }
    const light = page.getByRole('complementary', { name: 'Safe to leave?' });
    expect(await light.isVisible()).toBe(true);
  }
});

test('a library that another one holds is told on each page, and is opened once that one has ended', async () => {
  await using first = await openWindow();
  await using second = await openWindow({ host: { homePath: first.app.homePath } });
  const { page, problems } = second;
  for (const name of pages) {
    await open(page, name);
    await page
      .getByRole('region', { name: 'Another Pan-Sea Sync is already at work here' })
      .waitFor();
    await expectAccessible(page);
  }
  await page.getByRole('link', { name: 'Queue' }).click();
  const again = page.getByRole('button', { name: 'Try again' });
  await again.click();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await first.app.host.stop();
  await again.press('Enter');
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  expect(await page.locator(':focus').innerText()).toBe('Queue');
  expect(problems).toEqual([]);
});

test('an engine that no longer answers is told, nothing is claimed, and it comes back by itself', async () => {
  await using window = await openWindow();
  const { page } = window;
  await page.getByText('No folder is followed', { exact: true }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('region', { name: 'Pan-Sea Sync is not answering' }).waitFor();
  await page.getByText('Not known now').waitFor();
  await expectAccessible(page);
  await page.context().setOffline(false);
  await page.getByText('No folder is followed', { exact: true }).waitFor();
  expect(await page.getByRole('region', { name: 'Pan-Sea Sync is not answering' }).count()).toBe(0);
});

test('a window without a valid token says what to do', async () => {
  await using window = await openWindow();
  const context = await window.page.context().browser()!.newContext();
  const page = await context.newPage();
  await page.goto(`${new URL(window.app.url).origin}/#token=wrong`);
  await page.getByRole('region', { name: 'This window is no longer connected' }).waitFor();
  const todo = page.getByText('Close this window and open it again from Pan-Sea Sync.');
  expect(await todo.isVisible()).toBe(true);
  await context.close();
});

test('a demo says on each page that it is one, and leads to a storage that lasts', async () => {
  await using window = await openWindow({ host: { env: {}, startDemo } });
  const { page, problems } = window;
  for (const name of ['Library', 'Links', 'Queue']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page
      .getByRole('note')
      .getByText(/^This is a demo\..*do not put real recordings/)
      .waitFor();
  }
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Use your own storage' }).click();
  await page.getByText(/^This is a demo, .*removed at the end\./).waitFor();
  expect(problems).toEqual([]);
});
