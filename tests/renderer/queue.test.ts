import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  refuseUploads,
  stored,
  tabTo,
  type TestWindow,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a recording is seen from its first byte until it is safe to leave', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  const light = page.getByRole('complementary', { name: 'Safe to leave?' });
  // Green would be said of recordings that nobody looks after; and there is nothing to pause.
  await light.getByText('No folder is followed').waitFor();
  expect(await page.getByRole('button', { name: 'Pause all' }).count()).toBe(0);
  await follow(window);
  await page.getByRole('heading', { name: 'Waiting for the first recording' }).waitFor();
  await light.getByText('Safe to leave', { exact: true }).waitFor();
  storage.bytesPerSecond = 3_000_000;
  await record(app.folder, 'Lecture 1.mp4', 40_000_000);
  const row = page.getByRole('row', { name: /Lecture 1\.mp4/ });
  await row.getByRole('progressbar').waitFor();
  await row.getByText(/^\d[\d.]* MB of 40 MB, \d+ %$/).waitFor();
  await light.getByText('Not safe to leave yet').waitFor();
  storage.bytesPerSecond = Infinity;
  await row.getByText('Stored and checked').waitFor();
  await light.getByText('Safe to leave', { exact: true }).waitFor();
  await page.getByText('1 of 1 file stored and checked.').waitFor();
  await page
    .getByRole('status')
    .getByText('Lecture 1.mp4 is stored and checked.')
    .waitFor({ state: 'attached' });
  expect(problems).toEqual([]);
});

test('who does not see the page hears that it is safe to leave, once the last recording has arrived', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  await follow(window);
  const said = page.getByRole('status');
  storage.bytesPerSecond = 3_000_000;
  await record(app.folder, 'Long.mp4', 60_000_000);
  await page.getByRole('progressbar').waitFor();
  await record(app.folder, 'Short.mp3');
  await said
    .getByText('Short.mp3 is stored and checked.', { exact: true })
    .waitFor({ state: 'attached' });
  storage.bytesPerSecond = Infinity;
  await said
    .getByText('Long.mp4 is stored and checked. Safe to leave.', { exact: true })
    .waitFor({ state: 'attached' });
  expect(problems).toEqual([]);
});

test('a file is shown in its folder, and where it is no longer there that is said', async () => {
  const shown: string[] = [];
  const desktop = {
    chooseSavePath: () => Promise.resolve(undefined),
    revealFile: (path: string) => void shown.push(path),
  };
  await using window = await openWindow({ host: { desktop } });
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const reveal = page.getByRole('button', { name: 'Show Cells.mp3 in its folder' });
  await reveal.click();
  const path = join(app.folder, 'Cells.mp3');
  await expect.poll(() => shown).toEqual([path]);
  await rm(path);
  await reveal.click();
  await page.getByText(/^Cells\.mp3 is no longer in the folder .*\. It is stored and/).waitFor();
  await rename(app.folder, `${app.folder} elsewhere`);
  // Whether or not anybody has noticed yet that the folder is away; who asks brings it to light.
  await reveal.click();
  await page.getByText('The folder of Cells.mp3 cannot be reached now.').waitFor();
  await expect.poll(() => folderState(window), { timeout: 30_000 }).toBe('not-connected');
  expect([shown, problems]).toEqual([[path], []]);
});

test('one that waits is sent first by the keyboard, and stands before the others', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await api.setPaused({ isPaused: true });
  await follow(window);
  for (const name of ['One.mp3', 'Two.mp3', 'Three.mp3']) {
    await record(app.folder, name);
    await page.getByRole('row', { name: new RegExp(name) }).waitFor();
  }
  const rows = page.locator('.job-name');
  expect(await rows.allInnerTexts()).toMatchObject([/^Three/, /^Two/, /^One/].map(like));
  await page.getByRole('row', { name: /One\.mp3/ }).focus();
  const button = page.getByRole('button', { name: 'Send One.mp3 first' });
  await tabTo(page, button);
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('One.mp3 is sent before the others.').first().waitFor();
  await page.getByRole('row', { name: /One\.mp3.*Paused, goes first/ }).waitFor();
  await expect.poll(async () => (await rows.allInnerTexts())[0]).toMatch(/^One/);
  expect(await button.count()).toBe(0);
  // The row goes up by Alt and an arrow, and the focus with it.
  const two = page.getByRole('row', { name: /Two\.mp3/ });
  await two.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(async () => (await rows.allInnerTexts())[0]).toMatch(/^Two/);
  await expect.poll(() => two.evaluate((row) => row === document.activeElement)).toBe(true);
  // One that is first stays so.
  await page.keyboard.press('Alt+ArrowUp');
  await expectAccessible(page);
  await api.setPaused({ isPaused: false });
  await stored(window, 3);
  expect(problems).toEqual([]);
});

