import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { storageEnv } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { needElectron, openPlace, root, runtime } from './app.ts';

declare global {
  /** In Electron's main process: pictures of the tray, and titles of notes. */
  var saidOutside: string[] | undefined;
}

beforeEach(needElectron);

test('the window appears with the page in it', async () => {
  await using place = await openPlace();
  const startedMs = performance.now();
  await using app = await place.launch();
  await app.page.getByRole('heading', { level: 1 }).waitFor();
  await expect.poll(() => isVisible(app.electron)).toBe(true);
  // A figure for the reader, not a claim: other tests share the two cores.
  console.log(`The window appeared after ${Math.round(performance.now() - startedMs)} ms`);
});

test('without settings the window asks for them, and nothing is complained about', async () => {
  await using place = await openPlace();
  await using app = await place.launch();
  expect(await app.api.getStatus({})).toMatchObject({
    mode: 'no-settings',
    can: { reveal: true, chooseFolder: true },
  });
  for (const view of ['Library', 'Links', 'Settings', 'Queue']) {
    await app.page
      .getByRole('link', { name: view })
      .or(app.page.getByRole('button', { name: view }))
      .first()
      .click();
    await app.page.getByRole('heading', { level: 1, name: view }).waitFor();
  }
  expect(app.complaints).toEqual([]);
});

test('the menu leads to the pages, and the window is where it was the next time', async () => {
  await using place = await openPlace();
  {
    await using app = await place.launch();
    await app.page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
    await app.electron.evaluate(({ Menu }) => {
      const items = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items ?? []);
      items.find(({ label }) => label === 'Settings…')!.click();
    });
    await app.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.setBounds({ x: 40, y: 60, width: 900, height: 640 }),
    );
    await app.electron.close();
  }
  await using app = await place.launch();
  const bounds = await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.getBounds(),
  );
  expect(bounds).toEqual({ x: 40, y: 60, width: 900, height: 640 });
});

test('a second start brings the first one’s window to the front and ends', async () => {
  await using place = await openPlace();
  await using app = await place.launch({ args: ['--hidden'] });
  await app.page.getByRole('heading', { level: 1 }).waitFor();
  expect(await isVisible(app.electron)).toBe(false);
  const second = spawn(runtime.executable, ['--no-sandbox', root], {
    cwd: place.path,
    env: place.env,
    stdio: 'ignore',
  });
  expect(await once(second, 'exit')).toEqual([0, null]);
  await expect.poll(() => isVisible(app.electron)).toBe(true);
});

test('--user-data-dir holds everything: library, window and logs', async () => {
  await using place = await openPlace();
  const folder = join(place.path, 'elsewhere');
  await using app = await place.launch({ args: [`--user-data-dir=${folder}`] });
  await app.api.getStatus({});
  expect(await app.electron.evaluate((electron) => electron.app.getPath('userData'))).toBe(
    join(folder, 'window'),
  );
  expect(existsSync(join(folder, 'ledger.db'))).toBe(true);
  expect(existsSync(place.home)).toBe(false);
});

/** A session in which somebody shows icons, as far as the app can tell. */
async function traySession({ path, env }: Awaited<ReturnType<typeof openPlace>>) {
  const bin = join(path, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'dbus-send'), '#!/bin/sh\necho "   boolean true"\n', { mode: 0o755 });
  return {
    PATH: `${bin}:${env['PATH']}`,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(path, 'no-bus')}`,
  };
}

test('where nobody sees the window, the tray and a note say that a recording needs a person', async () => {
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  const env = { ...(await traySession(place)), ...storageEnv(s3) };
  await using app = await place.launch({ env, args: ['--hidden'] });
  await app.page.getByRole('heading', { level: 1 }).waitFor();
  await app.electron.evaluate(({ Notification, Tray }) => {
    globalThis.saidOutside = [];
    Object.defineProperty(Notification, 'isSupported', { value: () => true });
    Object.defineProperty(Notification.prototype, 'show', {
      value(this: Electron.Notification) {
        globalThis.saidOutside!.push(this.title);
        this.emit('click', {});
      },
    });
    Tray.prototype.setImage = (image) => {
      if (typeof image === 'string') globalThis.saidOutside!.push(image);
    };
  });
  const said = async () =>
    (await app.electron.evaluate(() => globalThis.saidOutside!)).map((one) => basename(one));
  await writeFile(join(place.folder, 'lecture.mp3'), 'a lecture');
  const rule = { kind: 'audio', classId: null, userId: 'teacher-7' } as const;
  await app.addFolder({ path: place.folder, rule: { ...rule, include: [], exclude: [] } });
  await expect
    .poll(said)
    .toEqual(expect.arrayContaining(['attention.png', '1 recording needs you']));
  // And a click on the note leads to it.
  await expect.poll(() => isVisible(app.electron)).toBe(true);
  await app.page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
});

/** Loaded before the app: its shell is told that it is installed, its engine not, which would want the native module that is shipped. */
const installed = `
  const { app } = require('electron');
  let isAsked = false;
  const get = () => !isAsked && (isAsked = true);
  app.once('ready', () => Object.defineProperty(app, 'isPackaged', { get }));
`;

test('where there is a tray, closing the window leaves the app in it, says so once, and offers to start with the computer', async () => {
  await using place = await openPlace();
  const before = join(place.path, 'installed.cjs');
  await writeFile(before, installed);
  await using app = await place.launch({ env: await traySession(place), before });
  await app.page.getByRole('heading', { level: 1 }).waitFor();
  await app.answerDialogs(0);
  const close = () =>
    app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
  for (let i = 0; i < 2; i += 1) {
    await close();
    await expect.poll(() => isVisible(app.electron)).toBe(false);
    // As a click on the icon or a second start does.
    await app.electron.evaluate((electron) => void electron.app.emit('activate'));
    await expect.poll(() => isVisible(app.electron)).toBe(true);
  }
  expect(await app.dialogs()).toEqual([
    {
      message: 'Pan-Sea Sync stays open in the tray',
      detail: expect.stringContaining('go on being uploaded'),
    },
  ]);
  expect(app.electron.process().exitCode).toBe(null);

  const entry = join(place.path, '.config', 'autostart', 'pansea-sync.desktop');
  expect(existsSync(entry)).toBe(true);
  const press = () =>
    app.electron.evaluate(({ Menu }) => {
      const items = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items ?? []);
      const item = items.find(({ label }) => label === 'Start with This Computer')!;
      const { checked } = item;
      item.click();
      return checked;
    });
  expect(await press()).toBe(true);
  expect(existsSync(entry)).toBe(false);
  // A system that refuses: the box that was ticked by the press is not left so.
  await rm(dirname(entry), { recursive: true });
  await writeFile(dirname(entry), 'a file');
  expect(await press()).toBe(false);
  expect(await press()).toBe(false);
  expect(await app.dialogs()).toMatchObject([
    {},
    { message: 'Pan-Sea Sync does not start with this computer' },
    { message: 'Pan-Sea Sync does not start with this computer' },
  ]);
});

function isVisible(electron: {
  evaluate: <T>(run: (electron: typeof import('electron')) => T) => Promise<T>;
}): Promise<boolean> {
  return electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.isVisible());
}
