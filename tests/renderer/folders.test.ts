/** @file What the window says of a folder that is away, swapped or silent, and of files that were moved. */
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { whyNoHungShare, openHungShare } from '../support/hung-share.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  stored,
  type TestWindow,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

/** Looks again at once, as a person does who opens the page. */
async function openSettings({ page }: TestWindow): Promise<void> {
  await page.getByRole('link', { name: 'Queue' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
}

test('a folder that is away and one with another disk in its place are told apart, and that disk is used when a person says so', async () => {
  await using window = await openWindow({ host: { rescanMs: 1_000 } });
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await openSettings(window);
  const row = page.getByRole('listitem').filter({ hasText: app.folder });
  await row.getByText('Connected', { exact: true }).waitFor();
  await rename(app.folder, `${app.folder} elsewhere`);
  await openSettings(window);
  await row.getByText('Not connected').waitFor();
  await row.getByText(/nothing counts as deleted meanwhile/).waitFor();
  await expectAccessible(page);
  // Where "1 folder is not connected" is read, it says which, and leads to it.
  await page.keyboard.press('Control+1');
  const away = page.getByRole('region', { name: 'Folders that are not connected' });
  await away.getByText(app.folder).first().waitFor();
  await away.getByText(/connect it: nothing counts as deleted meanwhile/).waitFor();
  await expectAccessible(page);
  await away.getByRole('button', { name: 'Show in Settings' }).click();
  await row.waitFor();
  await record(app.folder, 'Private.mp3');
  await openSettings(window);
  await row.getByText('Another disk').waitFor();
  await row.getByText(/Nothing of it is uploaded/).waitFor();
  await expectAccessible(page);
  expect((await api.getStatus({})).counts).not.toHaveProperty('queued');
  await page.getByRole('button', { name: `Use this one: what is at ${app.folder} now` }).click();
  await page.getByText('This folder is followed from now on.').first().waitFor();
  await row.getByText('Connected', { exact: true }).waitFor();
  await stored(window, 2);
  expect(problems).toEqual([]);
});

test('a share that hangs is said not to answer, and the page goes on', async ({ skip }) => {
  const missing = whyNoHungShare();
  skip(missing !== undefined, missing);
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const { rule } = await follow(window);
  await using share = await openHungShare();
  const folders = folderStore(app.host.storage().database, Date.now);
  folders.put(share.path, { ...rule, classId: 'BIO-101' });
  await openSettings(window);
  const row = page.getByRole('listitem').filter({ hasText: share.path });
  await row.getByText('Does not answer', { exact: true }).waitFor();
  await row.getByText(/Its recordings wait/).waitFor();
  await page.getByText('Connected', { exact: true }).first().waitFor();
  await expectAccessible(page);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  expect((await api.listFolders({})).map(({ state }) => state)).toEqual(['connected', 'silent']);
  expect(problems).toEqual([]);
});

test('a recording that is moved to another class, one that is there twice, and one that was deleted too early say so in their rows', async () => {
  await using window = await openWindow({ host: { rescanMs: 1_000 } });
  const { page, app, api, problems } = window;
  await follow(window);
  const other = join(dirname(app.folder), 'History');
  await mkdir(other);
  await api.saveFolder({
    path: other,
    rule: { kind: 'audio', classId: 'HIST-204', userId: 'teacher-7', include: [], exclude: [] },
  });
  await record(app.folder, 'Moved.mp3');
  await record(app.folder, 'Twice.mp3');
  await stored(window, 2);
  await rename(join(app.folder, 'Moved.mp3'), join(other, 'Moved.mp3'));
  await copyFile(join(app.folder, 'Twice.mp3'), join(app.folder, 'Twice (copy).mp3'));
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  await row('Moved.mp3')
    .getByText(/^Stored under BIO-101, and stays there/)
    .waitFor();
  await row('Twice (copy).mp3')
    .getByText(/^Already stored: the same bytes are in audio\/BIO-101\//)
    .waitFor();
  await api.setPaused({ isPaused: true });
  await record(app.folder, 'Deleted.mp3');
  await row('Deleted.mp3').waitFor();
  await rm(join(app.folder, 'Deleted.mp3'));
  await page.getByText('1 file needs you.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Show what to do' }).click();
  await page
    .getByRole('region', { name: /^Deleted\.mp3: .*moved or deleted before it was uploaded/ })
    .getByText(`It was ${join(app.folder, 'Deleted.mp3')}`)
    .waitFor();
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('the preview of a folder shows its first files, and more of them when they are asked for', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  for (let i = 10; i < 62; i += 1) await record(app.folder, `Lecture ${i}.mp3`, 100);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Add folder' }).click();
  const dialog = page.getByRole('dialog');
  for (const [name, text] of [
    ['Folder', app.folder],
    ['Class', 'BIO-101'],
    ['User', 'teacher-7'],
  ] as const)
    await dialog.getByRole('textbox', { name, exact: true }).fill(text);
  const preview = dialog.getByRole('region', { name: 'Preview' });
  await preview.getByText('52 files now.').waitFor();
  const keys = preview.getByText('audio/BIO-101/[id].mp3');
  const seen = () => keys.filter({ visible: true }).count();
  expect(await seen()).toBe(6);
  await preview.getByText('and 46 more files').click();
  await expect.poll(seen).toBe(50);
  await preview.getByText('The first 50 are shown.').waitFor();
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