test('what waits and what is done is found by words, and a tab is searched alone', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells 1.mp3');
  await stored(window, 1);
  await api.setPaused({ isPaused: true });
  for (const name of ['Cells 2.mp3', 'Acids.mp3']) await record(app.folder, name);
  await page.getByRole('tab', { name: 'Waiting 2' }).waitFor();
  const box = page.getByRole('searchbox', { name: 'Search names, folders and classes' });
  await box.fill('cells bio');
  const names = page.locator('.job-name .name-whole');
  await expect.poll(() => names.allInnerTexts()).toEqual(['Cells 2.mp3', 'Cells 1.mp3']);
  await expectAccessible(page);
  await page.getByRole('tab', { name: 'Waiting 2' }).click();
  await expect.poll(() => names.allInnerTexts()).toEqual(['Cells 2.mp3']);
  await page.getByRole('button', { name: 'Send Cells 2.mp3 first' }).click();
  // Found once, and still told as it is by now.
  await page.getByRole('row', { name: /Cells 2\.mp3.*Paused, goes first/ }).waitFor();
  await box.fill('cells nowhere');
  await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  await box.fill('');
  await expect.poll(() => names.count()).toBe(2);
  expect(problems).toEqual([]);
});

const like = (text: RegExp): string => expect.stringMatching(text) as string;

const folderState = async ({ api }: TestWindow) => (await api.listFolders({}))[0]?.state;

test('files that fail for one reason are one card, in three lines, retried together', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  await follow(window);
  refuseUploads(storage);
  for (let i = 1; i <= 14; i += 1) await record(app.folder, `Interview ${i}.mp3`);
  await page.getByText('14 files need you.', { exact: true }).waitFor();
  // A single reason is not counted once more.
  const help = page.getByRole('region', { name: 'What needs you' });
  expect(await help.innerText()).toMatch(/need you\. This account may not upload\.\s/);
  await page.getByRole('button', { name: 'Show what to do' }).click();
  const card = page.getByRole('region', { name: '14 files: This account may not upload' });
  expect(await card.innerText()).toMatch(
    /may not upload\s+Your recordings are safe on this computer\.\s+Ask an admin to allow storing objects/,
  );
  // One of several that are gone through, when somebody asks for them.
  expect(await card.getByRole('alert').count()).toBe(0);
  await expectAccessible(page);
  storage.refuses = () => false;
  await card.getByRole('button', { name: /^Retry all/ }).click();
  await stored(window, 14);
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor();
  expect(problems).toEqual([]);
});

test('a failed upload is retried with the keyboard alone', async () => {
  await using window = await openWindow();
  const { page, app, storage } = window;
  await follow(window);
  refuseUploads(storage);
  await record(app.folder, 'First.mp3');
  await record(app.folder, 'Second.mp3');
  await page.getByText('2 files need you.', { exact: true }).waitFor();
  const { keyboard } = page;
  await page.getByRole('tab', { name: /^All/ }).focus();
  for (let i = 0; i < 3; i += 1) await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await page.getByRole('tab', { name: /^Needs you/, selected: true }).waitFor();
  await page.getByRole('row', { name: /First\.mp3/ }).waitFor();
  await tabTo(page, page.getByRole('row', { name: /\.mp3/ }).first());
  // The second time it is there already: that key wants nothing more later on.
  for (const key of ['End', 'End', 'ArrowRight']) await keyboard.press(key);
  const focused = () => page.locator(':focus').getAttribute('aria-label');
  await expect.poll(focused).toMatch(/^Retry (First|Second)\.mp3$/);
  await record(app.folder, 'Third.mp3');
  await page.getByRole('row', { name: /Third\.mp3/ }).waitFor();
  expect(await focused()).toMatch(/^Retry (First|Second)\.mp3$/);
  storage.refuses = () => false;
  await keyboard.press('Enter');
  await stored(window, 1);
});

