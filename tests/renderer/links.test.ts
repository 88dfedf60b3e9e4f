import { beforeEach, expect, test } from 'vitest';
import { linkStore } from '../../electron/engine/store/links.ts';
import { MAY_END_SOONER } from '../../shared/link.ts';
import { canarySession } from '../support/canary.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

const MINUTE_MS = 60_000;

test('a link is made and copied with the keyboard alone, and works', async () => {
  await using window = await openWindow({
    view: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page, app, problems } = window;
  const { keyboard } = page;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await keyboard.press('Control+2');
  const row = page.getByRole('row', { name: /Cells\.mp3/ });
  await row.waitFor();
  await tabTo(page, row);
  await keyboard.press('Enter');
  const makeLink = page.getByRole('button', { name: 'Make link' });
  await makeLink.waitFor();
  await tabTo(page, makeLink);
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  await dialog.waitFor();
  await tabTo(page, dialog.getByRole('radio', { name: '1 hour' }));
  await keyboard.press('ArrowRight');
  expect(await dialog.getByRole('radio', { name: '1 day' }).isChecked()).toBe(true);
  await expectAccessible(page);
  await tabTo(page, dialog.getByRole('textbox', { name: 'Note' }));
  await keyboard.type('For Ada');
  await keyboard.press('Enter');
  await dialog.getByText(/^Works until \w+, /).waitFor();
  await dialog.getByText('It cannot be recalled; anyone who has it can use it.').waitFor();
  await expectAccessible(page);
  await tabTo(page, dialog.getByRole('button', { name: 'Copy link' }));
  await keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Copied link' }).waitFor();
  const url = await page.evaluate('navigator.clipboard.readText()');
  const answer = await fetch(String(url));
  expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 40_000]);
  await keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await makeLink.evaluate((element) => element.matches(':focus'))).toBe(true);
  await keyboard.press('Control+3');
  await page
    .getByRole('row', { name: /Cells\.mp3 Watch · BIO-101 · For Ada Ends in 23 h 59 min/ })
    .waitFor();
  // For whoever has it no longer: once more, to the same end, and still one link on record.
  await tabTo(page, page.getByRole('row', { name: /Cells\.mp3/ }));
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await page.getByText(/^The link is copied\. It works until \w+, /).waitFor();
  const again = String(await page.evaluate('navigator.clipboard.readText()'));
  expect(again).not.toBe(url);
  expect((await fetch(again)).status).toBe(200);
  const { rows, total } = await window.api.listLinks({
    filter: 'all',
    words: '',
    offset: 0,
    limit: 1,
  });
  const seconds = Number(new URL(again).searchParams.get('X-Amz-Expires'));
  expect(total).toBe(1);
  expect(Date.now() + seconds * 1_000).toBeLessThanOrEqual(rows[0]!.expiresAtMs + 30_000);
  expect(problems).toEqual([]);
});

