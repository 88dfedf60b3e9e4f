import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { follow, openWindow, record, stored, type TestWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** A recording is deleted, which a notice tells where the dialog's button was. */
async function deleteOne(window: TestWindow): Promise<Locator> {
  const { page, app } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByRole('button', { name: 'Delete from storage…' }).click();
  await page.clock.install();
  const question = page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'Delete for good' }).click();
  await question.waitFor({ state: 'detached' });
  return page.getByRole('status').getByText('Cells.mp3 is deleted from the storage.');
}

/** Once neither the pointer nor the focus is there any more. */
async function goesOnceLeft({ page, problems }: TestWindow, notice: Locator): Promise<void> {
  await page.mouse.move(0, 0);
  await page.clock.fastForward(9_000);
  await notice.waitFor({ state: 'detached', timeout: 3_000 });
  expect(problems).toEqual([]);
}

test('what is told in passing stays while the pointer is on it, and goes once that has left', async () => {
  await using window = await openWindow();
  const { page } = window;
  const notice = await deleteOne(window);

  await notice.hover();
  await page.clock.fastForward(60_000);
  expect(await notice.isVisible()).toBe(true);
  await goesOnceLeft(window, notice);
});

test('it stays as long as either the focus or the pointer is there, and goes when both have left', async () => {
  await using window = await openWindow();
  const { page } = window;
  const notice = await deleteOne(window);
  const dismiss = page.getByRole('button', { name: 'Dismiss' });

  await dismiss.focus();
  await notice.hover();
  await page.mouse.move(0, 0);
  await page.clock.fastForward(60_000);
  expect(await dismiss.evaluate((button) => button.matches(':focus'))).toBe(true);
  await notice.hover();
  await dismiss.blur();
  await page.clock.fastForward(60_000);
  expect(await notice.isVisible()).toBe(true);
  await goesOnceLeft(window, notice);
});
