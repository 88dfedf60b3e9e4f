/** @file Seeing and hearing that it is the right recording, in a real browser with a real storage. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { DAY_MS } from '../../shared/time.ts';
import { tempDir } from '../support/temp-dir.ts';
import { wav } from '../support/wav.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

type Stored = Readonly<{ name: string; bytes: Buffer; contentType?: string }>;

/** The library with these files in it, and the connections that read of them. */
async function openLibrary(files: readonly Stored[], env: Record<string, string> = {}) {
  const window = await openWindow({ env });
  const { remote } = window.app.host.storage();
  for (const { name, bytes, contentType = 'application/octet-stream' } of files) {
    const headers = { contentType, metadata: { original_filename: name } };
    const key = `uploads/u/${name}`;
    await remote.putObject(key, bytes, crc32(bytes), headers, AbortSignal.timeout(10_000));
  }
  const reading: Socket[] = [];
  window.storage.refuses = ({ method, headers: { range }, socket }) => {
    if (method === 'GET' && range !== undefined) reading.push(socket);
    return false;
  };
  await window.api.refreshObjects({});
  await window.page.getByRole('link', { name: 'Library' }).click();
  const details = window.page.getByRole('complementary', { name: 'Details' });
  const open = async (name: string) => {
    await window.page.getByRole('row', { name: new RegExp(name) }).click();
    await details.getByRole('heading', { name }).waitFor();
    await details.getByText('For an admin').waitFor();
  };
  return { ...window, reading, details, open };
}

type Media = { duration: number; currentTime: number; paused: boolean; seeking: boolean };
const media = (player: Locator, name: keyof Media): Promise<number | boolean> =>
  player.evaluate((element, what) => (element as unknown as Media)[what], name);

test('a recording is played and jumped within by its own keys, and nothing of it is read before or after', async () => {
  await using window = await openLibrary([{ name: 'lecture.wav', bytes: wav(1_800) }]);
  const { page, storage, details, open, reading, problems } = window;
  await open('lecture.wav');
  const button = details.getByRole('button', { name: 'Preview' });
  await tabTo(page, button);
  expect(reading).toHaveLength(0);
  await page.keyboard.press('Enter');
  const player = details.getByLabel('Preview of lecture.wav');
  await expect.poll(() => media(player, 'duration')).toBe(1_800);
  expect(await media(player, 'paused')).toBe(true);
  await details.getByRole('button', { name: 'Close preview' }).waitFor();
  await expectAccessible(page);

  // The focus has stayed on the button; the player is next, and Space plays it.
  await tabTo(page, player);
  await page.keyboard.press('Space');
  await expect.poll(() => media(player, 'currentTime')).toBeGreaterThan(0);
  await page.keyboard.press('Space');
  expect(await media(player, 'paused')).toBe(true);
  await player.evaluate((element) => ((element as unknown as Media).currentTime = 1_700));
  await expect.poll(() => media(player, 'seeking')).toBe(false);
  expect(await media(player, 'currentTime')).toBe(1_700);
  expect(await player.getAttribute('src')).toMatch(/^\/preview\/[\w-]{43}$/);

  const before = reading.length;
  storage.bytesPerSecond = 50_000;
  await player.evaluate((element) => ((element as unknown as Media).currentTime = 900));
  await expect.poll(() => reading.length).toBeGreaterThan(before);
  expect(reading.at(-1)!.destroyed).toBe(false);
  await page.close();
  await expect.poll(() => reading.at(-1)!.destroyed).toBe(true);
  expect(problems).toEqual([]);
});

