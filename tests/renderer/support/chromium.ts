import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright';
import type { TestContext } from 'vitest';

const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Why no window can be looked at here; `undefined` when one can.  */
function chromiumMissing(): string | undefined {
  return existsSync(path)
    ? undefined
    : `there is no Chromium at ${path} (CHROMIUM_PATH names another), and windows are shown with it`;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

/** For `beforeEach`: without Chromium the tests of windows are skipped, and the run says why. */
export function skipWithoutChromium(context: TestContext): void {
  const reason = chromiumMissing();
  if (reason !== undefined) context.skip(reason);
}
