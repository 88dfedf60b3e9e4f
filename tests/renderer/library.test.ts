import { join } from 'node:path';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import type { HostOptions } from '../../electron/engine/window/host.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  stored,
  type TestWindow,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

async function withLibrary(
  names: readonly string[],
  host: Partial<HostOptions> = {},
): Promise<TestWindow> {
  const window = await openWindow({ host });
  await follow(window);
  for (const name of names) await record(window.app.folder, name);
  await stored(window, names.length);
  await window.page.getByRole('link', { name: 'Library' }).click();
  await window.page.getByRole('button', { name: /BIO-101/ }).waitFor();
  return window;
}

const onlyKey = async ({ api }: TestWindow, words: string): Promise<string> => {
  const { rows } = await api.listObjects({ owner: null, words, offset: 0, limit: 1 });
  return rows[0]!.key;
};

const uuid = (n: number) => `01890a5d-ac96-774b-bcce-${String(n).padStart(12, '0')}`;

/** As somebody else has stored it. */
async function putAs({ app }: TestWindow, key: string, name: string): Promise<void> {
  const body = Buffer.from(name);
  const headers = { contentType: 'audio/mpeg', metadata: { original_filename: name } };
  const { remote } = app.host.storage();
  await remote.putObject(key, body, crc32(body), headers, AbortSignal.timeout(50_000));
}

test('recordings stand under their class, by name, and open with what is known of them', async () => {
  await using window = await withLibrary(['Cells.mp3', 'Photosynthesis.mp3']);
  const { page, app, problems } = window;
  await page.getByRole('row', { name: /Cells\.mp3 BIO-101 40 kB/ }).waitFor();
  await page.getByRole('button', { name: /BIO-101 2 files · 80 kB/ }).click();
  await page.getByRole('row', { name: /Cells\.mp3 40 kB/ }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('heading', { name: 'Cells.mp3' }).waitFor();
  await details.getByText(/compared with the checksum that the storage keeps/).waitFor();
  await details.getByText('For an admin').click();
  await details.getByText(await onlyKey(window, 'cells'), { exact: true }).waitFor();
  await expectAccessible(page);
  await details.getByRole('button', { name: 'Download' }).click();
  await page
    .getByRole('status')
    .getByText(/^Downloaded and compared: .*Cells\.mp3$/)
    .waitFor();
  const [here, there] = [join(app.folder, 'Cells.mp3'), join(app.folder, '../Cells.mp3')];
  expect((await readFile(here)).equals(await readFile(there))).toBe(true);
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });
  expect(await page.locator(':focus').innerText()).toMatch(/Cells\.mp3/);
  expect(problems).toEqual([]);
});

test('while a large bucket is listed, what came first is shown', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await page.route('**/rpc/refreshObjects', () => {}); // It goes on, for as long as the test does.
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByText('Listing what is stored…').first().waitFor();
  const index = objectIndex(app.host.storage().database);
  const key = 'audio/BIO-101/01a20b0d-d75b-705f-9734-000000000001.mp3';
  const object = { key, sizeBytes: 1_000, lastModifiedMs: 1_700_000_000_000, storageClass: null };
  await index.put([object], await index.nextListing());
  await page.getByRole('row', { name: /000000000001\.mp3 BIO-101 1 kB/ }).waitFor();
  await page.getByText('Listing what is stored…').waitFor();
  expect(problems).toEqual([]);
});

