/** @file What the screenshots share: the browser, the sizes, the recordings, and where the pictures go. */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { follow, record, stored, type TestWindow } from '../../tests/renderer/support/window.ts';

const folder = join(import.meta.dirname, '../../docs/screens');
const MAX_BYTES = 150_000;

export async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(350); // What fades or moves has done so.
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new Error(`${name} has ${size} bytes, more than ${MAX_BYTES}`);
}

export async function go(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: view }).click();
  await page.getByRole('heading', { level: 1, name: view }).waitFor();
  await page.mouse.move(0, 0);
}

export const dark = { colorScheme: 'dark' } as const;
export const narrow = { viewport: { width: 480, height: 800 } } as const;
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
  await follow(window);
  for (const [i, name] of lectures.entries())
    await record(window.app.folder, name, 90_000 * (i + 2));
  await stored(window, lectures.length);
}
