/** @file Before a link goes out, several in one page, and a link on its last day. */
import { rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { test } from 'vitest';
import { linkStore } from '../../electron/engine/store/links.ts';
import { wav } from '../../tests/support/wav.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { clearNotice, go, lectures, narrow, recordAll, shoot, shootOnce } from './support.ts';

const HOUR_MS = 3_600_000;

test('a look before, a page of links, and renewing one', async () => {
  await using window = await openWindow();
  const { page, app, api } = window;
  await recordAll(window);
  const { database, remote } = app.host.storage();
  const bytes = wav(1_800);
  const headers = {
    contentType: 'audio/wav',
    metadata: { original_filename: '2026-11-24 Genetics.wav' },
  };
  const key = 'audio/BIO-101/01900000-0000-7000-8000-000000000002.wav';
  await remote.putObject(key, bytes, crc32(bytes), headers, AbortSignal.timeout(30_000));
  await api.refreshObjects({});
  await go(page, 'Library');
  await page.getByRole('row', { name: /Genetics/ }).click();
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('button', { name: 'Close preview' }).waitFor();
  await clearNotice(page);
  await shoot(page, 'library-preview');
  await page.getByRole('button', { name: 'Close details' }).click();

  await page.getByRole('button', { name: 'Choose several' }).click();
  for (const name of [/Genetics/, /Calvin/, /Respiration/])
    await page.getByRole('row', { name }).click();
  await page.mouse.move(0, 0);
  await shootOnce(page, 'library-several');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Library');
  await onNarrow.getByRole('button', { name: 'Choose several' }).click();
  await onNarrow.getByRole('row', { name: /Calvin/ }).click();
  await shootOnce(onNarrow, 'library-several-narrow');
  await page.getByRole('button', { name: 'Page of links…' }).click();
  const dialog = page.getByRole('dialog', { name: 'A page of links' });
  await dialog.getByRole('radio', { name: '7 days' }).check();
  await shoot(page, 'link-page');
  await dialog.getByRole('button', { name: 'Save page…' }).click();
  const said = await dialog.getByText(/^Saved as .*\.html\.$/).innerText();
  await rm(said.slice('Saved as '.length, -1));
  await page.keyboard.press('Escape');

  const expiresAtMs = Date.now() + 12.5 * HOUR_MS;
  const rows = (await api.listObjects({ owner: null, words: 'cells', offset: 0, limit: 1 })).rows;
  for (const { key: cells } of rows)
    linkStore(database).insert({
      place: remote.place,
      key: cells,
      name: lectures[0],
      mode: 'watch',
      note: 'For Ada, who was ill',
      mayEndSooner: false,
      createdAtMs: expiresAtMs - 168 * HOUR_MS,
      expiresAtMs,
    });
  await go(page, 'Links');
  await page.getByRole('region', { name: 'Links that end soon' }).waitFor();
  await clearNotice(page);
  await shoot(page, 'links-ending');
  await page.getByRole('button', { name: /^Renew the link to .*Cells/ }).click();
  await page.getByRole('dialog', { name: 'Renew the link' }).waitFor();
  await shootOnce(page, 'link-renew');
});
