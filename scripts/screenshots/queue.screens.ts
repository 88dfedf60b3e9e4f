/** @file The queue, from empty to offline. */
import { test } from 'vitest';
import { openWindow, record } from '../../tests/renderer/support/window.ts';
import { clearNotice, dark, narrow, recordAll, shoot, shootOnce, zoomed } from './support.ts';

test('queue', async () => {
  await using window = await openWindow();
  const { page, app, storage, api } = window;
  await page.getByRole('heading', { name: 'Choose where your recordings are saved' }).waitFor();
  await shoot(page, 'queue-empty');
  await recordAll(window);
  await page.getByText(/^6 of 6 files/).waitFor();
  await shoot(page, 'queue-done');

  storage.refuses = ({ method, url, headers }) =>
    method !== 'GET' &&
    method !== 'HEAD' &&
    (/refused/.test(JSON.stringify(headers)) || /\.ogg/.test(url ?? ''));
  for (let i = 1; i <= 3; i += 1) await record(app.folder, `Interview ${i}.ogg`, 120_000);
  await record(app.folder, 'Microphone test.mp3', 0);
  await page.getByText('4 files need you.', { exact: true }).waitFor({ timeout: 40_000 });
  storage.bytesPerSecond = 350_000;
  await record(app.folder, '2026-11-24 Genetics, part 1.mp4', 38_000_000);
  await record(app.folder, '2026-11-24 Genetics, part 2.mp4', 61_000_000);
  for (let i = 1; i <= 4; i += 1)
    await record(app.folder, `2026-11-24 Questions, table ${i}.m4a`, 2_400_000);
  await page.getByText(/ of 61 MB, [1-9]/).waitFor({ timeout: 60_000 });
  const growing = setInterval(
    () => void record(app.folder, 'Now recording.wav', Date.now() % 9e5),
    150,
  );
  await page.getByText('Still being recorded or copied').waitFor();
  await shoot(page, 'queue-working');
  const onNarrow = await window.another(narrow);
  await onNarrow.getByText(/ of 61 MB/).waitFor();
  await shootOnce(onNarrow, 'queue-working-narrow');
  const onZoomed = await window.another(zoomed);
  await onZoomed
    .getByText(/ of 61 MB/)
    .first()
    .waitFor();
  await shootOnce(onZoomed, 'queue-working-zoom-200');
  clearInterval(growing);
  const inContrast = await window.another({ contrast: 'more' });
  await inContrast.getByText(/ of 61 MB/).waitFor();
  await shootOnce(inContrast, 'queue-working-contrast');
  const inForced = await window.another({ forcedColors: 'active', ...dark });
  await inForced.getByText(/ of 61 MB/).waitFor();
  await shootOnce(inForced, 'queue-working-forced-colours');
  await page.getByRole('tab', { name: /^Needs you/ }).click();
  await shoot(page, 'queue-attention');
  await page.getByRole('button', { name: 'Pause all' }).click();
  await page.getByRole('tab', { name: /Waiting/ }).click();
  await clearNotice(page);
  await page.getByLabel('How long uploads are paused').selectOption('tomorrow');
  await page.getByRole('status').getByText('go on by themselves').waitFor();
  await shoot(page, 'queue-paused');
  await shootOnce(await window.another(narrow), 'queue-paused-narrow');
  await api.setPaused({ isPaused: false });
  storage.isDown = true;
  await record(app.folder, '2026-11-24 Genetics, part 3.mp4', 3_000_000);
  const note = page.getByRole('region', { name: 'The storage cannot be reached' });
  await note.waitFor({ timeout: 60_000 });
  await clearNotice(page);
  await page.getByRole('tab', { name: /All/ }).click();
  await page.getByRole('row', { name: /Genetics, part 3.*Waits for the storage/ }).waitFor();
  await shoot(page, 'queue-offline');
});
