/** @file Where the window was, kept between two starts. Losing it costs nobody anything. */
import type { Rectangle } from 'electron';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** In pixels: in a smaller window the page has no room. */
export const SMALLEST = { width: 480, height: 400 } as const;
const USUAL = { width: 1_080, height: 720 } as const;
/** So much of the window must be on a screen that it can be seen and moved. */
const VISIBLE = 80;

const windowState = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(SMALLEST.width).max(20_000),
  height: z.int().min(SMALLEST.height).max(20_000),
  isMaximized: z.boolean(),
});
export type WindowState = z.output<typeof windowState>;

/** `undefined` when there is none, or what is there is no such state. */
export function readWindowState(file: string): WindowState | undefined {
  try {
    return windowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Never throws: a full disk must not keep a window from closing. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.part`, JSON.stringify(state));
    renameSync(`${file}.part`, file);
  } catch {
    // The next window opens in the usual place.
  }
}

/** Where the window opens: where it was, unless that screen is no longer there. */
export function placeWindow(
  state: WindowState | undefined,
  screens: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (state === undefined) return USUAL;
  const { x, y, width, height } = state;
  const isVisible = screens.some(
    (screen) =>
      Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x) >= VISIBLE &&
      y >= screen.y &&
      screen.y + screen.height - y >= VISIBLE,
  );
  return isVisible ? { x, y, width, height } : { width, height };
}
