import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright';

const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Why no window can be looked at here; `undefined` when one can. For `test.skipIf(chromiumMissing())`. */
export function chromiumMissing(): string | undefined {
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
