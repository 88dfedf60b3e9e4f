/** @file `npm start`, as it is typed: with an Electron to be had, and without. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { end, needElectron, openPlace, root, runtime } from './app.ts';

beforeEach(needElectron);

/** Runs `npm start`'s script and listens. */
function start(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), 'start', ...args], {
    cwd: root,
    env: { ...env, XDG_CACHE_HOME: join(env['HOME']!, '.cache'), BROWSER: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, said: () => said };
}

test.skipIf(existsSync(join(root, '.env')))(
  'without AWS settings it opens the app: recordings arrive, are stored and checked, and have a link within a minute',
  async () => {
    await using place = await openPlace();
    const env = { ...place.env, ELECTRON_OVERRIDE_DIST_PATH: runtime.dist };
    const running = start(env, '--remote-debugging-port=0');
    try {
      await expect.poll(running.said, { timeout: 60_000 }).toMatch(/DevTools listening on ws:/);
      expect(running.said()).toContain('else the demo');
      const [, address] = /DevTools listening on ws:\/\/([\d.:]+)/.exec(running.said())!;
      const browser = await chromium.connectOverCDP(`http://${address}`);
      const pages = () => browser.contexts().flatMap((context) => context.pages());
      await expect.poll(() => pages().length).toBe(1);
      const [page] = pages();
      await page!.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
      const sample = page!.getByRole('row', { name: /Lab safety \(short\)\.wav/ });
      await sample.getByText('Stored and checked').waitFor({ timeout: 60_000 });
      await page!.getByRole('link', { name: 'Library' }).click();
      await sample.click();
      await page!.getByRole('button', { name: 'Make link' }).click();
      const dialog = page!.getByRole('dialog', { name: 'Link to a recording' });
      await dialog.getByRole('button', { name: 'Make link' }).click();
      const link = await dialog.getByRole('textbox', { name: 'The link' }).inputValue();
      expect((await fetch(link)).status).toBe(200);
      await browser.close();
    } finally {
      await end(running.child);
    }
    expect(running.child.exitCode).toBe(0);
  },
);

test.skipIf(existsSync(join(root, '.env')))(
  'without an Electron it says so in one line, and the same page is in the browser',
  async () => {
    await using place = await openPlace();
    const { PANSEA_SQLITE_BINDING: _, ...plain } = place.env;
    const env = { ...plain, ELECTRON_OVERRIDE_DIST_PATH: join(place.path, 'no-electron') };
    const running = start(env);
    try {
      await expect.poll(running.said, { timeout: 60_000 }).toMatch(/#token=/);
      const lines = running.said().split('\n');
      expect(lines.filter((line) => line.includes('No window of its own'))).toEqual([
        expect.stringMatching(
          /^No window of its own, as there is no Electron in .*: opening the same one in the browser\.$/,
        ),
      ]);
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(running.said())!;
      expect(await (await fetch(url)).text()).toContain('<title>Pan-Sea Sync</title>');
    } finally {
      await end(running.child);
    }
  },
);
