/** @file The window shows the line that does the same, and its own engine goes on beside whoever runs it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Locator } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { testArchive } from '../support/migration.ts';
import { archiveFiles, openArchivePage } from './support/archive-page.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

const linesIn = (where: Locator) => where.getByRole('region', { name: /^Command: / });

test('a recording’s lines are copied by keyboard, and run as they are beside the window', async () => {
  await using window = await openWindow({
    view: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page, app, api, s3, problems } = window;
  const { keyboard } = page;
  await follow(window);
  await record(app.folder, `It's week 3.mp3`);
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /It's week 3\.mp3/ }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  const show = details.getByText('Show the command');
  await show.waitFor();
  expect(await linesIn(details).count()).toBe(0);
  await tabTo(page, show);
  await keyboard.press('Enter');
  await linesIn(details).first().waitFor();
  await details
    .getByText(/has no pansea-sync: in a checkout .* npm run --silent cli -- stands for it\.$/)
    .waitFor();
  await expectAccessible(page);
  const found = await api.listObjects({ owner: null, words: 'week', offset: 0, limit: 1 });
  const { key } = found.rows[0]!;
  const lines = await linesIn(details).allInnerTexts();
  expect(lines.map((line) => line.replace(/^.*? (?=pansea-sync)/, ''))).toEqual([
    `pansea-sync metadata ${key}`,
    expect.stringMatching(/^aws s3api head-object --bucket \S+ --region \S+ --endpoint-url http/),
    `pansea-sync download ${key}`,
    expect.stringMatching(/^test ! -e \S+\.mp3'? && aws s3api get-object /),
  ]);
  await tabTo(
    page,
    details.getByRole('button', { name: 'Copy command: what the storage keeps about it' }),
  );
  await keyboard.press('Enter');
  await page
    .getByRole('status')
    .getByText(/^Command: .* copied\.$/)
    .waitFor();
  const copied = String(await page.evaluate('navigator.clipboard.readText()'));
  expect(copied).toBe(lines[0]);
  const source = join(import.meta.dirname, '../../electron/cli.ts');
  const script = copied.replace(' pansea-sync ', ` '${process.execPath}' -- '${source}' `);
  const { stdout } = await promisify(execFile)('sh', ['-c', script], {
    env: {
      PATH: process.env['PATH'],
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
  });
  expect(stdout).toContain(`original_filename It's week 3.mp3`);
  expect(problems).toEqual([]);
});

test('a link’s line says what is chosen, and is not there where the command line does otherwise', async () => {
  await using window = await openWindow({
    view: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByRole('button', { name: 'Make link' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Show the command').click();
  const line = async () => (await linesIn(dialog).innerText()).replace(/^.* url \S+ /, '');
  expect(await line()).toBe('--expires-in 3600 --mode watch');
  const copied = dialog.getByRole('button', { name: 'Copied command: make this link' });
  await dialog.getByRole('button', { name: 'Copy command: make this link' }).click();
  await copied.waitFor();
  await dialog.getByRole('radio', { name: '7 days' }).check();
  // What is in the clipboard is not this line any more.
  await dialog.getByRole('button', { name: 'Copy command: make this link' }).waitFor();
  expect(await copied.count()).toBe(0);
  await dialog.getByRole('radio', { name: 'Download' }).check();
  await dialog.getByRole('textbox', { name: 'Note' }).fill(` Ada's `);
  expect(await line()).toBe(String.raw`--expires-in 604800 --mode download '--note=Ada'\''s'`);
  await expectAccessible(page);
  await dialog.getByRole('radio', { name: 'Until a time' }).check();
  await dialog.getByText('Show the command').waitFor({ state: 'detached' });
  await dialog.getByRole('radio', { name: '1 day' }).check();
  await dialog.getByRole('button', { name: 'Make link' }).click();
  await dialog.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('link', { name: 'Links' }).click();
  await page.getByRole('button', { name: /^Renew the link/ }).click();
  await dialog.getByText('Show the command').click();
  expect(await linesIn(dialog).innerText()).toMatch(/ pansea-sync renew 1 --expires-in 86400$/);
  await dialog.getByRole('radio', { name: 'Watch' }).check();
  await dialog.getByText('Show the command').waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

test('audit, connection and the steps of an archive have theirs, with what is chosen', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, archiveFiles);
  await archive.plan();
  const step = await openArchivePage(window);
  const backup = step('2 · Back up');
  const field = backup.getByRole('textbox', { name: 'The back-up’s folder' });
  await field.waitFor();
  expect(await backup.getByText('Show the command').count()).toBe(0);
  await field.fill(`/mnt/it's another`);
  await backup.getByText('Show the command').click();
  expect(await linesIn(backup).innerText()).toMatch(
    / migrate backup '.+\.jsonl' '--at=\/mnt\/it'\\''s another' --sample \d+$/,
  );
  await api.noteBackup({ plan: (await api.getMigration({})).plan!.id, by: 'IT' });
  await api.runMigration({ plan: (await api.getMigration({})).plan!.id });
  await archive.settled();
  const verify = step('4 · Verify');
  await verify.getByText('Show the command').click();
  expect(await linesIn(verify).innerText()).toMatch(
    / migrate verify '.+\.jsonl' --level full --share 100$/,
  );
  await verify.getByLabel('How thorough').selectOption('read-back');
  await verify.getByRole('textbox', { name: /fetched back/ }).fill('7');
  expect(await linesIn(verify).innerText()).toMatch(/ --level read-back --share 7$/);
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Settings' }).click();
  const audit = page.getByRole('region', { name: 'Audit' });
  await audit.getByText('Show the command').click();
  await audit.getByLabel('How thorough').selectOption('full');
  expect(await linesIn(audit).innerText()).toMatch(/ pansea-sync audit --level full$/);
  const connection = page.getByRole('region', { name: 'Connection' });
  await connection.getByText('Show the command').click();
  expect(await linesIn(connection).allInnerTexts()).toEqual([
    expect.stringMatching(/^PANSEA_SYNC_HOME=.* pansea-sync doctor$/),
    expect.stringMatching(/^aws s3api head-bucket /),
  ]);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('without a bucket of one’s own there is nothing to run', async () => {
  await using window = await openWindow({
    env: { AWS_S3_BUCKET: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
  });
  const { page } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Save connection' }).waitFor();
  await page.getByRole('button', { name: 'Test connection' }).waitFor();
  expect(await page.getByText('Show the command').count()).toBe(0);
});
