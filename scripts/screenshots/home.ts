import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '../../tests/support/temp-dir.ts';
import type { TestWindow } from '../../tests/renderer/support/window.ts';

/**
 * A home with a person's name, for pictures that show paths. It is made for them and taken away again;
 * where that may not be, or there is one of that name, a temporary folder stands in.
 */
export async function openHome(name: string): Promise<{ path: string } & AsyncDisposable> {
  const path = `/home/${name}`;
  try {
    await mkdir(path);
  } catch {
    return tempDir();
  }
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
