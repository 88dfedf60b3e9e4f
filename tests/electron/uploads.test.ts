import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { openDifficultStorage } from '../renderer/support/difficult-storage.ts';
import { storageEnv } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { needElectron, openPlace, root, type TestApp } from './app.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';

beforeEach(needElectron);

const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;

function watch({ addFolder }: TestApp, path: string) {
  return addFolder({ path, rule: { ...rule, include: [], exclude: [] } });
}

test('from an empty window to a link that opens: folder, upload, proof, link', async () => {
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  await using app = await place.launch({ env: storageEnv(s3) });
  const { page, electron } = app;
  await electron.evaluate(({ dialog }, folder) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] });
  }, place.folder);

  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Control+4');
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await page.getByRole('button', { name: 'Add folder' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Choose…' }).click();
  await dialog.getByLabel('Class', { exact: true }).fill('bio-101');
  await dialog.getByLabel('User', { exact: true }).fill('teacher-7');
  await dialog.getByRole('button', { name: 'Add folder' }).click();
  await dialog.waitFor({ state: 'detached' });

  const lecture = randomBytes(300_000);
  await writeFile(join(place.folder, 'Zellteilung, Woche 3.mp3'), lecture);
  await app.verified(1);
  await page.keyboard.press('Control+1');
  await page.getByText('Zellteilung, Woche 3.mp3').first().waitFor();

  await page.keyboard.press('Control+2');
  await page.getByRole('heading', { level: 1, name: 'Library' }).waitFor();
  await page.getByText('Zellteilung, Woche 3.mp3').first().click();
  await page.getByRole('button', { name: 'Make link' }).click();
  await dialog.getByRole('button', { name: 'Make link' }).click();
  const link = await dialog.getByRole('textbox', { name: 'The link' }).inputValue();
  await dialog.getByRole('button', { name: /Copy/ }).click();
  await expect.poll(() => electron.evaluate(({ clipboard }) => clipboard.readText())).toBe(link);

  const opened = await fetch(link);
  expect(opened.status).toBe(200);
  expect(Buffer.from(await opened.arrayBuffer()).equals(lecture)).toBe(true);
  expect(app.complaints).toEqual([]);
});

test('quit in the middle of an upload: it asks once, and the next start sends only the rest', async () => {
  await using s3 = await openServer('embedded');
  await using storage = await openDifficultStorage(s3.endpoint);
  storage.bytesPerSecond = 4_000_000;
  const parts: string[] = [];
  storage.refuses = ({ method, url = '' }) => {
    const [, number] = /partNumber=(\d+)/.exec(url) ?? [];
    if (method === 'PUT' && number !== undefined) parts.push(number);
    return false;
  };
  const env = storageEnv({ ...s3, endpoint: storage.endpoint });
  await using place = await openPlace();
  const lecture = randomBytes(64_000_000);
  await writeFile(join(place.folder, 'lecture.mkv'), lecture);
  {
    await using app = await place.launch({ env });
    await watch(app, place.folder);
    // Three parts stored: one may well be on its way, more are still to come.
    await expect.poll(() => sentBytes(app), { timeout: 30_000 }).toBeGreaterThan(24_000_000);

    const [keep, quit] = [1, 0];
    await app.answerDialogs(keep);
    await pressQuit(app);
    await expect.poll(app.dialogs).toEqual([
      {
        message: '1 recording is on the way',
        detail: expect.stringContaining('goes on the next time'),
      },
    ]);
    expect((await app.api.getStatus({})).mode).toBe('ready');

    await app.answerDialogs(quit);
    const ended = once(app.electron.process(), 'exit');
    await pressQuit(app);
    expect(await ended).toEqual([0, null]);
  }
  const before = parts.splice(0);
  storage.bytesPerSecond = Infinity;
  await using app = await place.launch({ env });
  await app.verified(1);
  // Those that were whole are not sent again; those that were cut off are.
  expect(before.length).toBeGreaterThan(3);
  expect(parts.length).toBeLessThanOrEqual(8 - 3);
  const { rows } = await app.api.listJobs({ filter: 'all', offset: 0, limit: 10 });
  expect(rows).toMatchObject([{ state: 'verified', attempts: 0, sizeBytes: lecture.length }]);
  const { url } = await app.api.createLink({
    key: rows[0]!.key!,
    expiresInSeconds: 600,
    mode: 'download',
    note: '',
  });
  const stored = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(stored.equals(lecture)).toBe(true);
});

