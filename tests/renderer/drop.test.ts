/// <reference lib="dom" />
import { dirname, join } from 'node:path';
import type { Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { dragger, dropOn } from './support/drag.ts';
import { expectAccessible, openWindow, record, stored, type TestWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** The page as the desktop app shows it: the bridge asks the real engine, and knows where a file is. */
async function onDesktop(window: TestWindow, folder: string): Promise<Page> {
  const context = await window.page
    .context()
    .browser()!
    .newContext({ viewport: { width: 1_120, height: 720 } });
  const page = await context.newPage();
  await page.exposeFunction('askEngine', (name: string, input: unknown) =>
    window.app.host.serve(name, input),
  );
  await page.addInitScript((root) => {
    const { askEngine } = globalThis as unknown as { askEngine: (...of: unknown[]) => unknown };
    Object.assign(globalThis, {
      bridge: {
        send: askEngine,
        onEvent: () => () => {},
        pathOf: (file: File) => `${root}/${file.name}`,
      },
    });
  }, folder);
  await page.goto(window.app.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

test('a dropped folder is offered to be followed, and is, from whatever page', async () => {
  await using window = await openWindow();
  const { app, api } = window;
  await record(app.folder, 'Cells.mp3');
  const page = await onDesktop(window, dirname(app.folder));
  await page.getByRole('link', { name: 'Links' }).click();
  const drag = await dragger(page, [app.folder]);
  await drag.hover();
  await page
    .getByText('Drop files or a folder to have them uploaded, or a .env file to connect with it')
    .waitFor();
  await drag.leave();
  await page.getByText('Drop files').waitFor({ state: 'detached' });
  await dropOn(page, [app.folder]);
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.waitFor();
  expect(await dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(app.folder);
  await dialog.getByRole('textbox', { name: 'Class' }).fill('BIO-101');
  await dialog.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add folder' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect((await api.listFolders({})).map(({ path }) => path)).toEqual([app.folder]);
  // Once it is followed, the same drop leads to its settings.
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Escape');
        await dropOn(page, [app.folder]);
        return page.getByRole('dialog', { name: 'Edit folder' }).count();
      },
      { timeout: 15_000 },
    )
    .toBe(1);
});

test('for a file its folder is offered, and for several folders the first', async () => {
  await using window = await openWindow();
  const { app } = window;
  const seminar = join(dirname(app.folder), 'Seminar');
  await record(app.folder, 'Cells.mp3');
  await record(seminar, 'Sources.mp3');
  const page = await onDesktop(window, dirname(app.folder));
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  const path = dialog.getByRole('textbox', { name: 'Folder' });
  await dropOn(page, [join(app.folder, 'Cells.mp3')]);
  await page.getByRole('button', { name: 'Follow their folder instead' }).click();
  await dialog.getByText('this is the one that holds “Cells.mp3”').waitFor();
  expect(await path.inputValue()).toBe(dirname(app.folder));
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await dropOn(page, [seminar, app.folder]);
  await dialog.getByText('this is the first of the 2 that were dropped').waitFor();
  expect(await path.inputValue()).toBe(seminar);
});

test('a dropped file is uploaded by itself, to the class that is said, and not before', async () => {
  await using window = await openWindow({
    host: {
      desktop: {
        chooseFolder: () => Promise.resolve(undefined),
        chooseFiles: () => Promise.resolve([join(window.app.folder, 'Plants.mp3')]),
        chooseSavePath: () => Promise.resolve(undefined),
      },
    },
  });
  const { app, api } = window;
  await record(app.folder, 'Cells.mp3');
  await record(app.folder, 'Plants.mp3', 0);
  const page = await onDesktop(window, app.folder);
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  const dialog = page.getByRole('dialog', { name: 'Upload files' });
  // As the preload tells the host.
  app.host.dropped(join(app.folder, 'Cells.mp3'));
  await dropOn(page, [join(app.folder, 'Cells.mp3')]);
  await dialog.getByRole('listitem').filter({ hasText: 'Cells.mp3' }).getByText('40 kB').waitFor();
  const upload = dialog.getByRole('button', { name: 'Upload' });
  const type = (field: string, text: string) =>
    dialog.getByRole('textbox', { name: field }).fill(text);
  await type('User', 'teacher-7');
  expect(await upload.isDisabled()).toBe(true);
  await type('Class', '../BIO');
  expect(await upload.isDisabled()).toBe(true);
  await type('Class', 'BIO-101');
  await expectAccessible(page);
  expect((await api.getStatus({})).isUnused).toBe(true);
  await upload.click();
  await dialog.waitFor({ state: 'detached' });
  await stored(window, 1);
  expect((await api.listJobs({ filter: 'done', offset: 0, limit: 5 })).rows).toMatchObject([
    { name: 'Cells.mp3', key: expect.stringMatching(/^audio\/BIO-101\//) },
  ]);
  expect(await api.listFolders({})).toEqual([]);
  // What cannot be taken stays in the dialog, with why.
  await page.getByRole('button', { name: 'Upload files…' }).click();
  await dialog.getByRole('radio', { name: /^Documents/ }).check();
  await type('User', 'teacher-7');
  await upload.click();
  await dialog.getByRole('listitem').getByText(/empty/i).waitFor();
  await expectAccessible(page);
});

test('a browser does not say where a dropped folder is: the window says so, and how to go on', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  await dropOn(page, [app.folder]);
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.getByText(/^A browser does not tell any page where a dropped folder is/).waitFor();
  expect(await dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe('');
  await expectAccessible(page);
  // A second drop changes nothing of what is being filled in, and the page is still the window.
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(app.folder);
  await dropOn(page, [dirname(app.folder)]);
  expect(await dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(app.folder);
  expect(problems).toEqual([]);
});
