import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

const isFocused = (element: Element) => element === document.activeElement;

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
  expect(await box.evaluate(isFocused)).toBe(true);
  expect(await api.getUploadLimit({})).toEqual({ megabits: 2, week: null, isFixed: false });
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
  expect(await api.getUploadLimit({})).toEqual({ megabits: null, week: null, isFixed: false });
  expect(problems).toEqual([]);
});

test('a limit from the environment is told, and cannot be changed here', async () => {
  await using window = await openWindow({ env: { PANSEA_UPLOAD_LIMIT: '1.5' } });
  const { page, api } = window;
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Upload speed' });
  await card.getByText(/At most 12 megabits a second\..*PANSEA_UPLOAD_LIMIT/).waitFor();
  expect(await card.getByRole('radio').count()).toBe(0);
  await expect(api.setUploadLimit({ megabits: 1, week: null })).rejects.toThrow(
    /PANSEA_UPLOAD_LIMIT/,
  );
  await page.getByText('Uploads are held to 12 megabits a second.').waitFor();
});

test('uploads wait on battery where a person wants it, every page says so, and they are sent anyway', async () => {
  const desktop = { chooseSavePath: () => Promise.resolve(undefined), isOnBattery: () => true };
  await using window = await openWindow({ host: { desktop } });
  const { page, app, api, problems } = window;
  await follow(window);
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Upload speed' });
  const box = card.getByRole('checkbox', { name: 'Wait while this computer runs on battery' });
  expect(await box.isChecked()).toBe(false);
  await box.focus();
  await page.keyboard.press(' ');
  await page.getByRole('status').getByText('On battery uploads wait.').first().waitFor();
  expect(await api.getBatteryWait({})).toEqual({ waits: true, isKnown: true });
  await expectAccessible(page);
  await record(app.folder, 'Lecture 1.mp3');
  const frame = page.getByRole('complementary', { name: 'Safe to leave?' });
  await frame.getByText(/Uploads are waiting until this computer is plugged in\. 1 file/).waitFor();
  await page.keyboard.press('Control+1');
  await page.getByText(/waiting until this computer is plugged in$/).waitFor();
  await page.getByRole('button', { name: 'Send anyway' }).click();
  await stored(window, 1);
  expect(problems).toEqual([]);
});

test('in a browser, which cannot tell, it is said that uploads do not wait', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  await page.keyboard.press('Control+4');
  await page.getByText('From here it cannot be told whether this computer is plugged in').waitFor();
  await page.getByRole('checkbox', { name: 'Wait while this computer runs on battery' }).click();
  const said = page.getByRole('status').filter({ hasText: 'uploads wait' }).first();
  await said.getByText('Where the app can tell, uploads wait on battery.').waitFor();
  expect(problems).toEqual([]);
});

test('the hours of the week are set by the keyboard and by the mouse, and what they say holds', async () => {
  await using window = await openWindow();
  const { page, api, problems } = window;
  await follow(window);
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Upload speed' });
  await card.getByRole('radio', { name: 'By the hour' }).check();
  const grid = card.getByRole('grid', { name: 'Hours of the week' });
  const hour = (name: string) => grid.getByRole('gridcell', { name });
  await card.getByText('Mon–Fri 08–16 limited. All other hours: full speed.').waitFor();
  await hour('Monday 8 to 9: Limited').focus();
  await page.keyboard.press(' ');
  await hour('Monday 8 to 9: Off').waitFor();
  for (const key of ['Shift+ArrowRight', 'Shift+ArrowDown', 'ArrowDown'])
    await page.keyboard.press(key);
  await card.getByText(/^Mon–Tue 08–10 off, Mon–Tue 10–16 limited, Wed–Fri 08–16/).waitFor();
  expect(await hour('Wednesday 9 to 10: Limited').evaluate(isFocused)).toBe(true);
  await expectAccessible(page);

  await card.getByRole('radio', { name: 'Full speed' }).check();
  await hour('Monday 8 to 9').hover();
  await page.mouse.down();
  await hour('Sunday 23 to 24').hover();
  await page.mouse.up();
  await card.getByText('Mon–Fri 08–16').waitFor({ state: 'detached' });
  await card.getByText('All hours are at full speed.').waitFor();
  await card.getByRole('radio', { name: 'Off' }).check();
  await hour('Monday 0 to 1').hover();
  await page.mouse.down();
  await hour('Sunday 23 to 24').hover();
  await page.mouse.up();
  const button = card.getByRole('button', { name: 'Set the timetable' });
  await button.click();
  await card.getByText('Leave an hour in which recordings go up.').waitFor();
  expect(await api.getUploadLimit({})).toMatchObject({ week: null });

  await card.getByRole('radio', { name: 'Full speed' }).check();
  // Neither today nor tomorrow.
  const day = (new Date().getDay() + 2) % 7;
  await grid.locator(`[data-hour="${day}-5"]`).click();
  await button.click();
  await page.getByRole('status').getByText('Uploads keep to the timetable.').first().waitFor();
  await page.keyboard.press('Control+1');
  await page.getByRole('button', { name: 'Send anyway' }).waitFor();
  expect(await api.getStatus({})).toMatchObject({ pausedBy: 'week' });
  await page.getByRole('button', { name: 'Send anyway' }).click();
  await page.getByRole('button', { name: 'Pause all' }).waitFor();
  expect(problems).toEqual([]);
});