test('pausing and resuming is one button, its end can be chosen, and waiting is not trouble', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await page.getByRole('button', { name: 'Pause all' }).click();
  await page.getByRole('button', { name: 'Resume all' }).waitFor();
  await record(app.folder, 'Later.mp3');
  const row = page.getByRole('row', { name: /Later\.mp3/ });
  await row.getByText('Paused').waitFor();
  await page.getByRole('tab', { name: 'Waiting 1' }).click();
  await row.waitFor();

  const length = page.getByLabel('How long uploads are paused');
  expect(await length.locator('option:checked').textContent()).toBe('Until I resume');
  await length.selectOption('hour');
  await page.getByText(/^Uploads are paused until .+, and go on by themselves\.$/).waitFor();
  await expect
    .poll(async () => length.locator('option:checked').textContent())
    .toMatch(/^Until .*\d/);
  // As it is read above it: one end, in the same words.
  const end = (await length.locator('option:checked').textContent())!.slice('Until '.length);
  await page.locator('.page-head').getByText(`paused until ${end}`).waitFor();
  await length.selectOption('Until I resume');
  await expect
    .poll(async () => length.locator('option:checked').textContent())
    .toBe('Until I resume');

  await page.getByRole('button', { name: 'Resume all' }).click();
  await page.getByText('The pause has ended.').waitFor();
  await stored(window, 1);
  await page.getByRole('heading', { name: 'Nothing is waiting' }).waitFor();
  expect(problems).toEqual([]);
});

test('a storage that is gone is told once, in grey, and uploads go on by themselves', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  await follow(window);
  storage.isDown = true;
  await record(app.folder, 'Offline.mp3');
  const note = page.getByRole('region', { name: 'The storage cannot be reached' });
  await note.waitFor();
  await note.getByText(/^Tries again in|^Trying now/).waitFor();
  expect(await note.getAttribute('class')).toBe('note');
  // Read out as it appears: what happened, whether recordings are safe, what to do.
  expect(await note.getByRole('alert').innerText()).toMatch(
    /^The storage cannot be reached\s+Your recordings are safe on this computer\.\s+Check the network/,
  );
  // Once: another page shows it, too, and says nothing.
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
  await note.waitFor();
  expect(await note.getByRole('alert').count()).toBe(0);
  await page.getByRole('link', { name: 'Queue' }).click();
  // Its row has nothing of the note again, and not when it is tried.
  const row = page.getByRole('row', { name: /Offline\.mp3/ });
  await row.getByText('Waits for the storage', { exact: true }).waitFor();
  expect(await row.innerText()).not.toContain('cannot be reached');
  // It is no other's turn now.
  await record(app.folder, 'Next.mp3');
  await page.getByRole('row', { name: /Next\.mp3.*Waits for the storage/ }).waitFor();
  await expectAccessible(page);
  storage.isDown = false;
  await note.getByRole('button', { name: 'Try now' }).click();
  await stored(window, 2);
  await note.waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

test('a file that still grows is shown above the queue until it is finished', async () => {
  await using window = await openWindow();
  const { page, app } = window;
  await follow(window);
  const growing = setInterval(() => void record(app.folder, 'Now.wav', Date.now() % 900_000), 120);
  const note = page.getByRole('region', { name: 'Still being recorded or copied' });
  await note.getByText('Now.wav').waitFor();
  clearInterval(growing);
  await stored(window, 1);
  await note.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Now\.wav.*Stored and checked/ }).waitFor();
  expect(window.problems).toEqual([]);
});
