import DatabaseConstructor from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { storageEnv } from '../support/cli.ts';
import { openRemote } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { needElectron, openPlace } from './app.ts';

beforeEach(needElectron);

test('a window that crashes says that uploads go on, comes back when asked to, and they did go on', async () => {
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  await using app = await place.launch({ env: storageEnv(s3) });
  await app.page.getByRole('heading', { level: 1 }).waitFor();
  await app.addFolder({
    path: place.folder,
    rule: { kind: 'audio', classId: 'bio-101', userId: 'teacher-7', include: [], exclude: [] },
  });
  await app.electron.evaluate(({ dialog, BrowserWindow }) => {
    // A person who is away until told otherwise.
    const person = globalThis as { comeBack?: () => void };
    globalThis.saidDialogs = [];
    dialog.showMessageBox = (...args: unknown[]) => {
      const { message = '', detail = '' } = args.at(-1) as { message?: string; detail?: string };
      globalThis.saidDialogs!.push({ message, detail });
      return new Promise((resolve) => {
        person.comeBack = () => resolve({ response: 0, checkboxChecked: false });
      });
    };
    BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer();
  });
  await expect
    .poll(app.dialogs)
    .toEqual([
      { message: 'The window stopped working', detail: expect.stringContaining('they go on') },
    ]);

  await writeFile(join(place.folder, 'lecture.mp3'), randomBytes(100_000));
  // By another client than the app's.
  using remote = openRemote(s3);
  await expect
    .poll(async () => (await remote.list('', 10, undefined, AbortSignal.timeout(50_000))).objects, {
      timeout: 30_000,
    })
    .toHaveLength(1);

  await app.electron.evaluate(() => (globalThis as { comeBack?: () => void }).comeBack!());
  await expect
    .poll(
      () =>
        app.electron.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(
            `document.querySelector('h1')?.textContent`,
          ),
        ),
      { timeout: 15_000 },
    )
    .toBe('Queue');
});

test('a library that another process works in is said in the window', async () => {
  await using place = await openPlace();
  const other = lockHome({ path: place.home });
  try {
    await using app = await place.launch();
    await app.page.getByText('Another Pan-Sea Sync is already at work here').first().waitFor();
    expect(await app.api.getStatus({})).toMatchObject({
      mode: 'broken',
      trouble: { code: 'home-locked' },
    });
  } finally {
    other.close();
  }
});

test('a library of a newer version is said in the window, and left as it is', async () => {
  await using place = await openPlace();
  await mkdir(place.home, { recursive: true });
  const file = join(place.home, 'ledger.db');
  const newer = new DatabaseConstructor(file);
  newer.pragma('user_version = 999');
  newer.close();
  {
    await using app = await place.launch();
    await app.page
      .getByText('This library was made by a newer version of Pan-Sea Sync')
      .first()
      .waitFor();
    expect((await app.api.getStatus({})).safeToLeave).toBe(false);
    await app.electron.close();
  }
  const after = new DatabaseConstructor(file, { readonly: true });
  expect(after.pragma('user_version', { simple: true })).toBe(999);
  after.close();
});

test('a library that cannot be opened, and a wrong setting, open the window with the reason in it', async () => {
  await using place = await openPlace();
  await writeFile(join(place.path, 'a-file'), 'no folder');
  {
    const env = { PANSEA_SYNC_HOME: join(place.path, 'a-file', 'library') };
    await using app = await place.launch({ env });
    await app.page.getByText('The library cannot be opened').first().waitFor();
    expect((await app.api.getStatus({})).safeToLeave).toBe(false);
    await app.electron.close();
  }
  await using app = await place.launch({
    env: { AWS_S3_BUCKET: 'recordings', AWS_S3_USE_SSL: 'perhaps' },
  });
  await app.page.getByText('A setting is not valid').first().waitFor();
  await app.page.getByText('AWS_S3_USE_SSL must be true or false').waitFor();
});
