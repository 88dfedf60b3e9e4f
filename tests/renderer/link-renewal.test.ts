import { beforeEach, expect, test } from 'vitest';
import { HOUR_MS } from '#shared/time.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { RENEWED } from '../../shared/link.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a link on its last day is told of on top, and renewed as it was made; the former one stays in the list', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
  const { database, remote } = app.host.storage();
  const links = linkStore(database);
  const row = {
    place: remote.place,
    key: job!.key!,
    mode: 'download',
    mayEndSooner: false,
  } as const;
  const endsAtMs = Date.now() + 12.5 * HOUR_MS;
  const week = { createdAtMs: endsAtMs - 168 * HOUR_MS, expiresAtMs: endsAtMs };
  links.insert({ ...row, ...week, name: 'Cells.mp3', note: 'For Ada' });
  // Made for two hours: it is meant to end soon.
  const short = { createdAtMs: Date.now() - HOUR_MS, expiresAtMs: Date.now() + HOUR_MS };
  links.insert({ ...row, ...short, name: 'Short.mp3', note: null });
  expect(await api.getStatus({})).toMatchObject({ linksEnding: 1, linksEndingLastMs: endsAtMs });

  await page.getByRole('link', { name: 'Links' }).click();
  const note = page.getByRole('region', { name: 'Links that end soon' });
  await note.getByText('1 link ends within a day.').waitFor();
  await expectAccessible(page);
  await note.getByRole('button', { name: 'Show it' }).click();
  await note.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Short\.mp3/ }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Renew the link to Cells.mp3' }).click();
  const dialog = page.getByRole('dialog', { name: 'Renew the link' });
  expect(await dialog.getByRole('radio', { name: '7 days' }).isChecked()).toBe(true);
  expect(await dialog.getByRole('radio', { name: /^Download/ }).isChecked()).toBe(true);
  expect(await dialog.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('For Ada');
  await dialog.getByRole('button', { name: 'Renew' }).click();
  await dialog.getByText(RENEWED).waitFor();
  await expectAccessible(page);
  const url = await dialog.getByRole('textbox', { name: 'The link' }).inputValue();
  expect((await fetch(url)).status).toBe(200);
  await dialog.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('heading', { name: 'No link ends soon' }).waitFor();
  await page.getByRole('tab', { name: 'All 3' }).click();
  const former = page.getByRole('row', { name: /Cells\.mp3.*Ends in 12 h .*renewed/ });
  await former.getByRole('button', { name: 'New link to Cells.mp3' }).waitFor();
  await page.getByRole('row', { name: /Cells\.mp3 Download .* For Ada Ends in 6 d/ }).waitFor();
  expect(problems).toEqual([]);
});
