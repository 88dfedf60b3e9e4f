import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a limit is set by the keyboard, every page tells it, uploads keep it, and it ends', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Upload speed' });
  await card.getByRole('radio', { name: 'As fast as the network allows' }).focus();
  await page.keyboard.press('ArrowDown');
  const box = card.getByRole('textbox', { name: 'Megabits a second' });
  await box.fill('none');
  await page.keyboard.press('Enter');
  await card.getByRole('button', { name: 'Set the limit' }).click();
  await card.getByText('A number from 0.1 to 100000.').waitFor();
  await expectAccessible(page);
  await box.fill('2');
  await card.getByText('A recording of 1 GB then takes about 1 h 10 min.').waitFor();
  await box.press('Enter');
  const frame = page.getByRole('complementary', { name: 'Safe to leave?' });
  await frame.getByText('Uploads are held to 2 megabits a second.').waitFor();
  expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await api.getUploadLimit({})).toEqual({ megabits: 2, isFixed: false });
  await expectAccessible(page);

  await follow(window);
  const startMs = performance.now();
  await record(app.folder, 'Lecture 1.mp3', 400_000);
  await stored(window, 1);
  expect(performance.now() - startMs).toBeGreaterThan(1_300); // 1.6 s, less what may go out at once.
  await page.keyboard.press('Control+1');
  await frame.getByRole('link', { name: '2 megabits a second' }).click();
  await card.getByRole('radio', { name: 'As fast as the network allows' }).click();
  await frame.getByText(/Uploads are held/).waitFor({ state: 'detached' });
  expect(await api.getUploadLimit({})).toEqual({ megabits: null, isFixed: false });
  expect(problems).toEqual([]);
});

test('a limit from the environment is told, and cannot be changed here', async () => {
  await using window = await openWindow({ env: { PANSEA_UPLOAD_LIMIT: '1.5' } });
  const { page, api } = window;
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Upload speed' });
  await card.getByText(/At most 12 megabits a second\..*PANSEA_UPLOAD_LIMIT/).waitFor();
  expect(await card.getByRole('radio').count()).toBe(0);
  await expect(api.setUploadLimit({ megabits: 1 })).rejects.toThrow(/PANSEA_UPLOAD_LIMIT/);
  await page.getByText('Uploads are held to 12 megabits a second.').waitFor();
});
