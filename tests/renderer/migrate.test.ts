/** @file An archive of years through its five steps, by mouse and keyboard, in the window as it is. */
import { cp, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { QUARANTINE_DAYS } from '../../shared/migration/migration.ts';
import { writeOld } from '../support/archive.ts';
import { testArchive, type TestArchive } from '../support/migration.ts';
import {
  archiveFiles as files,
  askForPlan,
  openArchivePage,
  state,
} from './support/archive-page.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, openWindow, tabTo, type TestWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** Through its first steps, by the calls that the page makes. */
async function verified({ api }: TestWindow, archive: TestArchive): Promise<string> {
  const plan = await archive.plan();
  await api.noteBackup({ plan, by: 'IT, on tape' });
  await api.runMigration({ plan });
  await archive.settled();
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  await archive.settled();
  return plan;
}

/** Runs in the page: how far it could be scrolled away as a whole. */
const beyond = (): number =>
  document.documentElement.scrollHeight - document.documentElement.clientHeight;

const recordings = async (root: string): Promise<string[]> =>
  (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.mp3')).toSorted();

test('from the plan to the freed disk and back, each step by keyboard, with its proof', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, files);
  await writeOld(join(archive.root, 'empty.mp3'), '');
  await cp(archive.root, archive.aside, { recursive: true, preserveTimestamps: true });
  const step = await openArchivePage(window);
  for (const name of ['2 · Back up', '3 · Upload', '4 · Verify', '5 · Free the disk'])
    await step(name).getByText('There is no plan yet.').waitFor();
  await expectAccessible(page);

  await askForPlan(page, archive);
  const plan = step('1 · Plan');
  await state(plan, 'Done');
  await plan.getByText('3 files (27 bytes)', { exact: true }).waitFor();
  await plan.getByText('It is empty (0 bytes). Not in the plan.').waitFor();
  await plan.getByText('empty.mp3').waitFor();
  await plan.getByText(join(app.homePath, 'plans'), { exact: false }).waitFor();
  await page.getByRole('status').getByText('Archive: The plan is made.').waitFor();
  await step('3 · Upload')
    .getByText(/There is no back-up on record/)
    .waitFor();

  const backup = step('2 · Back up');
  await backup.getByLabel('The back-up’s folder').fill(archive.aside);
  await page.keyboard.press('Enter');
  await backup.getByText(/3 of 3 files that were chosen by chance are the same there/).waitFor();
  await state(backup, 'Done');
  await expectAccessible(page);

  const upload = step('3 · Upload');
  await tabTo(page, upload.getByRole('button', { name: 'Start the upload' }));
  await page.keyboard.press('Enter');
  await upload.getByText('3 of 3 files uploaded and verified (27 bytes of 27 bytes).').waitFor();
  await state(upload, 'Done');
  // The button is gone; who pressed it is where it was.
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toBe('3 · Upload');

  await page.reload();
  const verify = step('4 · Verify');
  await verify.getByRole('button', { name: 'Verify' }).press('Enter');
  await verify.getByText('3 of 3 files verified, 0 pending.').waitFor();
  await verify.getByText('Tell the school’s database').press('Enter');
  await verify.getByLabel('Table').fill('media');
  await verify.getByRole('button', { name: 'Save both files' }).press('Enter');
  await page.getByRole('status').getByText('Both files are saved.').waitFor();
  const saved = join(dirname(app.folder), 'archive references.sql');
  expect((await readFile(saved, 'utf8')).match(/UPDATE "media"/g)).toHaveLength(3);
  await expectAccessible(page);

  const free = step('5 · Free the disk');
  const opener = free.getByRole('button', { name: 'Move into quarantine…' });
  await opener.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Move files into quarantine?' });
  await dialog.getByText(/^3 files \(27 bytes\) will be moved/).waitFor();
  const field = dialog.getByLabel('To go on, type the number of files: 3');
  const proof = dialog.getByLabel('Which proof is enough');
  await proof.selectOption('Every file fetched back and compared');
  await dialog.getByText(/^3 files of the plan were not fetched back yet/).waitFor();
  expect(await field.count()).toBe(0);
  await proof.selectOption('Proven by its checksum, or more (usual)');
  const move = dialog.getByRole('button', { name: 'Move into quarantine' });
  for (const wrong of ['', '2', '33', 'all']) {
    await field.fill(wrong);
    await field.press('Enter');
    expect(await move.isDisabled()).toBe(true);
  }
  await expectAccessible(page);
  expect(await recordings(archive.root)).toHaveLength(4);
  await field.fill('3');
  await field.press('Enter');
  await free.getByText('3 files (27 bytes) in quarantine').waitFor();
  await state(free, 'In quarantine');
  await free.getByText(/It can be deleted for good from .* on, 30 days after/).waitFor();
  // Before its time only by saying so, and then with the number again.
  expect(await free.getByRole('button', { name: 'Delete for good…' }).count()).toBe(0);
  await free.getByRole('button', { name: 'Delete for good sooner…' }).press('Enter');
  const deletion = page.getByRole('dialog', { name: 'Delete files for good?' });
  await deletion
    .getByText(/^No file has been in quarantine for 30 days: .* can be deleted from .* on\.$/)
    .waitFor();
  await deletion.getByLabel('Days in quarantine, at least').fill('1');
  await deletion.getByText(/^No file has been in quarantine for 1 day:/).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await verify
    .getByText('Files have been moved away. To verify again, put them back first.')
    .waitFor();
  await expectAccessible(page);

  await free.getByRole('button', { name: 'Put everything back' }).press('Enter');
  await free.getByText('3 files (27 bytes)', { exact: true }).waitFor();
  expect(await recordings(archive.root)).toEqual([
    'bio/<img src=x onerror=alert(1)>.mp3',
    'bio/b.mp3',
    'c.mp3',
    'empty.mp3',
  ]);

  const reports = page.getByRole('region', { name: 'Report and receipts' });
  await reports.getByRole('button', { name: 'Save the report' }).press('Enter');
  await page
    .getByRole('status')
    .getByText(/^Saved as .*archive report\.html\.$/)
    .waitFor();
  await reports.getByRole('button', { name: 'Save the receipts' }).press('Enter');
  await reports.getByText(/^[0-9a-f]{64}$/).waitFor();
  await reports.getByRole('button', { name: 'Save the program that checks them' }).press('Enter');
  await page
    .getByRole('status')
    .getByText(/verify-receipts\.mjs\.$/)
    .waitFor();
  await reports
    .getByLabel('Format of the report')
    .selectOption('Hash list with its chain (ASC MHL)');
  await reports.getByLabel('Hash of the list').selectOption('MD5');
  await reports.getByRole('button', { name: 'Save the hash list' }).press('Enter');
  await reports
    .getByText(/^3 files \(27 bytes\) are in the hash list\. It is .*ascmhl\.$/)
    .waitFor();
  // The page scrolls, and never the window around it.
  expect(await page.evaluate(beyond)).toBe(0);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('an upload that is stopped goes on, and a storage that is away is said calmly', async () => {
  await using window = await openWindow();
  const { page, app, api, storage, problems } = window;
  const archive = await testArchive(app, api, files);
  const plan = await archive.plan();
  await api.noteBackup({ plan, by: 'IT, on tape' });
  await api.setPaused({ isPaused: true });
  const step = await openArchivePage(window);
  const upload = step('3 · Upload');
  await upload.getByRole('button', { name: 'Start the upload' }).click();
  await state(upload, 'Going on');
  await upload.getByText('0 of 3 files, 0 bytes of 27 bytes.').waitFor();
  await upload.getByText(/^Uploads are paused/).waitFor();
  await expectAccessible(page);
  await page.reload();
  await upload.getByRole('button', { name: 'Stop' }).click();
  await upload.getByText(/It was stopped\. Begun again/).waitFor();
  await state(upload, 'To do');
  await api.setPaused({ isPaused: false });
  storage.isDown = true;
  await upload.getByRole('button', { name: /the upload$/ }).click();
  await upload
    .getByText('Waiting for the storage: it goes on by itself.')
    .waitFor({ timeout: 60_000 });
  await expectAccessible(page);
  storage.isDown = false;
  await api.tryStorageNow({});
  await state(upload, 'Done');
  storage.isDown = true;
  await step('4 · Verify').getByRole('button', { name: 'Verify' }).click();
  const trouble = page.getByRole('region', { name: 'The files could not be verified' });
  await trouble.getByText(/What is uploaded stays so/).waitFor({ timeout: 60_000 });
  await state(step('5 · Free the disk'), 'Locked');
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('what is in quarantine is put back also when a back-up that is compared later differs', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, files);
  const plan = await verified(window, archive);
  await api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
  await archive.settled();
  await mkdir(archive.aside);
  await writeOld(join(archive.aside, 'c.mp3'), 'another lecture');
  await api.compareBackup({ plan, path: archive.aside, sample: 3 });
  await archive.settled();
  const step = await openArchivePage(window);
  const free = step('5 · Free the disk');
  await state(free, 'In quarantine');
  await free.getByText('There is no back-up on record that is the same.').waitFor();
  await free.getByText('3 files (27 bytes) in quarantine').waitFor();
  expect(await free.getByRole('button', { name: /^(Delete|Move)/ }).count()).toBe(0);
  await expectAccessible(page);
  await free.getByRole('button', { name: 'Put everything back' }).press('Enter');
  await state(free, 'Locked');
  expect(await recordings(archive.root)).toHaveLength(3);
  expect(problems).toEqual([]);
});

test('a file that changes after it was verified stays; the rest is deleted only when its time has come', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const archive = await testArchive(app, api, files);
  await verified(window, archive);
  const away = join(archive.root, '../c.mp3');
  await rename(join(archive.root, 'c.mp3'), away);
  const step = await openArchivePage(window);
  const free = step('5 · Free the disk');
  await free.getByRole('button', { name: 'Move into quarantine…' }).click();
  const asked = page.getByRole('dialog', { name: 'Move files into quarantine?' });
  await asked
    .getByText(/^Not seen now, neither in place nor in quarantine: 1 file \(9 bytes\)\./)
    .waitFor();
  await asked.getByText(/^2 files \(18 bytes\) will be moved/).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await rename(away, join(archive.root, 'c.mp3'));
  await writeOld(join(archive.root, 'c.mp3'), 'LECTURE C');
  const confirm = async (opener: string, number: number) => {
    await free.getByRole('button', { name: opener }).click();
    const field = page.getByLabel(`To go on, type the number of files: ${number}`);
    await field.fill(String(number));
    await field.press('Enter');
  };
  await confirm('Move into quarantine…', 3);
  await free.getByText(/1 · Has changed here since it was uploaded/).waitFor();
  await free.getByText('2 files (18 bytes) in quarantine').waitFor();
  await free.getByText(/^Still here: 1 file \(9 bytes\)\. Not every file/).waitFor();
  expect(await readFile(join(archive.root, 'c.mp3'), 'utf8')).toBe('LECTURE C');

  const { database } = app.host.storage();
  const days = QUARANTINE_DAYS * DAY_MS;
  database.exec(`UPDATE planned_files SET placed_at_ms = placed_at_ms - ${days}`);
  await page.reload();
  await api.surveyCleanup({
    plan: (await api.getMigration({})).plan!.id,
    level: 'full',
    days: QUARANTINE_DAYS,
  });
  await page.reload();
  await confirm('Delete for good…', 2);
  await free.getByText('2 files (18 bytes) deleted here').waitFor();
  expect(await recordings(archive.root)).toEqual(['c.mp3']);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
