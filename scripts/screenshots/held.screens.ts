/** @file What waits for a person, and what was dismissed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { openWindow, record } from '../../tests/renderer/support/window.ts';
import { narrow, recordAll, shoot, shootOnce } from './support.ts';

const head = Buffer.from('00000018667479706d70343200000000', 'hex');
/** An MP4 without its index, as a recorder leaves that broke off. */
const unfinished = Buffer.concat([head, Buffer.alloc(1_400_000, 1)]);

test('held', async () => {
  await using window = await openWindow({ host: { graceMs: 8_000 } });
  const { page, app } = window;
  await recordAll(window);
  const long = '2026-11-24 Ecology of the river valley, excursion with the second microphone.mp4';
  await writeFile(join(app.folder, long), unfinished);
  await page.getByText(/paused or cut short/).waitFor();
  await shoot(page, 'queue-paused-recorder');
  await writeFile(join(app.folder, 'double_click_to_convert_01.zoom'), 'raw');
  for (const n of [1, 2]) await record(app.folder, `Microphone test ${n}.mp3`, 0);
  await page.getByText('4 files need you.', { exact: true }).waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Show what to do' }).click();
  await page.getByText('Dismiss all 2').waitFor();
  await shoot(page, 'queue-held');
  const onNarrow = await window.another(narrow);
  await onNarrow.getByRole('tab', { name: /^Needs you/ }).click();
  await onNarrow.getByText('Dismiss all 2').waitFor();
  await shootOnce(onNarrow, 'queue-held-narrow');
  await page.getByRole('button', { name: /^Dismiss all 2/ }).click();
  await shoot(page, 'queue-dismiss');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('tab', { name: /Dismissed 2/ }).click();
  await page.getByText('Send again').first().waitFor();
  await shoot(page, 'queue-dismissed');
});
