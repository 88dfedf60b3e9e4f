/** @file What a folder does not take, and what is not what its name says. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, vi } from 'vitest';
import { openWindow, record } from '../../tests/renderer/support/window.ts';
import { clearNotice, go, narrow, recordAll, shoot, shootOnce } from './support.ts';

const page = '<!doctype html><title>Sign in</title>';

test('limits', async () => {
  await using window = await openWindow();
  const { page: shown, app, api } = window;
  await recordAll(window);
  // What waits still shows where it would go: what is stored already is past that.
  await api.setPaused({ isPaused: true });
  await record(app.folder, '2026-11-12 Whole day.mp3', 700_000);
  await record(app.folder, '2026-11-13 Camera 2.mkv', 200_000);
  await vi.waitFor(async () => {
    if ((await api.getStatus({})).counts['queued'] !== 2) throw new Error('Not in the queue yet');
  }, 30_000);
  await go(shown, 'Settings');
  await shown.getByRole('button', { name: /^Edit/ }).click();
  await shown.getByText('Only some of its files').click();
  const field = (name: string) => shown.getByRole('textbox', { name, exact: true });
  await field('Types').fill('mp3, m4a, mp4');
  await field('Smallest').fill('100 kB');
  await field('Largest').fill('500 kB');
  await shown
    .getByText(/Waits for you/)
    .first()
    .waitFor();
  await field('Largest').scrollIntoViewIfNeeded();
  await shoot(shown, 'settings-folder-limits');
  await shown.getByRole('button', { name: 'Save', exact: true }).click();
  const long = 'Recording of the field trip to the botanical garden, morning session, group B.mp4';
  await writeFile(join(app.folder, long), page);
  await writeFile(join(app.folder, 'Lecture 9.mp4'), page + ' '.repeat(120_000));
  await api.setPaused({ isPaused: false });
  // What was in the queue already goes up: limits are for what comes.
  await record(app.folder, 'Whole day.mp3', 700_000);
  await record(app.folder, 'Camera 2.mkv', 200_000);
  await go(shown, 'Queue');
  await shown.getByText('4 files need you.', { exact: true }).waitFor({ timeout: 30_000 });
  await shown.getByRole('tab', { name: /^Needs you/ }).click();
  await shown.getByText('Upload anyway').first().waitFor();
  await clearNotice(shown);
  await shoot(shown, 'queue-limits');
  const onNarrow = await window.another(narrow);
  await onNarrow.getByRole('tab', { name: /^Needs you/ }).click();
  await onNarrow.getByText('Upload anyway').first().waitFor();
  await shootOnce(onNarrow, 'queue-limits-narrow');
});
