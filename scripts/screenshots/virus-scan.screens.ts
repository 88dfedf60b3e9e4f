/** @file The virus scanner: set up, objecting, failing. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { makeScanner } from '../../tests/support/scanners.ts';
import { inHome, openHome } from './home.ts';
import { clearNotice, go, narrow, recordAll, shoot, shootOnce } from './support.ts';

test('virus scan', async () => {
  await using home = await openHome('noor');
  await using opened = await openWindow({
    host: {
      desktop: {
        chooseSavePath: () => Promise.resolve(undefined),
        confirmScanner: () => Promise.resolve(true),
      },
    },
  });
  const window = inHome(opened, home.path);
  const { page, app } = window;
  const scanner = await makeScanner(home.path, 'hit');
  await go(page, 'Settings');
  const card = page.getByRole('region', { name: 'Virus scan' });
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'settings-scanner-none');
  await card.getByRole('button', { name: 'Set up a scanner' }).click();
  await card.getByRole('textbox', { name: 'Program' }).fill('clamdscan-of-the-school');
  await card.getByRole('textbox', { name: /^Arguments/ }).fill('--fdpass');
  await card.getByRole('button', { name: 'Try and use it' }).click();
  await card.getByRole('region', { name: /cannot be started/ }).scrollIntoViewIfNeeded();
  await shoot(page, 'settings-scanner-missing');
  await card.getByRole('textbox', { name: 'Program' }).fill(scanner.path);
  await card.getByRole('button', { name: 'Try and use it' }).click();
  await card.getByText('Each recording is scanned').waitFor();
  await card.scrollIntoViewIfNeeded();
  await clearNotice(page);
  await shoot(page, 'settings-scanner');
  await recordAll(window);
  await writeFile(join(app.folder, '2026-11-25 From a stick.mp4'), 'BAD sound');
  await go(page, 'Queue');
  await page.getByRole('tab', { name: /^Needs you/ }).click();
  await page.getByText(/EICAR/).first().waitFor();
  await shoot(page, 'queue-scanner-objects');
  await scanner.becomes('broken');
  await writeFile(join(app.folder, '2026-11-26 Seminar.mp4'), 'sound');
  await page
    .getByText(/Could not connect to clamd/)
    .first()
    .waitFor();
  await page.getByRole('tab', { name: /^All/ }).click();
  await shoot(page, 'queue-scanner-fails');
  const onNarrow = await window.another(narrow);
  await onNarrow.getByRole('tab', { name: /^Needs you/ }).click();
  await onNarrow.getByText(/EICAR/).first().waitFor();
  await shootOnce(onNarrow, 'queue-scanner-narrow');
  await go(onNarrow, 'Settings');
  await onNarrow.getByRole('region', { name: 'Virus scan' }).scrollIntoViewIfNeeded();
  await shootOnce(onNarrow, 'settings-scanner-narrow');
});
