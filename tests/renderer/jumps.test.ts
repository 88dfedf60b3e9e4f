import type { Locator, Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, record } from './support/window.ts';

beforeEach(skipWithoutChromium);

const rect = (at: Locator) => at.evaluate((box) => box.getBoundingClientRect().toJSON());
const isFocused = (at: Locator) => at.evaluate((box) => document.activeElement === box);
const scrolled = (page: Page) => page.locator('main').evaluate(({ scrollTop }) => scrollTop);

/** What stands at the top of the page becomes so much longer, and all that follows that has followed. */
const grow = (page: Page) =>
  page
    .locator('main > *')
    .first()
    .evaluate(async (head) => {
      head.style.paddingBottom = '300px';
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    });

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
      await expect.poll(() => isFocused(heading)).toBe(true);
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
    await expect.poll(() => scrolled(page)).not.toBe(0);
    await rail.getByRole('link', { name: 'Settings' }).click();
    await expect.poll(() => scrolled(page)).toBe(0);
    await page.keyboard.press('Control+1');
    await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    expect(problems).toEqual([]);
  },
);

test('who is sent to a part of the settings finds it in sight, also when what is above it comes late', async () => {
  await using window = await openWindow({ view: { viewport: { width: 1_120, height: 720 } } });
  const { page, app, api, problems } = window;
  const rule = { kind: 'audio', classId: null, userId: 'teacher-7' } as const;
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await record(app.folder, 'Cells.mp3');
  await page.getByRole('button', { name: 'Show what to do' }).click();
  // Its answer makes the part above longer.
  const later = Promise.withResolvers<void>();
  await page.route('**/rpc/getStorageFacts', async (route) => {
    await later.promise;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Open Settings' }).click();
  const heading = page.getByRole('heading', { level: 2, name: 'Folders' });
  const row = page.getByRole('listitem').filter({ hasText: app.folder });
  const isInSight = async () => {
    const { top } = await rect(heading);
    const { bottom } = await rect(row);
    return top > 0 && bottom < 720;
  };
  await row.waitFor();
  await expect.poll(isInSight).toBe(true);
  expect(await isFocused(heading)).toBe(true);
  later.resolve();
  await page.getByText('What this storage can do').waitFor();
  await expect.poll(isInSight).toBe(true);
  // A person who moves on is not brought back.
  await page.mouse.move(600, 400);
  await page.mouse.wheel(0, -2_000);
  await expect.poll(() => scrolled(page)).toBe(0);
  await grow(page);
  expect(await scrolled(page)).toBe(0);
  expect(problems).toEqual([]);
});

test('whoever was sent to a part of the settings and has gone on stays there when the library is opened anew', async () => {
  await using window = await openWindow();
  const { page, api, problems } = window;
  await page.evaluate(() => {
    document.location.hash = 'settings/diagnostics';
  });
  const heading = page.getByRole('heading', { level: 2, name: 'Diagnostics' });
  await expect.poll(() => isFocused(heading)).toBe(true);
  const bucket = page.getByRole('textbox', { name: 'Bucket', exact: true });
  await bucket.click();
  // As in the moment in which a connection that was saved is opened.
  let isClosed = true;
  await page.route('**/rpc/getStatus', async (route) => {
    const answer = await route.fetch();
    const reply = (await answer.json()) as { ok: boolean; value: object };
    const value = isClosed ? { ...reply.value, mode: 'no-settings' } : reply.value;
    await route.fulfill({ json: { ...reply, value } });
  });
  const jumps = page.getByRole('navigation', { name: 'On this page' });
  await api.setPaused({ isPaused: true });
  await jumps.waitFor({ state: 'detached' });
  isClosed = false;
  await api.setPaused({ isPaused: false });
  await jumps.waitFor();
  await grow(page);
  expect(await isFocused(bucket)).toBe(true);
  expect(problems).toEqual([]);
});
