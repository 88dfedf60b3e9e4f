/** @file Folders that are not connected, and what was stored for a class that a folder no longer has. */
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import { clearNotice, go, narrow, recordAll, shoot, shootOnce } from './support.ts';

test('folders', async () => {
  await using home = await openHome('amira');
  await using opened = await openWindow();
  const window = inHome(opened, home.path);
  const { page, app, api } = window;
  await recordAll(window);
  await go(page, 'Settings');
  await page.getByRole('button', { name: /^Edit / }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit folder' });
  await dialog.getByRole('textbox', { name: 'Class' }).fill('BIO-102');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog', { name: '6 recordings stay in BIO-101' }).waitFor();
  await clearNotice(page);
  await shoot(page, 'settings-stored-elsewhere');
  await page.setViewportSize(narrow.viewport);
  await shootOnce(page, 'settings-stored-elsewhere-narrow');
  await page.setViewportSize({ width: 1_120, height: 720 });
  await page.keyboard.press('Escape');

  const rule = { kind: 'audio', classId: 'HIST-204', userId: 'teacher-7' } as const;
  const away = [
    'Field trips with the second microphone and the borrowed camera, spring term',
    'Camera card',
  ];
  for (const name of away) {
    const path = join(home.path, name);
    await mkdir(path);
    await api.saveFolder({ path, rule: { ...rule, include: [], exclude: [] } });
    await rename(path, `${path} elsewhere`);
  }
  await rename(app.folder, `${app.folder} elsewhere`);
  await go(page, 'Queue');
  const note = page.getByRole('region', { name: 'Folders that are not connected' });
  await note.getByText('and 1 more').waitFor({ timeout: 60_000 });
  await clearNotice(page);
  await shoot(page, 'queue-folders-away');
  const onNarrow = await window.another(narrow);
  await onNarrow.getByText('and 1 more').waitFor();
  await shootOnce(onNarrow, 'queue-folders-away-narrow');
});
