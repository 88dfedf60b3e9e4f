/** @file The preview in the app: played through its own scheme, in its own window, and nowhere else. */
import type { Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { openDifficultStorage } from '../renderer/support/difficult-storage.ts';
import { mustSayNoKey } from '../support/canary-traces.ts';
import { storageEnv } from '../support/cli.ts';
import { openRemote } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { wav } from '../support/wav.ts';
import { needElectron, openPlace, type TestApp } from './app.ts';

beforeEach(needElectron);

const key = 'audio/bio-101/lecture.wav';

/** A storage with a recording of half an hour, and the connections that read it. */
async function openStorage() {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer('embedded'));
  const storage = stack.use(await openDifficultStorage(s3.endpoint));
  const remote = stack.use(openRemote(s3));
  const bytes = wav(1_800);
  const headers = { contentType: 'audio/wav', metadata: { original_filename: 'lecture.wav' } };
  await remote.putObject(key, bytes, crc32(bytes), headers, AbortSignal.timeout(10_000));
  const reading: Socket[] = [];
  storage.refuses = ({ method, headers: { range }, socket }) => {
    if (method === 'GET' && range !== undefined) reading.push(socket);
    return false;
  };
  return {
    storage,
    reading,
    env: storageEnv({ ...s3, endpoint: storage.endpoint }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function openDetails({ page, api }: TestApp) {
  await api.refreshObjects({});
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /lecture\.wav/ }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  const button = details.getByRole('button', { name: 'Preview' });
  await button.waitFor();
  return { details, button, player: details.getByLabel('Preview of lecture.wav') };
}

test('a recording is played and jumped within, read only once it is asked for, and no more once it is closed', async () => {
  await using place = await openPlace();
  await using stored = await openStorage();
  await using app = await place.launch({ env: stored.env });
  const { details, button, player } = await openDetails(app);
  expect(stored.reading).toHaveLength(0);
  await button.click();
  type Media = { duration: number; currentTime: number; readyState: number; seeking: boolean };
  await expect
    .poll(() => player.evaluate((element) => (element as unknown as Media).duration))
    .toBe(1_800);
  await player.evaluate((element) => ((element as unknown as Media).currentTime = 1_700));
  const isThere = (element: unknown) => !(element as Media).seeking;
  await expect.poll(() => player.evaluate(isThere)).toBe(true);
  // All that the page holds of it is a number.
  mustSayNoKey(await app.page.content(), 'the page');
  expect(await player.getAttribute('src')).toMatch(/^\/preview\/[\w-]{43}$/);

  const before = stored.reading.length;
  stored.storage.bytesPerSecond = 50_000;
  await player.evaluate((element) => ((element as unknown as Media).currentTime = 900));
  await expect.poll(() => stored.reading.length).toBeGreaterThan(before);
  expect(stored.reading.at(-1)!.destroyed).toBe(false);
  await details.getByRole('button', { name: 'Close preview' }).click();
  await expect.poll(() => stored.reading.at(-1)!.destroyed).toBe(true);

  // Nor once the page itself has gone, which says nothing to anybody.
  const closed = stored.reading.length;
  await button.click();
  await expect.poll(() => stored.reading.length).toBeGreaterThan(closed);
  await app.page.reload();
  await expect.poll(() => stored.reading.at(-1)!.destroyed).toBe(true);
  expect(app.complaints).toEqual([]);
});

test('another window, a frame or a page of its own gets nothing of it, whoever knows its number', async () => {
  await using place = await openPlace();
  await using stored = await openStorage();
  await using app = await place.launch({ env: stored.env });
  await app.api.refreshObjects({});
  const { id } = await app.api.startPreview({ key });
  const address = `app://pansea/preview/${id}`;
  const answers = await app.electron.evaluate(
    async ({ BrowserWindow }, [page, url]) => {
      const play = `new Promise((resolve) => {
        const player = document.createElement('audio');
        player.onloadedmetadata = () => resolve('played');
        player.onerror = () => resolve('refused');
        player.src = ${JSON.stringify(url)};
      })`;
      const other = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
      await other.loadURL(page!);
      const stranger = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
      await stranger.loadURL('data:text/html,<p>hello');
      return {
        window: await other.webContents.executeJavaScript(play),
        stranger: await stranger.webContents.executeJavaScript(play),
        page: await stranger.loadURL(url!).then(
          () => 'loaded',
          () => 'refused',
        ),
      };
    },
    ['app://pansea/index.html', address],
  );
  expect(answers).toEqual({
    window: 'refused',
    stranger: 'refused',
    page: 'refused',
  });
  const ours = await app.page.evaluate(async (url) => {
    const { document, fetch } = globalThis as unknown as {
      document: { createElement: (tag: string) => Record<string, unknown> };
      fetch: (url: string) => Promise<unknown>;
    };
    const play = (src: string) =>
      new Promise((resolve) => {
        const player = document.createElement('audio');
        Object.assign(player, {
          onloadedmetadata: () => resolve('played'),
          onerror: () => resolve('refused'),
          src,
        });
      });
    return {
      fetch: await fetch(url).then(
        () => 'loaded',
        () => 'refused',
      ),
      key: await play('/preview/audio/bio-101/lecture.wav'),
      player: await play(url),
    };
  }, address);
  expect(ours).toEqual({ fetch: 'refused', key: 'refused', player: 'played' });
});
