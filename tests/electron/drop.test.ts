/** @file A folder that is dragged from the desktop onto the window, by Chromium's own drag events. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { needElectron, openPlace } from './app.ts';

beforeEach(needElectron);

async function dropOn(page: Page, path: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 | 2 | 4 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data });
}

test('a folder dropped on the window is offered under its real path, and followed when it is agreed', async () => {
  await using place = await openPlace();
  const folder = join(place.folder, 'Économie – “Tuesdays” & more');
  await mkdir(folder);
  await using app = await place.launch();
  await app.page.getByRole('heading', { level: 1 }).waitFor();
  await dropOn(app.page, folder);
  const dialog = app.page.getByRole('dialog');
  await dialog.waitFor();
  expect(await dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(folder);
  expect(await app.api.listFolders({})).toEqual([]);
  await dialog.getByRole('textbox', { name: 'Class' }).fill('econ-101');
  await dialog.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await dialog.getByRole('button', { name: 'Add folder' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await app.api.listFolders({})).toMatchObject([
    { path: folder, rule: { classId: 'econ-101' } },
  ]);
  expect(app.complaints).toEqual([]);
});