test('a last look is to be had where a link is made from the list of links, too', async () => {
  await using window = await openLibrary([{ name: 'lecture.wav', bytes: wav(1_800) }]);
  const { page, reading, problems } = window;
  await page.getByRole('link', { name: 'Links' }).click();
  await page.getByRole('button', { name: 'New link' }).first().click();
  const finder = page.getByRole('dialog', { name: 'Which recording?' });
  await finder.getByRole('searchbox').fill('lecture');
  await finder.getByRole('button', { name: /lecture\.wav/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  const button = dialog.getByRole('button', { name: 'Preview' });
  await button.waitFor();
  expect(reading).toHaveLength(0);
  await button.click();
  const player = dialog.getByLabel('Preview of lecture.wav');
  await expect.poll(() => media(player, 'duration')).toBe(1_800);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Make link' }).click();
  await dialog.getByLabel('The link', { exact: true }).waitFor();
  expect(await player.count()).toBe(0);
  expect(problems).toEqual([]);
});

test('who makes a link to watch is told when it may end before all of the recording is watched', async () => {
  await using window = await openLibrary([{ name: 'lecture.wav', bytes: wav(2_700) }]);
  const { page, details, open, problems } = window;
  await open('lecture.wav');
  await details.getByRole('button', { name: 'Make link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  const told = dialog.getByText('It plays for 45 min: the link may end before');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await told.waitFor();
  await expectAccessible(page);
  await dialog.getByRole('radio', { name: /^Download/ }).check();
  await told.waitFor({ state: 'detached' });
  await dialog.getByRole('radio', { name: /^Watch/ }).check();
  await told.waitFor();
  await dialog.getByText('Let it work for longer.').waitFor();
  await dialog.getByRole('radio', { name: /^1 day/ }).check();
  await told.waitFor({ state: 'detached' });
  // Of an end that has passed only that is said: it cannot work for longer.
  await dialog.getByRole('radio', { name: 'Until a time' }).check();
  await page.clock.setFixedTime(Date.now() + 3 * DAY_MS);
  await dialog.getByText('Choose a time at least a minute from now.').waitFor();
  expect(await told.count()).toBe(0);
  expect(problems).toEqual([]);
});

test('where no link may work for long enough, who makes one reads what can be done', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, 'policy.json');
  await writeFile(file, JSON.stringify({ format: 1, links: { longestSeconds: 3_600 } }));
  await using window = await openLibrary([{ name: 'lecture.wav', bytes: wav(2_700) }], {
    PANSEA_POLICY_FILE: file,
  });
  const { page, details, open, problems } = window;
  await open('lecture.wav');
  await details.getByRole('button', { name: 'Make link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog
    .getByText(/watched all of it\. No link may work for long enough here: choose Download, or /)
    .waitFor();
  expect(await dialog.getByText('Let it work for longer.').count()).toBe(0);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('a picture is shown; what is empty or may hold a script is not, and what cannot be played is said so', async () => {
  const page = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>');
  await using window = await openLibrary([
    { name: 'board.png', bytes: picture() },
    { name: 'sketch.svg', bytes: page, contentType: 'image/svg+xml' },
    { name: 'broken.mp4', bytes: Buffer.from('no recording at all') },
    { name: 'none.mp3', bytes: Buffer.alloc(0) },
  ]);
  const { details, open } = window;
  await open('board.png');
  await details.getByRole('button', { name: 'Preview' }).click();
  const image = details.getByRole('img', { name: 'Preview of board.png' });
  const width = () => image.evaluate((element) => (element as HTMLImageElement).naturalWidth);
  await expect.poll(width).toBe(2);
  await details.getByRole('button', { name: 'Close preview' }).click();
  await image.waitFor({ state: 'detached' });
  expect(window.problems).toEqual([]);

  await open('sketch.svg');
  await details.getByText(/no preview of this kind of file: download it/).waitFor();
  expect(await details.getByRole('button', { name: 'Preview' }).count()).toBe(0);
  await open('none.mp3');
  await details.getByText(/It is empty/).waitFor();
  expect(await details.getByRole('button', { name: 'Preview' }).count()).toBe(0);

  await open('broken.mp4');
  await details.getByRole('button', { name: 'Preview' }).click();
  await details.getByRole('region', { name: 'This cannot be played here' }).waitFor();
  await expectAccessible(window.page);
  await details.getByRole('button', { name: 'Preview' }).waitFor();
});

test('a storage that is gone while it plays is told as such, and it can be begun again', async () => {
  await using window = await openLibrary([{ name: 'lecture.wav', bytes: wav(1_800) }]);
  const { storage, details, open } = window;
  await open('lecture.wav');
  await details.getByRole('button', { name: 'Preview' }).click();
  const player = details.getByLabel('Preview of lecture.wav');
  await expect.poll(() => media(player, 'duration')).toBe(1_800);
  storage.isDown = true;
  await player.evaluate((element) => ((element as unknown as Media).currentTime = 1_700));
  await details
    .getByRole('region', { name: 'The storage cannot be reached' })
    .waitFor({ timeout: 60_000 });
  storage.isDown = false;
  await details.getByRole('button', { name: 'Preview' }).click();
  await expect.poll(() => media(player, 'duration')).toBe(1_800);
});

test('above 200 MB it is said how much may be read; where reading is not allowed there is no preview', async () => {
  await using window = await openLibrary([{ name: 'lecture.wav', bytes: wav(1) }]);
  const { page, details, open } = window;
  let change: Record<string, unknown> = { sizeBytes: 200_000_001 };
  await page.route('**/rpc/getObject', async (route) => {
    const answer = await route.fetch();
    const reply = (await answer.json()) as { value: object };
    await route.fulfill({ json: { ...reply, value: { ...reply.value, ...change } } });
  });
  await open('lecture.wav');
  await details.getByText('Up to 200 MB may be read from the storage for it.').waitFor();
  change = { readability: { kind: 'archived', archive: 'GLACIER' } };
  await page.reload();
  await open('lecture.wav');
  await details.getByRole('button', { name: 'Make link', disabled: true }).waitFor();
  expect(await details.getByRole('button', { name: 'Preview' }).count()).toBe(0);
});

test('a page of somebody else’s in the same browser gets nothing, though it knows the number', async () => {
  await using window = await openLibrary([{ name: 'lecture.wav', bytes: wav(10) }]);
  const { api, app, page, reading } = window;
  const { id } = await api.startPreview({ key: 'uploads/u/lecture.wav' });
  const address = new URL(`/preview/${id}`, app.url).href;
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo; // A TCP server has an AddressInfo.
    const foreign = await page.context().newPage();
    // Of the same site, and of another.
    for (const host of ['127.0.0.1', 'localhost']) {
      await foreign.goto(`http://${host}:${port}/`);
      expect(await foreign.evaluate(play, address)).toBe('refused');
      expect(
        await foreign.evaluate((src) => fetch(src).then(String, () => 'refused'), address),
      ).toBe('refused');
    }
    // Nor is it a page of its own, typed into the address bar.
    expect((await foreign.goto(address))?.status()).toBe(403);
    expect(reading).toHaveLength(0);
    expect(await page.evaluate(play, address)).toBe('played');
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Runs in a page. */
function play(src: string): Promise<string> {
  return new Promise((resolve) => {
    const player = document.createElement('audio');
    player.addEventListener('loadedmetadata', () => resolve('played'));
    player.addEventListener('error', () => resolve('refused'));
    player.src = src;
  });
}

/** A PNG of two dots. */
function picture(): Buffer {
  const size = Buffer.from([0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(Buffer.from([0, 0, 255]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
