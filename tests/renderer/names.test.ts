/** @file When the window asks for names that only the storage knows: each is a request, and paid. */
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { openWindow, type TestWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** Counts the page's questions. @param answers Of the first ones; the last one is of all others. */
async function countAsked({ page }: TestWindow, ...answers: object[]): Promise<() => number> {
  let asked = 0;
  await page.route(/learnNames/, (route) => {
    asked += 1;
    return route.fulfill({ json: answers[Math.min(asked, answers.length) - 1] });
  });
  return () => asked;
}

const learned = (unnamed: number) => ({ ok: true, value: { learned: 2_000, unnamed } });

test('where the storage has not answered, it is asked for names again half a minute later', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  const failed = { ok: false, code: 'offline', detail: '' };
  const asked = await countAsked(window, learned(4_000), failed, learned(0));
  await page.clock.install();
  const failure = page.waitForResponse(
    async (response) =>
      response.url().includes('learnNames') && (await response.text()).includes('offline'),
  );
  await page.getByRole('link', { name: 'Library' }).click();
  await (await failure).finished();
  const now = () => page.evaluate(() => Date.now());
  const failedAtMs = await now();
  await expect
    .poll(async () => {
      await page.clock.runFor(1_000);
      return asked();
    })
    .toBe(3);
  expect((await now()) - failedAtMs).toBeGreaterThan(25_000);
  expect(problems).toEqual([]);
});

test('to estimate the cost, no names are asked for', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  const asked = await countAsked(window, learned(0));
  await page.getByRole('link', { name: 'Settings' }).click();
  const card = page.getByRole('region', { name: 'Cost' });
  await card.getByRole('button', { name: 'Estimate the cost' }).click();
  await card.getByText('Nothing is stored: it costs nothing a month.').waitFor();
  await card.getByText(/^As of /).waitFor();
  expect(asked()).toBe(0);
  await page.getByRole('link', { name: 'Library' }).click();
  await expect.poll(asked).toBe(1);
  expect(problems).toEqual([]);
});
