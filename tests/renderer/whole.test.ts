/// <reference lib="dom" />
/** @file What somebody came to read is not cut off, however little room there is. */
import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { historyStore } from '../../electron/engine/store/history.ts';
import { testArchive } from '../support/migration.ts';
import { archiveFiles, openArchivePage, state } from './support/archive-page.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const isWhole = (text: Locator): Promise<boolean> =>
  text.evaluate(
    ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
      scrollWidth <= clientWidth && scrollHeight <= clientHeight + 1,
  );

test('each step of an archive fits into the narrowest window, whatever its buttons say', async () => {
  await using window = await openWindow({ view: { viewport: { width: 320, height: 640 } } });
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, archiveFiles);
  const step = await openArchivePage(window);
  await archive.plan();
  await state(step('1 · Plan'), 'Done');
  await page.getByRole('button', { name: 'Save the program that checks them' }).waitFor();
  const beyond = () =>
    page.evaluate(() => {
      const main = document.querySelector('main')!;
      return main.scrollWidth - main.clientWidth;
    });
  expect(await beyond()).toBe(0);
  expect(problems).toEqual([]);
});

test('when a link ends is read whole in the narrowest window, beside what can be done with it', async () => {
  await using window = await openWindow({ view: { viewport: { width: 320, height: 640 } } });
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
  await api.createLink({ key: job!.key!, expiresInSeconds: 86_000, mode: 'watch', note: '' });
  await page.keyboard.press('Control+3');
  const row = page.getByRole('row', { name: /Cells/ });
  const ends = row.getByText(/^Ends in 23 h/);
  await ends.waitFor();
  expect(await isWhole(ends)).toBe(true);
  expect(await isWhole(row.locator('.job-more'))).toBe(true);
  // In its row, and so is all that is pressed.
  const { y, height } = (await row.boundingBox())!;
  for (const button of await row.getByRole('button').all()) {
    const place = (await button.boundingBox())!;
    expect(place.y).toBeGreaterThanOrEqual(y);
    expect(place.y + place.height).toBeLessThanOrEqual(y + height);
    expect(place.x + place.width).toBeLessThanOrEqual(320);
  }
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('the history says why in full in a window of usual width', async () => {
  await using window = await openWindow({ view: { viewport: { width: 1_080, height: 690 } } });
  const { page, app, problems } = window;
  const { database } = app.host.storage();
  let nowMs = Date.now() - 90_000_000;
  const history = historyStore(database, () => (nowMs += 80_000_000));
  const of = { name: '2026-11-20 Lab briefing — microscopes.mp4', classId: 'BIO-101' };
  history.add({ kind: 'failed', ...of, code: 'access-denied' });
  await page.keyboard.press('Control+5');
  const said = page.getByText(/Lab briefing.*could not go up/);
  await said.waitFor();
  expect(await isWhole(said)).toBe(true);
  const row = page.getByRole('row').filter({ has: said });
  await row.getByText('BIO-101').waitFor();
  expect(await isWhole(row)).toBe(true);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