test('a download shows how far it is, can be cancelled, and is told when it is there', async () => {
  await using window = await openWindow();
  const { page, app, storage, problems } = window;
  await follow(window);
  await record(app.folder, 'Field trip.mp4', 6_000_000);
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Field trip/ }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  storage.bytesPerSecond = 1_000_000;
  await details.getByRole('button', { name: 'Download' }).click();
  const list = page.getByRole('region', { name: 'Downloads' });
  const bar = list.getByRole('progressbar', { name: 'Downloaded of Field trip.mp4' });
  const done = () => bar.evaluate((element) => (element as HTMLProgressElement).value);
  await expect.poll(done).toBeGreaterThan(100_000);
  await list.getByText(/ of 6\.0? ?MB, \d+ %|of 6 MB, \d+ %/).waitFor();
  await expectAccessible(page);
  await details.getByRole('button', { name: 'Cancel the download of Field trip.mp4' }).click();
  await list.waitFor({ state: 'detached' });
  const saved = () => readdir(join(app.folder, '..'));
  expect((await saved()).filter((name) => name.startsWith('Field'))).toEqual([]);
  storage.bytesPerSecond = Infinity;
  await details.getByRole('button', { name: 'Download' }).click();
  await list.getByText(/^Compared · .*Field trip\.mp4$/).waitFor();
  expect((await saved()).filter((name) => name.startsWith('Field'))).toEqual(['Field trip.mp4']);
  storage.isDown = true;
  await details.getByRole('button', { name: 'Download' }).click();
  await details.getByText('The storage cannot be reached').waitFor({ timeout: 40_000 });
  storage.isDown = false;
  await list.getByRole('button', { name: 'Clear the finished ones' }).click();
  await list.waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

test('all recordings stand together, newest first, whatever their class', async () => {
  await using window = await withLibrary(['Cells.mp3']);
  const { page, app, api, problems } = window;
  const seminar = join(app.folder, '../Seminar');
  await record(seminar, 'Sources.mp3');
  const rule = { kind: 'audio', classId: 'HIST-204', userId: 'teacher-7' } as const;
  await api.saveFolder({ path: seminar, rule: { ...rule, include: [], exclude: [] } });
  await stored(window, 2);
  await page.getByRole('button', { name: /HIST-204 1 file/ }).waitFor();
  const all = page.getByRole('button', { name: /All recordings 2 files · 80 kB/ });
  expect(await all.getAttribute('aria-current')).toBe('true');
  const rows = page.getByRole('grid', { name: 'All recordings, newest first' }).getByRole('row');
  await expect
    .poll(() => rows.allInnerTexts())
    .toEqual([
      expect.stringContaining('Class, user'),
      expect.stringMatching(/Sources\.mp3\s+HIST-204/),
      expect.stringMatching(/Cells\.mp3\s+BIO-101/),
    ]);
  await page.getByRole('button', { name: /HIST-204/ }).click();
  await page.getByRole('row', { name: /Cells/ }).waitFor({ state: 'detached' });
  await all.click();
  await page.getByRole('row', { name: /Cells\.mp3 BIO-101/ }).waitFor();
  expect(problems).toEqual([]);
});

test('a search looks into all classes, and says so when there is nothing', async () => {
  await using window = await withLibrary(['Cells.mp3', 'Photosynthesis.mp3']);
  const { page, problems } = window;
  await page.getByRole('searchbox').fill('photo');
  const found = page.getByRole('grid', { name: 'Found: photo' });
  await found.getByRole('row', { name: /Photosynthesis\.mp3 BIO-101/ }).waitFor();
  expect(await found.getByRole('row', { name: /Cells/ }).count()).toBe(0);
  await page.getByRole('searchbox').fill('volcano');
  await page.getByRole('heading', { name: 'Nothing found for “volcano”' }).waitFor();
  await page.getByText(/^What is stored was last listed on /).waitFor();
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('names that only the storage knows are learned when the library opens, and until then it is said how many are not', async () => {
  await using window = await withLibrary(['Cells.mp3']);
  const { page, storage, problems } = window;
  await page.getByText(/^As of /).waitFor(); // Afterwards these are in no listing yet.
  for (let n = 0; n < 40; n++)
    await putAs(window, `audio/HIST-9/${uuid(n)}.mp3`, `Revolution, part ${n}.mp3`);
  let isBlind = true;
  storage.refuses = ({ method, url = '' }) =>
    isBlind && method === 'HEAD' && url.includes('HIST-9');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText(/ 40 files are not known by name yet/).waitFor();
  await page.getByRole('searchbox').fill('revolution');
  await page.getByText(/from the start of each word\. 40 files are not known by name/).waitFor();

  isBlind = false;
  await page.getByRole('link', { name: 'Queue' }).click();
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('searchbox').fill('revolution 39');
  await page.getByRole('row', { name: /Revolution, part 39\.mp3/ }).waitFor();
  await page.getByText(/with what was stored from here since\.$/).waitFor();
  expect(problems).toEqual([]);
});

test('the storage is asked for names as long as it tells some and others are left', async () => {
  await using window = await withLibrary(['Cells.mp3']);
  const { page, problems } = window;
  await page.getByText(/^As of /).waitFor();
  // Each round learns 2,000: the storage of a test is not given so many.
  const left = [3_000, 1_000, 0];
  await page.route(/learnNames/, (route) =>
    route.fulfill({ json: { ok: true, value: { learned: 2_000, unnamed: left.shift() ?? -1 } } }),
  );
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect.poll(() => left).toEqual([]);
  await page.getByText(/with what was stored from here since\.$/).waitFor();
  expect(problems).toEqual([]);
});

test('deleting names the recording, says what stays, and asks first', async () => {
  await using window = await withLibrary(['Cells.mp3', 'Photosynthesis.mp3']);
  const { page, app, problems } = window;
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByRole('button', { name: 'Delete from storage…' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Delete this recording from the storage?' });
  await dialog.getByText('Cells.mp3', { exact: true }).waitFor();
  await dialog.getByText('The file on this computer stays where it is.').waitFor();
  await dialog.getByText('The storage keeps no old versions: this cannot be undone.').waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Enter'); // The first stop is Cancel.
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor();
  await page.getByRole('button', { name: 'Delete from storage…' }).click();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByRole('status').getByText('Cells.mp3 is deleted from the storage.').waitFor();
  await page.getByRole('row', { name: /Cells\.mp3/ }).waitFor({ state: 'detached' });
  expect(await page.getByRole('complementary', { name: 'Details' }).count()).toBe(0);
  expect((await readFile(join(app.folder, 'Cells.mp3'))).length).toBe(40_000);
  await rm(join(app.folder, 'Photosynthesis.mp3'));
  await page.getByRole('row', { name: /Photosynthesis\.mp3/ }).click();
  await page.getByRole('button', { name: 'Delete from storage…' }).click();
  await dialog
    .getByText('Its file is not any more where it was sent from: this may be the only copy.')
    .waitFor();
  expect(problems).toEqual([]);
});

test('before a deletion it is said where it is not known whether there is another copy', async () => {
  await using window = await withLibrary(['Cells.mp3'], { rescanMs: 1_000 });
  const { page, app, api, problems } = window;
  await putAs(window, 'audio/BIO-101/01900000-0000-7000-8000-000000000001.mp3', 'Theirs.mp3');
  await page.getByRole('button', { name: 'Refresh' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Delete this recording from the storage?' });
  const asked = async (name: RegExp, words: string) => {
    await page.getByRole('row', { name }).click();
    await page.getByRole('button', { name: 'Delete from storage…' }).click();
    await dialog.getByText(words).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await asked(
    /Theirs\.mp3/,
    'It is not known to have been sent from this computer: this may be the only copy.',
  );
  await rename(app.folder, `${app.folder} elsewhere`);
  await expect.poll(async () => (await api.listFolders({}))[0]!.state).not.toBe('connected');
  await asked(
    /Cells\.mp3/,
    'Whether its file is still on this computer cannot be seen now: this may be the only copy.',
  );
  expect(problems).toEqual([]);
});

test('a recording that somebody else deleted is told plainly', async () => {
  await using window = await withLibrary(['Cells.mp3']);
  const { page, app, problems } = window;
  const { remote } = app.host.storage();
  await page.getByText(/^As of /).waitFor(); // Afterwards it would no longer be listed.
  await remote.deleteObject(await onlyKey(window, 'cells'), AbortSignal.timeout(50_000));
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByText('This recording is no longer in the storage').waitFor();
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('heading', { name: 'Nothing is stored yet' }).waitFor();
  expect(problems).toEqual([]);
});

test('names that are code, reversed or endless stay text on one line', async () => {
  const hostile = [
    '<img src=x onerror=alert(1)>.mp3',
    'annual\u202Egpj.exe report.mp3',
    `${'long '.repeat(50)}.mp3`,
    'javascript:alert(1).mp3',
  ];
  await using window = await withLibrary(hostile);
  const { page, problems } = window;
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  await page.getByRole('row', { name: /<img src=x onerror=alert\(1\)>\.mp3/ }).waitFor();
  await page.getByRole('row', { name: /annual\\u202egpj\.exe report\.mp3/ }).click();
  await page.getByRole('heading', { name: 'annual\\u202egpj.exe report.mp3' }).waitFor();
  await page.getByRole('link', { name: 'Queue' }).click();
  await page.getByRole('row', { name: /annual\\u202egpj/ }).waitFor();
  const row = page.getByRole('row', { name: /long long/ });
  // The table draws itself anew now and then: the row may be another element by now.
  await row.waitFor();
  const height = async () => (await row.boundingBox())?.height;
  await expect.poll(height).toBeLessThan(70);
  expect(await page.locator('main img').count()).toBe(0);
  expect(dialogs).toBe(0);
  expect(problems).toEqual([]);
});
