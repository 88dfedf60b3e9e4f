import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

const rect = (at: Locator) => at.evaluate((box) => box.getBoundingClientRect().toJSON());

test.each([
  ['wide', { width: 1_120, height: 720 }],
  ['narrow', { width: 440, height: 600 }],
])(
  'each part of the settings is a link away, by keyboard, and is in sight then: %s',
  async (_, viewport) => {
    await using window = await openWindow({ view: { viewport } });
    const { page, problems } = window;
    await page.keyboard.press('Control+4');
    const jumps = page.getByRole('navigation', { name: 'On this page' });
    await jumps.waitFor();
    const parts = await page
      .locator('.card')
      .evaluateAll((cards) => cards.map((card) => card.querySelector('h2')!.textContent));
    expect(await jumps.getByRole('link').allTextContents()).toEqual(parts);
    expect(parts.length).toBeGreaterThan(4);
    // What a part asks for makes it longer when it comes.
    const areFilled = () =>
      page
        .locator('.card')
        .evaluateAll((cards) =>
          cards.every((card) => card.children.length > 1 && !card.querySelector('.soon')),
        );
    await expect.poll(areFilled).toBe(true);
    for (const part of parts.toReversed()) {
      await jumps.getByRole('link', { name: part }).press('Enter');
      const heading = page.getByRole('heading', { level: 2, name: part });
      await expect.poll(() => heading.evaluate((box) => document.activeElement === box)).toBe(true);
      const { top, bottom } = await rect(heading);
      const above = await rect(jumps);
      expect([part, top > above.bottom, bottom < viewport.height]).toEqual([part, true, true]);
    }
    // From there the Tab key goes on in that part.
    await page.keyboard.press('Tab');
    expect(
      await page.evaluate(() => document.activeElement?.closest('section')?.textContent),
    ).toMatch(/^Connection/);
    await expectAccessible(page);
    // And back to where it begins.
    const rail = page.getByRole('navigation', { name: 'Pages' });
    await jumps.getByRole('link', { name: parts.at(-1)! }).press('Enter');
    await expect
      .poll(() => page.locator('main').evaluate(({ scrollTop }) => scrollTop))
      .not.toBe(0);
    await rail.getByRole('link', { name: 'Settings' }).click();
    await expect.poll(() => page.locator('main').evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    await page.keyboard.press('Control+1');
    await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    expect(problems).toEqual([]);
  },
);
