/// <reference lib="dom" />
import SqliteDatabase from 'better-sqlite3';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  stored,
  type TestWindow,
} from './support/window.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startDemo } from '../../electron/demo/demo.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';

beforeEach(skipWithoutChromium);

const tells = ({ page }: TestWindow, title: string, todo: string) =>
  page.getByRole('region', { name: title }).filter({ hasText: todo }).waitFor();

test('a ledger of a newer version and one that is no ledger are told on the page, with what to do', async () => {
  await using newer = await tempDir();
  const db = new SqliteDatabase(join(newer.path, 'ledger.db'));
  db.pragma('user_version = 999');
  db.close();
  await using inNewer = await openWindow({ host: { homePath: newer.path } });
  await tells(
    inNewer,
    'This library was made by a newer version of Pan-Sea Sync',
    'Update Pan-Sea Sync.',
  );
  await expectAccessible(inNewer.page);

  await using damaged = await tempDir();
  await writeFile(join(damaged.path, 'ledger.db'), 'these are my notes, and they are long enough');
  await using inDamaged = await openWindow({ host: { homePath: damaged.path } });
  const { page } = inDamaged;
  await page.getByText('No recording on this computer was touched.').first().waitFor();
  await page.getByText(/Check the permissions and the free space/).waitFor();
  await expectAccessible(page);
  expect([...inNewer.problems, ...inDamaged.problems]).toEqual([]);
});

test('a saved connection that cannot be read is said on each page, and Settings takes it anew', async () => {
  await using dir = await tempDir();
  const ledger = lockHome({ path: dir.path });
  settingStore(ledger.database).set('connection', { bucket: 7 });
  ledger.close();
  await using window = await openWindow({ host: { env: {}, homePath: dir.path, startDemo } });
  const { page, s3, problems } = window;
  await tells(window, 'Settings that were saved cannot be read', 'Enter them again in Settings.');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Open Settings' }).click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await tells(window, 'Settings that were saved cannot be read', 'The connection');
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByRole('textbox', { name: 'Access key' }).fill(s3.accessKeyId);
  await page.getByLabel('Secret key').fill(s3.secretAccessKey);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByRole('heading', { name: 'Folders' }).waitFor();
  expect(await window.api.getStatus({})).toMatchObject({ mode: 'ready', bucket: s3.bucket });
  expect(problems).toEqual([]);
});

test('a page that asks for an unknown call or in a wrong shape gets a plain answer, and the window goes on', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  const ask = (name: string, input: unknown) =>
    page.evaluate(
      async ([path, body, token]) => {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
        const response = await fetch(path!, { method: 'POST', headers, body: body! });
        return (await response.json()) as unknown;
      },
      [`/rpc/${name}`, JSON.stringify(input), app.token],
    );
  const refused = { ok: false, code: 'usage' };
  for (const [name, input] of [
    ['openShell', {}],
    ['constructor', {}],
    ['listJobs', null],
    ['startDownload', { key: '' }],
    ['cancelDownload', { id: 'one' }],
    ['deleteObject', { key: 'a'.repeat(2_000) }],
  ] as const)
    expect([name, await ask(name, input)]).toEqual([name, expect.objectContaining(refused)]);
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor();
  expect(problems).toEqual([]);
});

test('a link to a recording that has vanished is not made, and the window says where to look', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await api.refreshObjects({}); // The dialog would do it, and no longer offer what has vanished.
  const { rows } = await api.listObjects({ owner: null, words: 'cells', offset: 0, limit: 1 });
  await app.host.storage().remote.deleteObject(rows[0]!.key, AbortSignal.timeout(50_000));
  await page.getByRole('link', { name: 'Links', exact: true }).click();
  await page.getByRole('button', { name: 'New link' }).first().click();
  await page.getByRole('searchbox').fill('cells');
  await page.getByRole('button', { name: /Cells\.mp3/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  await dialog.getByRole('button', { name: 'Make link' }).click();
  await dialog.getByText('This recording is no longer in the storage').waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Open Library' }).click();
  await page.getByRole('heading', { level: 1, name: 'Library' }).waitFor();
  expect((await api.listLinks({ filter: 'all', words: '', offset: 0, limit: 1 })).total).toBe(0);
  expect(problems).toEqual([]);
});
