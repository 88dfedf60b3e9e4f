/** @file What a folder takes, in its dialog, and what the queue says of the rest. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a folder’s types and sizes are seen in the preview before they are saved, and go back to all', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await record(app.folder, 'Long.mp3', 60_000);
  await record(app.folder, 'Camera.mkv', 20_000);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Add folder' }).click();
  const dialog = page.getByRole('dialog');
  const field = (name: string) => dialog.getByRole('textbox', { name, exact: true });
  const advice = (first: string) =>
    dialog.getByText(`To see where its files would go, ${first}.`).waitFor();
  await advice('fill in the folder and the user');
  await field('Folder').fill(app.folder);
  await field('Class').fill('Biology 101');
  await advice('fill in the user, then correct the class');
  await field('Class').fill('BIO-101');
  await field('User').fill('teacher-7');
  await dialog.getByText('Only some of its files').click();
  await field('Largest').fill('a lot');
  await dialog.getByText('A size, such as 500 MB or 2 GB.').waitFor();
  await field('Types').fill('mp3 w/v');
  await dialog.getByText('Endings such as mp3, with commas between them.').waitFor();
  await advice('correct the types and the largest size');
  await expectAccessible(page);
  const save = dialog.getByRole('button', { name: 'Add folder' });
  expect(await save.isDisabled()).toBe(true);
  await field('Types').fill('.MP3');
  await field('Largest').fill('50 kB');
  await field('Smallest').fill('60 kB');
  await dialog.getByText('This is less than the smallest.').waitFor();
  await field('Smallest').fill('1 kB');
  await dialog
    .getByText(/^Waits for you\. Larger.*60 kB; its folder takes 50 kB at most$/)
    .waitFor();
  await dialog
    .getByText(/^Waits for you\. A type that its folder does not take.*mkv; its folder takes mp3$/)
    .waitFor();
  await expectAccessible(page);
  await save.click();
  await dialog.waitFor({ state: 'detached' });
  const [folder] = await api.listFolders({});
  expect(folder?.rule).toMatchObject({ types: ['mp3'], minBytes: 1_000, maxBytes: 50_000 });
  await page.getByRole('button', { name: /^Edit/ }).click();
  expect(await field('Largest').inputValue()).toBe('50 kB');
  for (const name of ['Types', 'Smallest', 'Largest']) await field(name).fill('');
  await page.keyboard.press('Enter'); // A notice may be over the button.
  await dialog.waitFor({ state: 'detached' });
  const [now] = await api.listFolders({});
  expect(Object.keys(now!.rule)).not.toEqual(expect.arrayContaining(['types']));
  await stored(window, 2);
  expect(problems).toEqual([]);
});

test('a file that is not what its name says tells what it begins like, and goes up when a person says so', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await writeFile(join(app.folder, 'Lecture.mp4'), '<!doctype html><title>Sign in</title>');
  await page.getByText('1 file needs you.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Show what to do' }).click();
  const card = page.getByRole('region', {
    name: 'Lecture.mp4: Not what its name says',
  });
  await card.getByText('It begins like a web page; its name says .mp4').waitFor();
  await card.getByText(/Open it to see what it is/).waitFor();
  await page
    .getByRole('row')
    .getByText(/It begins like a web page/)
    .waitFor();
  await expectAccessible(page);
  await card.getByRole('button', { name: /^Upload anyway/ }).click();
  await stored(window, 1);
  expect(problems).toEqual([]);
});