test('closing the window while busy asks as quitting does; idle, it ends the app', async () => {
  await using s3 = await openServer('embedded');
  await using storage = await openDifficultStorage(s3.endpoint);
  storage.bytesPerSecond = 100_000;
  await using place = await openPlace();
  await using app = await place.launch({
    env: storageEnv({ ...s3, endpoint: storage.endpoint }),
  });
  await watch(app, place.folder);
  await writeFile(join(place.folder, 'lecture.mp3'), randomBytes(4_000_000));
  await expect.poll(() => firstState(app), { timeout: 30_000 }).toBe('uploading');
  await expect.poll(() => isKeptAwake(app)).toBe(true);
  await pressStayAwake(app);
  await expect.poll(() => isKeptAwake(app)).toBe(false);
  await pressStayAwake(app);
  await expect.poll(() => isKeptAwake(app, 1)).toBe(true);
  await app.answerDialogs(1);
  await closeWindow(app);
  await expect.poll(async () => (await app.dialogs()).length).toBe(1);
  storage.bytesPerSecond = Infinity;
  await app.verified(1);

  const ended = once(app.electron.process(), 'exit');
  await closeWindow(app);
  expect(await ended).toEqual([0, null]);
});

/** @param request Of the system, which numbers them. */
const isKeptAwake = ({ electron }: TestApp, request = 0) =>
  electron.evaluate(({ powerSaveBlocker }, number) => powerSaveBlocker.isStarted(number), request);

const pressStayAwake = ({ electron }: TestApp) =>
  electron.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()!
      .items.flatMap(({ submenu }) => submenu?.items ?? [])
      .find(({ label }) => label === 'Stay Awake While Uploading')!
      .click(),
  );

const endings = {
  'a signal': (app: TestApp) => void app.electron.process().kill('SIGTERM'),
  // As Electron tells of it; that Windows does was not seen.
  'the end of a session of Windows': ({ electron }: TestApp) =>
    electron.evaluate(({ BrowserWindow }) => {
      setTimeout(() => BrowserWindow.getAllWindows()[0]!.emit('session-end'), 10);
    }),
};

test.each(Object.entries(endings))(
  '%s ends the app in order, without a question, and the command line goes on from there',
  async (_, endApp) => {
    await using s3 = await openServer('embedded');
    await using storage = await openDifficultStorage(s3.endpoint);
    storage.bytesPerSecond = 500_000;
    const env = storageEnv({ ...s3, endpoint: storage.endpoint });
    await using place = await openPlace();
    await using app = await place.launch({ env });
    await watch(app, place.folder);
    await writeFile(join(place.folder, 'lecture.mp3'), randomBytes(4_000_000));
    await expect.poll(() => firstState(app), { timeout: 30_000 }).toBe('uploading');
    const child = app.electron.process();
    const startedMs = performance.now();
    const ended = once(child, 'exit');
    await endApp(app);
    await ended;
    expect(performance.now() - startedMs).toBeLessThan(STOP_LIMIT_MS);

    storage.bytesPerSecond = Infinity;
    const plain = { ...place.env, ...env, PANSEA_SQLITE_BINDING: undefined };
    const cli = join(root, 'out', 'main', 'cli.js');
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'sync', '--json'], {
      cwd: place.path,
      env: plain,
    });
    expect(stdout.trim().split('\n').at(-1)).toContain('"verified":1');
    const files = await readdir(place.home, { recursive: true, withFileTypes: true });
    const telling: string[] = [];
    for (const { parentPath, name } of files.filter((entry) => entry.isFile()))
      if ((await readFile(join(parentPath, name), 'latin1')).includes(s3.secretAccessKey))
        telling.push(name);
    expect(telling).toEqual([]);
  },
);

async function sentBytes({ api }: TestApp): Promise<number> {
  const { rows } = await api.listJobs({ filter: 'all', offset: 0, limit: 10 });
  return rows[0]?.sentBytes ?? 0;
}

async function firstState({ api }: TestApp): Promise<string | undefined> {
  const { rows } = await api.listJobs({ filter: 'all', offset: 0, limit: 10 });
  return rows[0]?.state;
}

function pressQuit({ electron }: TestApp): Promise<void> {
  return electron.evaluate(({ Menu }) => {
    const items = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items ?? []);
    // Not before this call has been answered: the app may be gone by then.
    setTimeout(() => items.find(({ label }) => label.startsWith('Quit'))!.click(), 10);
  });
}

function closeWindow({ electron }: TestApp): Promise<void> {
  return electron.evaluate(({ BrowserWindow }) => {
    setTimeout(() => BrowserWindow.getAllWindows()[0]!.close(), 10);
  });
}
