import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('what is told in passing stays while the pointer is on it, and goes once that has left', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByRole('button', { name: 'Delete from storage…' }).click();
  await page.clock.install();
  const question = page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Delete for good' }).click();
  const notice = page.getByRole('status').getByText('Cells.mp3 is deleted from the storage.');
  await question.waitFor({ state: 'detached' });

  await notice.hover();
  await page.clock.fastForward(60_000);
  expect(await notice.isVisible()).toBe(true);
  await page.mouse.move(0, 0);
  await page.clock.fastForward(9_000);
  await notice.waitFor({ state: 'detached', timeout: 3_000 });
  expect(problems).toEqual([]);
});
