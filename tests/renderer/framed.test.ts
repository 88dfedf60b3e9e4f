/// <reference lib="dom" />
/** @file Other pages of the same browser, which know the window's address: none gets hold of it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, test } from 'vitest';
import { openTestAppHost } from '../support/app-host.ts';
import { openBrowser, skipWithoutChromium } from './support/chromium.ts';

beforeEach(skipWithoutChromium);

/** A page of somebody else's, on this computer, too. */
async function openOther(html: string) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>Other</title>${html}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test.each(['127.0.0.1', 'localhost'])(
  'a page of %s, another port, shows nothing of the window inside itself, token or not',
  async (name) => {
    await using app = await openTestAppHost();
    const { origin } = new URL(app.url);
    const ways = [
      `<iframe src="${app.url}"></iframe>`,
      `<iframe src="${app.url}" sandbox="allow-scripts allow-same-origin"></iframe>`,
      `<embed src="${app.url}">`,
      `<object data="${app.url}"></object>`,
      `<iframe src="${origin}/api/v1/s3/files"></iframe>`,
    ];
    await using other = await openOther(ways.join(''));
    await using chromium = await openBrowser();
    const page = await chromium.newPage();
    const answers: number[] = [];
    page.on('response', (answer) => {
      if (answer.url().startsWith(origin)) answers.push(answer.status());
    });
    await page.goto(`http://${name}:${other.port}/`, { waitUntil: 'load' });
    await expect.poll(() => answers.length).toBe(ways.length);
    expect(new Set(answers)).toEqual(new Set([403]));
    // The browser's own page for what it may not show; the object with its fallback has no frame at all.
    const shown = () =>
      new Set(
        page
          .frames()
          .slice(1)
          .map((frame) => frame.url()),
      );
    await expect.poll(shown).toEqual(new Set(['chrome-error://chromewebdata/']));
  },
);

test('a page that opens the window keeps no hold of it', async () => {
  await using app = await openTestAppHost();
  await using other = await openOther('');
  await using chromium = await openBrowser();
  const page = await chromium.newPage();
  await page.goto(`http://localhost:${other.port}/`);
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate((url) => void Object.assign(globalThis, { held: open(url) }), app.url),
  ]);
  await opened.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
  expect(await opened.evaluate(() => opener as unknown)).toBeNull();
  const held = () => page.evaluate(() => (globalThis as unknown as { held: Window }).held.closed);
  expect(await held()).toBe(true);
});
