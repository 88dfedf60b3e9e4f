/** @file Promise: no link is made to another recording than was meant, and who regrets one reads what ends it. */
import { join } from 'node:path';
import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const hasFocus = (one: Locator) => one.evaluate((element) => element.matches(':focus'));

test('whoever has sent a link to the wrong person reads what ends it, and can end it from there', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
  const choices = { expiresInSeconds: 86_400, mode: 'watch', note: '' } as const;
  const { url } = await api.createLink({ key: job!.key!, ...choices });
  await page.getByRole('link', { name: 'Links' }).click();
  const stop = page.getByRole('button', { name: 'Stop the link to Cells.mp3' });
  await stop.click();
  const dialog = page.getByRole('dialog', { name: 'Stop this link' });
  await dialog.getByText(/^It works until \w+, .*To end it now, delete its recording/).waitFor();
  await dialog.getByText(/brought back later, links to it work until they end/).waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect((await fetch(url)).status).toBe(200);

  await stop.click();
  await dialog.getByRole('button', { name: 'Delete its recording…' }).click();
  const ask = page.getByRole('alertdialog', { name: 'Delete this recording from the storage?' });
  await expectAccessible(page);
  // The dialog below is veiled as the page is: the two do not read as one.
  expect(await page.locator('.veil').count()).toBe(2);
  // Who thinks better of it goes back step by step.
  await page.keyboard.press('Escape');
  await ask.waitFor({ state: 'detached' });
  const remove = dialog.getByRole('button', { name: 'Delete its recording…' });
  await expect.poll(() => hasFocus(remove)).toBe(true);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => hasFocus(stop)).toBe(true);
  await stop.click();
  await remove.click();
  await ask.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByRole('row', { name: /Cells\.mp3.*Leads nowhere/ }).waitFor();
  expect((await fetch(url)).status).toBe(404);
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  expect(await page.getByRole('dialog').count()).toBe(0);
  await expect.poll(() => hasFocus(page.getByRole('heading', { level: 1 }))).toBe(true);
  expect(problems).toEqual([]);
});

test('who is about to end a link or to delete its recording reads for whom the other links to it are', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
  const make = (note: string) =>
    api.createLink({ key: job!.key!, expiresInSeconds: 86_400, mode: 'watch', note });
  await make('for Ms Kim');
  await page.getByRole('link', { name: 'Links' }).click();
  const stop = page.getByRole('button', { name: 'Stop the link to Cells.mp3' });
  const dialog = page.getByRole('dialog', { name: 'Stop this link' });
  await stop.click();
  await dialog.getByText('No other link to the recording that was made here works now.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // Made meanwhile, in another window: what was read before is not said again.
  await make('for parents');
  await make('for Mr Diaz');
  await stop.last().click();
  await dialog
    .getByText(
      '2 other links to the recording stop working, too: “for Mr Diaz” and “for parents”. So does any that was made elsewhere.',
    )
    .waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Delete its recording…' }).click();
  await page
    .getByRole('alertdialog')
    .getByText(
      '3 links to the recording stop working: “for Mr Diaz”, “for parents” and “for Ms Kim”. So does any that was made elsewhere.',
    )
    .waitFor();
  expect(problems).toEqual([]);
});

test('of two recordings with one name the dialogs of a link say which it is for', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await record(join(app.folder, 'Monday'), 'Lecture.mp3', 40_000);
  await record(join(app.folder, 'Tuesday'), 'Lecture.mp3', 70_000);
  await stored(window, 2);
  await page.getByRole('link', { name: 'Library' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  for (const size of ['40 kB', '70 kB']) {
    await page.getByRole('row').filter({ hasText: size }).click();
    await page.getByRole('button', { name: 'Make link' }).click();
    await dialog.getByText(new RegExp(`^BIO-101 · recorded .* · ${size}$`)).waitFor();
    await dialog.getByRole('button', { name: 'Make link' }).click();
    await dialog.getByRole('textbox', { name: 'The link' }).waitFor();
    expect(await dialog.getByText(size).count()).toBe(1);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'detached' });
  }
  expect((await api.listLinks({ filter: 'all', words: '', offset: 0, limit: 9 })).total).toBe(2);
  await page.getByRole('link', { name: 'Links' }).click();
  const stop = page.getByRole('dialog', { name: 'Stop this link' });
  // The newest first.
  for (const [nth, size] of ['70 kB', '40 kB'].entries()) {
    await page.getByRole('button', { name: 'Stop the link to Lecture.mp3' }).nth(nth).click();
    await stop.getByText(new RegExp(`^BIO-101 · recorded .* · ${size}$`)).waitFor();
    await stop.getByRole('button', { name: 'Leave it as it is' }).click();
    await stop.waitFor({ state: 'detached' });
  }
  expect(problems).toEqual([]);
});
