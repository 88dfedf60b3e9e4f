/** @file What the screenshots share: the browser, the sizes, the recordings, and where the pictures go. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { follow, record, stored, type TestWindow } from '../../tests/renderer/support/window.ts';

const folder = join(import.meta.dirname, '../../docs/screens');
const MAX_BYTES = 70_000;

/** In light and dark. */
export async function shoot(page: Page, name: string): Promise<void> {
  await shootOnce(page, name);
  await page.emulateMedia({ colorScheme: 'dark' });
  await shootOnce(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** As the page is, for what is about its size or its colours. */
export async function shootOnce(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(350); // What fades or moves has done so.
  // As WebP, which Playwright's own way does not write: less than half of a PNG.
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  await devtools.detach();
  const picture = Buffer.from(data, 'base64');
  if (picture.length > MAX_BYTES)
    throw new Error(`${name} has ${picture.length} bytes, more than ${MAX_BYTES}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.webp`), picture);
}

/** What was said is read, unless it has faded already. */
export async function clearNotice(page: Page): Promise<void> {
  const dismiss = page.locator('.notice').getByRole('button', { name: 'Dismiss' });
  await dismiss.click({ timeout: 1_000 }).catch(() => {});
  await page.mouse.move(0, 0);
}

export async function go(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: view }).click();
  await page.getByRole('heading', { level: 1, name: view }).waitFor();
  await page.mouse.move(0, 0);
}

export const dark = { colorScheme: 'dark' } as const;
export const narrow = { viewport: { width: 360, height: 800 } } as const;
/** What 200 % leaves of a window of 1280 × 800. */
export const zoomed = { viewport: { width: 640, height: 400 } } as const;

export const lectures = [
  '2026-11-16 Cells and tissues.mp3',
  '2026-11-17 Photosynthesis, light reactions.mp3',
  '2026-11-18 Photosynthesis, Calvin cycle.mp3',
  '2026-11-19 Respiration.m4a',
  '2026-11-20 Lab briefing — microscopes.mp4',
  '2026-11-23 Recording of the field trip to the botanical garden, morning session, group B with the second microphone.wav',
] as const;

export async function recordAll(window: TestWindow): Promise<void> {
  for (const [i, name] of lectures.entries())
    await record(window.app.folder, name, 90_000 * (i + 2));
  await follow(window);
  await stored(window, lectures.length);
}
