import { readFile, rm } from 'node:fs/promises';
import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

async function expectFocus(target: Locator): Promise<void> {
  await expect.poll(() => target.evaluate((element) => element.matches(':focus'))).toBe(true);
}

test('several recordings are chosen with the keyboard, and linked to in one page that opens them', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  const names = ['Cells.mp3', 'Leaves.mp3', 'Roots.mp3'];
  for (const name of names) await record(app.folder, name);
  await stored(window, 3);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Roots\.mp3/ }).waitFor();
  await page.getByRole('button', { name: 'Choose several' }).click();
  const make = page.getByRole('button', { name: 'Page of links…' });
  const cancel = page.getByRole('button', { name: 'Cancel' });
  expect(await cancel.evaluate((element) => element.matches(':focus'))).toBe(true);
  expect(await make.isDisabled()).toBe(true);
  const row = (name: string) => page.getByRole('row', { name: new RegExp(name) });
  await row('Cells').click();
  await row('Roots').click();
  await row('Leaves').click();
  await page.getByText('3 recordings, 120 kB').waitFor();
  await tabTo(page, row('Leaves'));
  await page.keyboard.press('Space');
  await page.getByText('2 recordings, 80 kB').waitFor();
  expect(await row('Cells').getAttribute('aria-selected')).toBe('true');
  expect(await row('Leaves').getAttribute('aria-selected')).toBe('false');
  await expectAccessible(page);
  await make.click();
  const dialog = page.getByRole('dialog', { name: 'A page of links' });
  const onPage = async () => {
    await dialog.getByRole('list', { name: 'On the page' }).waitFor();
    return dialog.getByRole('listitem').allInnerTexts();
  };
  expect(await onPage()).toEqual(['Cells.mp3 · BIO-101', 'Roots.mp3 · BIO-101']);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await expectFocus(make);
  await make.click();
  await dialog.getByRole('radio', { name: '1 day' }).check();
  await dialog.getByRole('textbox', { name: 'Note' }).fill('For Ada');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save page…' }).click();
  const said = await dialog.getByText(/^Saved as .*2 recordings\.html\.$/).innerText();
  await dialog.getByText(/^The first of its 2 links ends \w+, /).waitFor();
  await expectAccessible(page);
  const path = said.slice('Saved as '.length, -1);
  const html = await readFile(path, 'utf8');
  await rm(path);
  const { rows } = await api.listLinks({ filter: 'live', words: 'ada', offset: 0, limit: 9 });
  expect(rows.map(({ name }) => name).toSorted()).toEqual(['Cells.mp3', 'Roots.mp3']);

  // The next page begins with none of them.
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  await expectFocus(page.getByRole('button', { name: 'Choose several' }));
  await page.keyboard.press('Enter');
  await row('Leaves').click();
  await make.click();
  expect(await onPage()).toEqual(['Leaves.mp3 · BIO-101']);

  // As whoever is sent it sees it.
  const sent = await page.context().newPage();
  await sent.setContent(html);
  await sent.getByRole('heading', { name: '2 recordings' }).waitFor();
  await expectAccessible(sent);
  const url = await sent.getByRole('link', { name: 'Cells.mp3' }).getAttribute('href');
  expect((await fetch(url!)).status).toBe(200);
  await sent.close();
  expect(problems).toEqual([]);
});
