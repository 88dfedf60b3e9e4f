import type { Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const VERY_LONG = `${'A very long name of a recording '.repeat(7)}.mp3`;

/** Opens every dialog of the window, one after the other. */
async function throughDialogs(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const go = (name: string) => page.getByRole('link', { name, exact: true }).click();
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const close = async (opener: string | RegExp) => {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor({ state: 'detached' });
    // Nothing was done: the focus is where it was.
    const hasFocus = () =>
      button(opener)
        .first()
        .evaluate((element) => element.matches(':focus'));
    await expect.poll(hasFocus).toBe(true);
  };
  await go('Library');
  await page.getByRole('row', { name: /A very long name/ }).click();
  await page.getByRole('button', { name: 'Delete from storage…' }).click();
  await page.getByRole('alertdialog').waitFor();
  await look('delete');
  await close('Delete from storage…');
  await page.getByRole('button', { name: 'Make link' }).click();
  const link = page.getByRole('dialog', { name: 'Link to a recording' });
  await link.getByRole('radio', { name: 'Until a time' }).check();
  await look('link');
  await link.getByRole('radio', { name: '1 hour' }).check();
  await link.getByRole('button', { name: 'Make link' }).click();
  await link.getByRole('textbox', { name: 'The link' }).waitFor();
  await look('link made');
  await close('Make link');
  await go('Links');
  await page.getByRole('button', { name: 'New link', exact: true }).click();
  await page.getByRole('searchbox').fill('long');
  await page.getByRole('button', { name: /A very long name/ }).waitFor();
  await look('pick');
  await close('New link');
  await page
    .getByRole('button', { name: /^Stop the link to/ })
    .first()
    .click();
  await page.getByRole('dialog', { name: 'Stop this link' }).waitFor();
  await look('stop a link');
  await close(/^Stop the link to/);
  await go('Settings');
  await page.getByRole('button', { name: 'Add folder' }).click();
  await page.getByRole('dialog', { name: 'Add a folder' }).waitFor();
  await look('new folder');
  await close('Add folder');
  await page.getByRole('button', { name: /^Edit / }).click();
  await page.getByRole('dialog', { name: 'Edit folder' }).waitFor();
  await look('folder');
  await close(/^Edit /);
  await page.getByRole('button', { name: /^Stop following/ }).click();
  await page.getByRole('alertdialog').waitFor();
  await look('stop');
  await close(/^Stop following/);
}

test('each dialog is accessible in light, dark and forced colours, and fits narrow and at 200 %', async () => {
  await using window = await openWindow();
  const { app, problems } = window;
  await follow(window);
  await record(app.folder, VERY_LONG);
  await stored(window, 1);
  for (const view of [
    { colorScheme: 'light' },
    { colorScheme: 'dark' },
    { forcedColors: 'active' },
    { forcedColors: 'active', colorScheme: 'dark', viewport: { width: 480, height: 800 } },
    { viewport: { width: 640, height: 400 } },
  ] as const) {
    const page = await window.another(view);
    await throughDialogs(page, async (name) => {
      await expectAccessible(page);
      const sticksOut = await page.evaluate(
        `[document.documentElement, ...document.querySelectorAll('[role=dialog],[role=alertdialog]')]
           .some((element) => element.scrollWidth > Math.max(element.clientWidth, 1))`,
      );
      expect([name, view, sticksOut]).toEqual([name, view, false]);
    });
  }
  expect(problems).toEqual([]);
}, 180_000);
