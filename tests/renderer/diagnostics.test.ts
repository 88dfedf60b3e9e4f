import { strFromU8, unzipSync } from 'fflate';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { mustSayNoKey } from '../support/canary-traces.ts';
import { tempDir } from '../support/temp-dir.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  refuseUploads,
  stored,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

test('the detailed log begins at once, and a report is looked at before that very one is saved', async () => {
  await using dir = await tempDir();
  const place = join(dir.path, 'report.zip');
  await using window = await openWindow({
    host: { desktop: { chooseSavePath: () => Promise.resolve(place) } },
  });
  const { page, app, problems } = window;
  const log = () => readFile(join(app.homePath, 'logs', 'pansea-sync.log'), 'utf8').catch(() => '');
  await follow(window);
  await record(app.folder, 'Before.mp3');
  await stored(window, 1);
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Diagnostics' });
  // The box follows the engine, a moment after the click.
  await card.getByRole('checkbox', { name: /^Detailed log/ }).click();
  await expect.poll(log).toMatch(/The detailed log begins/);
  expect(await log()).not.toMatch(/Asked the storage/);
  await record(app.folder, 'After.mp3');
  await stored(window, 2);
  await expect
    .poll(log)
    .toMatch(/"level":"debug","message":"Asked the storage","call":"\w+","key":"audio\/BIO-101/);
  await card.getByRole('checkbox', { name: /^Detailed log/, checked: true }).click();
  await expect.poll(log).toMatch(/The detailed log ends/);
  expect(
    (await log())
      .trimEnd()
      .split('\n')
      .map((line) => typeof JSON.parse(line)),
  ).not.toContain('string');

  await card.getByRole('button', { name: 'Make a report…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Report for whoever helps' });
  const texts: string[] = [];
  const part = dialog.getByRole('combobox', { name: 'What it holds' });
  for (const name of ['about.json', 'settings.json', 'ledger.json', 'history.txt', 'log.jsonl']) {
    const option = part.getByRole('option', { name: new RegExp(`^${name}`) });
    await part.selectOption(await option.getAttribute('value'));
    texts.push(await dialog.getByRole('textbox', { name }).inputValue());
  }
  await expectAccessible(page);
  expect(texts[3]).toMatch(/“After\.mp3” was stored and checked/);
  await dialog.getByRole('button', { name: 'Save…' }).click();
  await page
    .getByRole('status')
    .getByText(/^Saved as .*report\.zip\.$/)
    .waitFor();
  const saved = Object.values(unzipSync(await readFile(place))).map((bytes) => strFromU8(bytes));
  expect(saved.map((text) => text.trim())).toEqual(texts.map((text) => text.trim()));
  mustSayNoKey(saved.join('\n'), 'the report');
  expect((await stat(place)).mode & 0o077).toBe(0);
  expect(problems).toEqual([]);
});

test('what failed is told with the storage’s number for it', async () => {
  await using window = await openWindow();
  const { page, app, storage, api } = window;
  await follow(window);
  await record(app.folder, 'Lecture.mp3');
  await stored(window, 1);
  await page.keyboard.press('Control+2');
  await page.getByRole('row', { name: /Lecture/ }).waitFor();
  refuseUploads(storage);
  storage.refuses = ({ method }) => method === 'HEAD' || method === 'GET';
  await page.getByRole('row', { name: /Lecture/ }).click();
  await page.getByText('Details', { exact: true }).first().click();
  await page
    .getByText(/request \w{4,}/)
    .first()
    .waitFor();
  const { rows } = await api.listJobs({ filter: 'done', offset: 0, limit: 1 });
  await expect(api.getObject({ key: rows[0]!.key! })).rejects.toMatchObject({
    requestId: expect.stringMatching(/^\w{4,}/),
  });
});

test('a recording that the storage refused has the storage’s number for it on its card', async () => {
  await using window = await openWindow();
  const { page, app, storage, api } = window;
  refuseUploads(storage);
  await record(app.folder, 'Lecture.mp3');
  await follow(window);
  await page.getByRole('button', { name: 'Show what to do' }).click();
  const card = page.getByRole('region', { name: /^Lecture\.mp3: / });
  await card.getByText('Details', { exact: true }).click();
  const [cause] = await api.listCauses({});
  expect(cause?.detail).toMatch(/request \w{4,}$/);
  await card.getByText(cause!.detail!, { exact: true }).waitFor();
});
