/** @file The audit in the settings: while it runs, and what it says. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { follow, openWindow, record, stored } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import { go, lectures, narrow, shoot, shootOnce } from './support.ts';

test('audit', async () => {
  await using home = await openHome('amira');
  await using opened = await openWindow();
  const window = inHome(opened, home.path);
  const { page, app, api, storage, another } = window;
  const deep = join(
    app.folder,
    'A folder with a very long name',
    'and another one within it, as long',
  );
  await mkdir(deep, { recursive: true });
  await go(page, 'Settings');
  const card = page.getByRole('region', { name: 'Audit', exact: true });
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'audit-none');
  await follow(window);
  for (const name of lectures) await record(app.folder, name, 60_000);
  await record(deep, 'Organic chemistry, the second half of the lecture.mp3', 60_000);
  await stored(window, lectures.length + 1);
  const start = async () => {
    await card.getByRole('button', { name: 'Start audit' }).click();
    await card
      .getByText(/(computer|look|yet)\.$/)
      .last()
      .waitFor();
  };
  await start();
  await card.getByText(/It takes at least 1 request/).waitFor();
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'audit-fine');
  const { rows } = await api.listJobs({ filter: 'done', offset: 0, limit: 100 });
  const keyOf = (name: string) => rows.find((row) => row.name === name)!.key!;
  const remove = (key: string) =>
    app.host.storage().remote.deleteObject(key, AbortSignal.timeout(30_000));
  await remove(keyOf('Organic chemistry, the second half of the lecture.mp3'));
  await rm(join(app.folder, lectures[1]));
  await start();
  await card.getByText(/needs? a look/).waitFor();
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'audit-look');
  const onNarrow = await another(narrow);
  await go(onNarrow, 'Settings');
  await onNarrow.getByText(/needs? a look/).waitFor();
  await onNarrow.getByRole('region', { name: 'Audit', exact: true }).scrollIntoViewIfNeeded();
  await onNarrow
    .getByText(/second half/)
    .first()
    .waitFor();
  await onNarrow.getByRole('button', { name: 'Start audit' }).focus();
  await shootOnce(onNarrow, 'audit-look-narrow');
  storage.bytesPerSecond = 20;
  await card.getByRole('combobox', { name: 'How thorough' }).selectOption('list');
  await card.getByRole('button', { name: 'Start audit' }).click();
  await card.getByText(/^Asking the storage/).waitFor();
  await shoot(page, 'audit-running');
  await card.getByRole('button', { name: 'Cancel the audit' }).click();
  await card.getByText('The audit was cancelled.').waitFor();
  storage.bytesPerSecond = Infinity;
  storage.isDown = true;
  await card.getByRole('button', { name: 'Start audit' }).click();
  await card.getByRole('region', { name: 'The audit could not be finished' }).waitFor();
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'audit-offline');
  storage.isDown = false;
  for (const { key } of rows) await remove(key!);
  await start();
  await page.getByRole('region', { name: 'Stored recordings are gone' }).waitFor();
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'audit-alarm');
});