test('the ledger tells what lives, what ended and what leads nowhere, by the clock', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  await record(app.folder, 'Gone.mp3');
  await stored(window, 1);
  const [job] = (await api.listJobs({ filter: 'done', offset: 0, limit: 1 })).rows;
  const key = job!.key!;
  await api.createLink({ key, expiresInSeconds: 3_600, mode: 'download', note: '' });
  await api.deleteObject({ key });
  const links = linkStore(app.host.storage().database);
  const now = Date.now();
  const { place } = app.host.storage().remote;
  const row = { place, key: 'audio/x/y', mode: 'watch', note: null, createdAtMs: now } as const;
  const link = { ...row, mayEndSooner: false };
  links.insert({
    ...row,
    name: 'Perhaps.mp3',
    expiresAtMs: now + 5.24 * 60 * MINUTE_MS,
    mayEndSooner: true,
  });
  links.insert({ ...link, name: 'Ended.mp3', expiresAtMs: now - MINUTE_MS });
  links.insert({ ...link, name: 'Soon.mp3', expiresAtMs: now + 2.24 * 60 * MINUTE_MS });
  links.insert({ ...link, name: 'Now.mp3', expiresAtMs: now + 60_000 });
  await page.getByRole('link', { name: 'Links' }).click();
  await page
    .getByRole('row', { name: /Gone\.mp3.*Leads nowhere The recording was deleted/ })
    .waitFor();
  await page.getByRole('row', { name: /Ended\.mp3.*Has ended/ }).waitFor();
  await page.getByRole('row', { name: /Soon\.mp3.*Ends in 2 h 14 min/ }).waitFor();
  await page
    .getByRole('row', { name: /Perhaps\.mp3.*Ends within 5 h 14 min .* at most/ })
    .waitFor();
  const clock = page.getByRole('row', { name: /Now\.mp3/ }).getByText(/^Ends in \d+ s$/);
  const before = await clock.innerText();
  await expect.poll(() => clock.innerText()).not.toBe(before);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('a link that temporary keys sign works until then at most, in the dialog and in the list', async () => {
  const { sessionToken: token, ...keys } = canarySession(1);
  await using s3 = await countingServer({ sessions: [{ ...keys, token, endsAtMs: Infinity }] });
  const env = { ...storageEnv({ ...s3, ...keys }), AWS_SESSION_TOKEN: token };
  await using window = await openWindow({ host: { env } });
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByRole('button', { name: 'Make link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  await dialog.getByRole('button', { name: 'Make link' }).click();
  await dialog.getByText(/^Works until .* at most$/).waitFor();
  await dialog.getByText(MAY_END_SOONER).waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('link', { name: 'Links' }).click();
  await page.getByRole('row', { name: /Cells\.mp3.*Ends within 59 min.* at most/ }).waitFor();
  expect(problems).toEqual([]);
});

test('a link from the list of links starts with finding the recording', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  // Far from midnight, when the days would be others in the middle of it.
  const noon = new Date();
  noon.setHours(12, 0, 0, 0);
  await page.clock.setFixedTime(noon);
  await page.getByRole('link', { name: 'Links' }).click();
  await page.getByRole('heading', { name: 'No links yet' }).waitFor();
  await page.getByRole('button', { name: 'New link' }).first().click();
  await page.getByRole('dialog', { name: 'Which recording?' }).getByRole('searchbox').fill('cell');
  await page.getByRole('button', { name: /Cells\.mp3/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  await dialog.getByRole('radio', { name: 'Until a time' }).check();
  const submit = dialog.getByRole('button', { name: 'Make link' });
  const day = dialog.getByRole('combobox', { name: 'Day' });
  expect(await day.getByRole('option').count()).toBe(8);
  const time = dialog.getByRole('combobox', { name: 'Time' });
  expect(await time.inputValue()).toBe(String(noon.getTime() + 25 * 60 * MINUTE_MS));
  // Only what a link may last until is offered.
  await day.selectOption('Today');
  expect(await time.getByRole('option').first().getAttribute('value')).toBe(
    String(noon.getTime() + 30 * MINUTE_MS),
  );
  await day.selectOption({ index: 7 });
  expect(await time.getByRole('option').last().getAttribute('value')).toBe(
    String(noon.getTime() + 7 * 24 * 60 * MINUTE_MS),
  );
  // Its time comes while the dialog is open.
  await day.selectOption('Today');
  await page.clock.setFixedTime(noon.getTime() + 13 * 60 * MINUTE_MS);
  const late = dialog.getByText('Choose a time at least a minute from now.');
  await late.waitFor();
  expect(await submit.isDisabled()).toBe(true);
  await expectAccessible(page);
  await page.clock.setFixedTime(noon);
  await late.waitFor({ state: 'detached' });
  // Escape closes the list of days, and then the dialog.
  await day.focus();
  await page.keyboard.press('Space');
  await expect.poll(() => day.evaluate((element) => element.matches(':open'))).toBe(true);
  await page.keyboard.press('Escape');
  await expect.poll(() => day.evaluate((element) => element.matches(':open'))).toBe(false);
  await day.selectOption('Tomorrow');
  await time.selectOption({ label: (await time.getByRole('option').last().textContent())! });
  await submit.click();
  await dialog.getByRole('textbox', { name: 'The link' }).waitFor();
  const { rows } = await window.api.listLinks({ filter: 'all', words: '', offset: 0, limit: 1 });
  const end = new Date(noon);
  end.setDate(end.getDate() + 1);
  end.setHours(23, 59, 0, 0);
  const { createdAtMs, expiresAtMs } = rows[0]!;
  expect(expiresAtMs - createdAtMs).toBe(end.getTime() - noon.getTime());
  expect(problems).toEqual([]);
});

test('links are found by what they are for, and by whether they still work', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  const { database, remote } = app.host.storage();
  const { place } = remote;
  const links = linkStore(database);
  const now = Date.now();
  const put = (name: string, classId: string, note: string | null, minutes: number) =>
    links.insert({
      place,
      key: `audio/${classId}/01900000-0000-7000-8000-000000000001.mp3`,
      mode: 'watch',
      createdAtMs: now,
      name,
      note,
      expiresAtMs: now + minutes * MINUTE_MS,
      mayEndSooner: false,
    });
  put('Économie, week 3.mp3', 'ECO-2', 'for Ms Kim', 600);
  put('Cells.mp3', 'BIO-101', null, 600);
  put('Leaves.mp3', 'BIO-101', null, -600);
  const { key } = put('Roots.mp3', 'BIO-102', null, 600);
  links.kill(key, place, now);
  await page.getByRole('link', { name: 'Links' }).click();
  const shown = async () => {
    const rows = await page.locator('[data-index] .name').allInnerTexts();
    return rows.map((text) => text.trim()).toSorted();
  };
  await page.getByRole('tab', { name: 'All 4' }).waitFor();
  await page.getByRole('tab', { name: 'Live' }).click();
  await expect.poll(shown).toEqual(['Cells.mp3', 'Économie, week 3.mp3']);
  await page.getByRole('tab', { name: 'Ended' }).click();
  await expect.poll(shown).toEqual(['Leaves.mp3', 'Roots.mp3']);
  const search = page.getByRole('searchbox');
  await search.fill('bio-101');
  await expect.poll(shown).toEqual(['Leaves.mp3']);
  await page.getByRole('tab', { name: 'All 2' }).click();
  await expect.poll(shown).toEqual(['Cells.mp3', 'Leaves.mp3']);
  await search.fill('economie kim');
  await expect.poll(shown).toEqual(['Économie, week 3.mp3']);
  await expectAccessible(page);
  await search.fill('chemistry');
  await page.getByRole('heading', { name: 'No link is found' }).waitFor();
  await search.fill('kim');
  await page.getByRole('tab', { name: 'Ended' }).click();
  await page.getByRole('heading', { name: 'No link is found' }).waitFor();
  await search.fill('');
  await expect.poll(shown).toEqual(['Leaves.mp3', 'Roots.mp3']);
  expect(problems).toEqual([]);
});

test('a link of another bucket says so, and nothing of it is offered that would ask this one', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  const { database, remote } = app.host.storage();
  const links = linkStore(database);
  const row = { key: 'audio/x/y', mode: 'watch', note: null, mayEndSooner: false } as const;
  const times = { createdAtMs: Date.now(), expiresAtMs: Date.now() + 600 * MINUTE_MS };
  links.insert({ ...row, ...times, name: 'Here.mp3', place: remote.place });
  links.insert({ ...row, ...times, name: 'Old.mp3', place: 'pansea-2025 at AWS' });
  links.insert({ ...row, ...times, name: 'Former.mp3', place: null });
  await page.getByRole('link', { name: 'Links' }).click();
  const buttons = (name: RegExp) => page.getByRole('row', { name }).getByRole('button').count();
  await page.getByRole('row', { name: /Old\.mp3 In pansea-2025 at AWS · Watch/ }).waitFor();
  expect(await buttons(/Old\.mp3/)).toBe(0);
  // Of one from before nobody knows: a new one is of this bucket.
  expect(await buttons(/Former\.mp3 Bucket not on record · Watch/)).toBe(1);
  expect(await buttons(/Here\.mp3 Watch/)).toBe(3);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});
