/// <reference lib="dom" />
/** @file Without a mouse: Tab comes to each control once, in order, and it is seen where. */
import type { Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { testArchive } from '../support/migration.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** Runs in the page. What Tab should come to, in the order of the page; in a dialog nothing else. */
function findStops(): string[] {
  const dialog = document.querySelector('[role=dialog], [role=alertdialog]');
  const groups = new Set<string>();
  const isOtherRadio = (element: HTMLElement) => {
    if (!(element instanceof HTMLInputElement) || element.type !== 'radio') return false;
    const chosen = document.querySelector(`input[name="${element.name}"]:checked`);
    if (chosen !== null ? chosen !== element : groups.has(element.name)) return true;
    groups.add(element.name);
    return false;
  };
  const stops = [
    ...(dialog ?? document).querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, summary, [tabindex]',
    ),
  ].filter(
    (element) =>
      element.tabIndex >= 0 &&
      element.checkVisibility({ visibilityProperty: true }) &&
      element.closest('[inert], [aria-hidden=true], [hidden]') === null &&
      !element.hasAttribute('data-base-ui-focus-guard') &&
      !element.matches(':disabled') &&
      !isOtherRadio(element),
  );
  (globalThis as unknown as { stops: HTMLElement[] }).stops = stops;
  return stops.map(
    (element) => element.ariaLabel ?? element.textContent?.trim() ?? element.tagName,
  );
}

/** Runs in the page: which of them has the focus, and what keeps a person from seeing it. */
function lookAtFocus(): { index: number; hidden: string | null } {
  const focused = document.activeElement as HTMLElement;
  const { stops } = globalThis as unknown as { stops: HTMLElement[] };
  const ringed = [focused, focused.closest('.choice')].some((element) => {
    if (element === null) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  });
  const { left, top, width, height } = focused.getBoundingClientRect();
  const met = document.elementFromPoint(left + width / 2, top + height / 2);
  const isCovered = met === null || !(focused.contains(met) || met.contains(focused));
  return {
    index: stops.indexOf(focused),
    hidden: !ringed ? 'has no ring' : isCovered ? 'is covered or out of sight' : null,
  };
}

/** Goes once around. What Tab came to, in the order of the page, beside what it should have; and what could not be seen. */
async function goAround(page: Page) {
  const names = await page.evaluate(findStops);
  const isDialog = (await page.locator('[role=dialog], [role=alertdialog]').count()) > 0;
  const look = async () => {
    // What is drawn anew has the focus on another element than before.
    await page.evaluate(findStops);
    return page.evaluate(lookAtFocus);
  };
  const settled = async () => {
    // A dialog takes the focus, and takes it back at its end, a moment later.
    if (isDialog) await expect.poll(async () => (await look()).index).toBeGreaterThanOrEqual(0);
    return look();
  };
  await settled();
  const reached: number[] = [];
  const unseen: string[] = [];
  for (let presses = 0; presses < names.length + 4; presses += 1) {
    await page.keyboard.press('Tab');
    const { index, hidden } = await settled();
    // Past the end the browser itself has the focus.
    if (index < 0) continue;
    if (reached.includes(index)) break;
    reached.push(index);
    if (hidden !== null) unseen.push(`${names[index]} ${hidden}`);
  }
  const start = reached.indexOf(0);
  const inOrder = [...reached.slice(start), ...reached.slice(0, start)];
  return { names, reached: inOrder.map((index) => names[index]), unseen };
}

/** Around again where rows or news came meanwhile. */
async function expectEachReached(page: Page, where: string): Promise<void> {
  await expect
    .poll(async () => {
      const { names, reached, unseen } = await goAround(page);
      return { where, missed: names.filter((name, index) => reached[index] !== name), unseen };
    })
    .toEqual({ where, missed: [], unseen: [] });
}

test.each([
  { width: 1_120, height: 720 },
  { width: 640, height: 400 },
])(
  'Tab comes to each control of each page and dialog, in order, and it is seen where ($width × $height)',
  async (viewport) => {
    await using window = await openWindow({ view: { viewport } });
    const { page, app, api, problems } = window;
    await record(app.folder, 'Cells.mp3');
    await record(app.folder, 'Empty.mp3', 0);
    await record(app.folder, 'Notes.pdf');
    await follow(window);
    await stored(window, 1);
    await page.getByText('1 file needs you.', { exact: true }).waitFor();
    const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
    await api.createLink({ key: job!.key!, expiresInSeconds: 3_600, mode: 'watch', note: '' });
    const { keyboard } = page;
    const goTo = async (number: number) => {
      await keyboard.press(`Control+${number}`);
      // The page takes the focus to its heading.
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    };
    const opened = async (opener: string, role: 'dialog' | 'alertdialog') => {
      const button = page.getByRole('button', { name: opener }).first();
      await button.focus();
      await keyboard.press('Enter');
      await page.getByRole(role).waitFor();
      await expectEachReached(page, opener);
      await keyboard.press('Escape');
      await page.getByRole(role).waitFor({ state: 'detached' });
      await expect.poll(() => button.evaluate((one) => one === document.activeElement)).toBe(true);
    };
    await expectEachReached(page, 'Queue');
    await page.getByRole('tab', { name: /^Needs you/ }).click();
    await page.getByRole('row', { name: /Empty\.mp3/ }).waitFor();
    await expectEachReached(page, 'Needs you');
    await opened('Dismiss', 'alertdialog');
    await goTo(2);
    await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor();
    await expectEachReached(page, 'Library');
    await page.getByRole('row', { name: /Cells\.mp3/ }).press('Enter');
    await page.getByRole('button', { name: 'Make link' }).waitFor();
    await expectEachReached(page, 'Details');
    await opened('Make link', 'dialog');
    await opened('Delete from storage…', 'alertdialog');
    await goTo(3);
    await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor();
    await expectEachReached(page, 'Links');
    await opened('New link', 'dialog');
    await goTo(4);
    await page.getByRole('button', { name: /^Edit / }).waitFor();
    await expectEachReached(page, 'Settings');
    for (const opener of ['Add folder', 'Edit']) await opened(opener, 'dialog');
    await opened('Stop following', 'alertdialog');
    await goTo(5);
    await page
      .getByRole('row', { name: /Cells\.mp3/ })
      .first()
      .waitFor();
    await expectEachReached(page, 'History');
    await goTo(6);
    const archive = await testArchive(app, api, { 'a.mp3': 'lecture a' });
    await expectEachReached(page, 'Archive');
    const plan = await archive.plan();
    await api.noteBackup({ plan, by: 'IT, on tape' });
    await api.runMigration({ plan });
    await archive.settled();
    await api.verifyMigration({ plan, level: 'full', share: 100 });
    await archive.settled();
    await page.getByRole('button', { name: 'Move into quarantine…' }).waitFor();
    for (const summary of await page.locator('.page-archive summary').all())
      if (await summary.isVisible()) await summary.press('Enter');
    await expectEachReached(page, 'Archive, all of it open');
    await opened('Move into quarantine…', 'dialog');
    expect(problems).toEqual([]);
  },
);
