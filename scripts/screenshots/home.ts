import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { tempDir } from '../../tests/support/temp-dir.ts';
import type { TestWindow } from '../../tests/renderer/support/window.ts';

/** Other pictures are made in a home of that name meanwhile: it is waited for. */
const WAIT_MS = 120_000;

/**
 * A home with a person's name, for pictures that show paths. It is made for them and taken away again;
 * where that may not be, or somebody of that name has one, a temporary folder stands in.
 */
export async function openHome(name: string): Promise<{ path: string } & AsyncDisposable> {
  const path = `/home/${name}`;
  const isMade = () =>
    mkdir(path).then(
      () => true,
      ({ code }: NodeJS.ErrnoException) => (code === 'EEXIST' ? 'later' : false),
    );
  const endMs = performance.now() + WAIT_MS;
  let made = await isMade();
  while (made === 'later' && performance.now() < endMs) {
    await setTimeout(500);
    made = await isMade();
  }
  if (made !== true) return tempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** The window with its recordings in that home. */
export function inHome(window: TestWindow, home: string): TestWindow {
  const app = { ...window.app, folder: join(home, 'Recordings') };
  return { ...window, app, [Symbol.asyncDispose]: () => window[Symbol.asyncDispose]() };
}
