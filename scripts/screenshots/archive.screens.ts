/** @file An archive of years, step by step. */
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { test } from 'vitest';
import { QUARANTINE_DAYS } from '../../shared/migration/migration.ts';
import { openArchiveIn } from '../../tests/support/migration.ts';
import { writeOld } from '../../tests/support/archive.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { openHome } from './home.ts';
import { clearNotice, go, narrow, shoot, shootOnce } from './support.ts';

const long =
  'Bio/2023/Recording of the field trip to the botanical garden, morning session, group B with the second microphone';
const texts: Record<string, string> = {
  'Bio/2023/Cells and tissues.mp3': 'x'.repeat(240_000),
  'Bio/2023/Photosynthesis, light reactions.mp3': 'y'.repeat(310_000),
  'Bio/2024/Respiration.m4a': 'z'.repeat(180_000),
  'History/Weimar, second part.mp4': 'w'.repeat(420_000),
  [`${long}.wav`]: 'v'.repeat(90_000),
};

/** The step's head at the top of what is seen. */
async function see(page: Page, heading: string): Promise<void> {
  await page
    .getByRole('heading', { name: heading })
    .evaluate((element) => element.closest('.step')?.scrollIntoView({ block: 'start' }));
}

test('archive', async () => {
  await using home = await openHome('noor');
  await using window = await openWindow({
    host: {
      homePath: join(home.path, '.config', 'Pan-Sea Sync'),
      desktop: { chooseSavePath: (name) => Promise.resolve(join(home.path, name)) },
    },
  });
  const { page, api, storage } = window;
  await go(page, 'Archive');
  await page.getByRole('button', { name: 'Make the plan' }).waitFor();
  await shoot(page, 'archive-empty');
  await page.getByRole('radio', { name: /^Both/ }).check();
  await page.getByText('What a timetable looks like').click();
  await page.getByLabel('Time zone of the timetable').fill('Europe/Berlin');
  await see(page, '1 · Plan');
  await shoot(page, 'archive-timetable');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Archive');
  await onNarrow.getByRole('radio', { name: /^A timetable/ }).check();
  await see(onNarrow, '1 · Plan');
  await shootOnce(onNarrow, 'archive-timetable-narrow');

  const dir = join(home.path, 'Old disk');
  await mkdir(dir);
  const archive = await openArchiveIn(dir, api, texts);
  for (let number = 1; number <= 46; number += 1)
    await writeOld(join(archive.root, `Tests/${number} of the microphone.mp3`), '');
  await writeOld(join(archive.root, `${long}, test.mp3`), '');
  await writeOld(join(archive.root, 'Bio/2024/respiration.m4a'), 'z'.repeat(180_000));
  await cp(archive.root, archive.aside, { recursive: true, preserveTimestamps: true });
  const plan = await archive.plan();
  await page.getByText(/are to be sent/).waitFor();
  await clearNotice(page);
  await shoot(page, 'archive-plan');
  await page.getByRole('button', { name: /^Show as a list: It is empty/ }).click();
  const list = page.getByRole('dialog');
  await list.getByRole('row').nth(3).waitFor();
  await shoot(page, 'archive-list');
  await list.getByLabel('Find by name').fill('lecture');
  await list.getByText('None by this name').waitFor();
  await shootOnce(page, 'archive-list-none');
  await page.keyboard.press('Escape');
  await onNarrow.getByRole('button', { name: /^Show as a list: It is empty/ }).click();
  await onNarrow.getByRole('dialog').getByRole('row').nth(3).waitFor();
  await shootOnce(onNarrow, 'archive-list-narrow');
  await onNarrow.keyboard.press('Escape');

  await writeOld(join(archive.aside, `${long}.wav`), 'u'.repeat(90_000));
  await api.compareBackup({ plan, path: archive.aside, sample: 100 });
  await archive.settled();
  await page.getByText('Not all of it is the same, so the next step stays locked.').waitFor();
  await clearNotice(page);
  await see(page, '2 · Back up');
  await shoot(page, 'archive-backup-differs');
  await api.noteBackup({ plan, by: 'the IT team, on tape 14' });
  await writeOld(join(archive.root, 'Bio/2024/Fermentation.m4a'), 'f'.repeat(90_000));
  await rename(join(archive.root, `${long}.wav`), join(archive.aside, 'away.wav'));
  await api.lookForDrift({ plan });
  await archive.settled();
  await clearNotice(page);
  await see(page, '3 · Upload');
  await shoot(page, 'archive-drift');
  await rename(join(archive.aside, 'away.wav'), join(archive.root, `${long}.wav`));

  storage.bytesPerSecond = 12_000;
  await api.runMigration({ plan });
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await see(page, '3 · Upload');
  await shoot(page, 'archive-upload');
  await onNarrow.getByRole('button', { name: 'Stop' }).waitFor();
  await see(onNarrow, '3 · Upload');
  await shootOnce(onNarrow, 'archive-upload-narrow');
  storage.bytesPerSecond = Infinity;
  await api.stopMigration({});
  await archive.settled();

  storage.isDown = true;
  await api.runMigration({ plan });
  await page.getByText(/^Waiting for the storage/).waitFor({ timeout: 60_000 });
  await clearNotice(page);
  await see(page, '3 · Upload');
  await shoot(page, 'archive-waiting');
  storage.isDown = false;
  await api.tryStorageNow({});
  await archive.settled();
  storage.isDown = true;
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  await page
    .getByRole('region', { name: 'The files could not be verified' })
    .waitFor({ timeout: 60_000 });
  await clearNotice(page);
  await see(page, '4 · Verify');
  await shoot(page, 'archive-failing');
  storage.isDown = false;
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  await archive.settled();
  await page.getByText('Tell the school’s database').click();
  await clearNotice(page);
  await see(page, '4 · Verify');
  await shoot(page, 'archive-verify');
  await page.getByText('Tell the school’s database').click();
  await page.getByRole('button', { name: 'Move into quarantine…' }).click();
  await page.getByLabel(/^To go on, type/).fill('7');
  await shoot(page, 'archive-confirm');
  await page.getByRole('button', { name: 'Cancel' }).click();
  const { here } = await api.surveyCleanup({ plan, level: 'full', days: QUARANTINE_DAYS });
  await api.quarantineFiles({ plan, confirmed: here.files, level: 'full' });
  await archive.settled();
  await page.getByRole('button', { name: 'Put everything back' }).waitFor();
  await clearNotice(page);
  await see(page, '5 · Free the disk');
  await shoot(page, 'archive-freed');
  await see(onNarrow, '5 · Free the disk');
  await onNarrow.getByRole('button', { name: 'Put everything back' }).waitFor();
  await shootOnce(onNarrow, 'archive-freed-narrow');

  await page.getByRole('button', { name: 'Put some back…' }).click();
  await list.getByRole('row').nth(3).waitFor();
  await shoot(page, 'archive-quarantine');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Delete for good sooner…' }).click();
  await list.getByText(/^No file has been in quarantine/).waitFor();
  await shoot(page, 'archive-delete-none');
  await page.keyboard.press('Escape');

  await api.putFilesBack({ plan, paths: null });
  await archive.settled();
  const weimar = join(archive.root, 'History/Weimar, second part.mp4');
  await rename(weimar, join(archive.aside, 'away.mp4'));
  await page.getByRole('button', { name: 'Move into quarantine…' }).click();
  await list.getByText(/^Not seen now/).waitFor();
  await shoot(page, 'archive-lost');
  await page.keyboard.press('Escape');
  await rename(join(archive.aside, 'away.mp4'), weimar);
  await writeOld(join(archive.root, 'Bio/2024/Respiration.m4a'), 'Z'.repeat(180_000));
  await api.quarantineFiles({ plan, confirmed: here.files, level: 'full' });
  await archive.settled();
  await page.getByText(/^Still here/).waitFor();
  await clearNotice(page);
  await see(page, '5 · Free the disk');
  await shoot(page, 'archive-still-here');
  await see(onNarrow, '5 · Free the disk');
  await onNarrow.getByText(/^Still here/).waitFor();
  await shootOnce(onNarrow, 'archive-still-here-narrow');

  await page.getByLabel('Format of the report').selectOption('ascmhl');
  await page.getByRole('button', { name: 'Save the hash list' }).click();
  await page
    .getByText(/are in the hash list\./)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Save the receipts' }).click();
  await page.getByText('Keep this elsewhere', { exact: false }).waitFor();
  await clearNotice(page);
  await page.getByRole('heading', { name: 'Report and receipts' }).scrollIntoViewIfNeeded();
  await page.keyboard.press('End');
  await shoot(page, 'archive-reports');

  await archive.plan();
  // The former plan's page goes, with what was opened in it.
  const { plan: another } = await api.getMigration({});
  await page.getByText(another!.file, { exact: true }).waitFor();
  await page.getByText('Make or open another plan').click();
  await page.getByText(/in quarantine\.$/).waitFor();
  await clearNotice(page);
  await page
    .getByRole('heading', { name: 'Plans on this computer' })
    .evaluate((element) => element.scrollIntoView({ block: 'start' }));
  await shoot(page, 'archive-plans');
  await rm((await api.getMigration({})).plan!.file);
  await page.getByRole('button', { name: /^Show as a list: It is empty/ }).click();
  await list.getByText(/open the plan from where it is/).waitFor();
  await shoot(page, 'archive-list-failing');
});
