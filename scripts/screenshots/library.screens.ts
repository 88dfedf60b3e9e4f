/** @file The library and the links. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, vi } from 'vitest';
import { linkStore } from '../../electron/engine/store/links.ts';
import { openWindow, record, stored } from '../../tests/renderer/support/window.ts';
import { inHome, openHome } from './home.ts';
import { go, lectures, narrow, recordAll, shoot, shootOnce, zoomed } from './support.ts';

const DAY_MS = 86_400_000;

test('library and links', async () => {
  await using home = await openHome('jonas');
  await using opened = await openWindow({
    host: {
      desktop: {
        chooseSavePath: (name) => Promise.resolve(join(home.path, 'Downloads', name)),
        revealFile: () => {},
      },
    },
  });
  for (const name of ['Recordings', 'Downloads']) await mkdir(join(home.path, name));
  const window = inHome(opened, home.path);
  const { page, app, api } = window;
  await go(page, 'Library');
  await page.getByRole('heading', { name: 'Nothing is stored yet' }).waitFor();
  await shoot(page, 'library-empty');
  await go(page, 'Links');
  await shoot(page, 'links-empty');
  await recordAll(window);
  const rule = { userId: 'teacher-7', include: [], exclude: [] };
  const others = join(app.folder, '..', 'Seminar');
  await record(others, 'Reading list.pdf', 310_000);
  await record(others, '<img src=x onerror=alert(1)>.mp3', 90_000);
  await record(others, 'annual\u202Egpj.exe report.mp3', 90_000);
  await api.saveFolder({ path: others, rule: { ...rule, kind: 'audio', classId: 'HIST-204' } });
  const papers = join(app.folder, '..', 'Papers');
  await record(papers, 'Syllabus.pdf', 210_000);
  await api.saveFolder({ path: papers, rule: { ...rule, kind: 'documents', classId: null } });
  await stored(window, lectures.length + 3);
  await go(page, 'Library');
  await page.getByRole('row', { name: /Respiration/ }).waitFor();
  await shoot(page, 'library');
  await page.getByRole('button', { name: /BIO-101/ }).click();
  await page.getByRole('grid', { name: 'Recordings of BIO-101' }).waitFor();
  await page.getByRole('row', { name: /Respiration/ }).waitFor();
  await page.getByRole('row', { name: /Respiration/ }).click();
  await page.getByRole('button', { name: 'Make link' }).waitFor();
  await shoot(page, 'library-details');
  await page.getByRole('button', { name: /Delete from storage/ }).click();
  await shoot(page, 'library-delete');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Make link' }).click();
  await page.getByRole('radio', { name: 'Until a time' }).check();
  await shoot(page, 'link-dialog');
  await page.getByRole('radio', { name: '1 day' }).check();
  await page.getByRole('textbox', { name: 'Note' }).fill('For Ada, who was ill');
  await page.getByRole('dialog').getByRole('button', { name: 'Make link' }).click();
  await page.getByRole('textbox', { name: 'The link' }).waitFor();
  await shoot(page, 'link-made');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Close details' }).click();
  await page.getByRole('row', { name: /Cells/ }).click();
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByText(/^Compared · /).waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  window.storage.bytesPerSecond = 40_000;
  await page.getByRole('row', { name: /Calvin/ }).click();
  await page.getByRole('button', { name: 'Download' }).click();
  await page
    .getByText(/kB of .*, [1-9]\d %/)
    .first()
    .waitFor();
  await shoot(page, 'library-downloads');
  window.storage.bytesPerSecond = Infinity;
  await page
    .getByText(/^Compared · .*Calvin/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Clear the finished ones' }).click();
  await page.getByRole('button', { name: 'Close details' }).click();
  await page.getByRole('searchbox').fill('photo');
  await page.getByRole('row', { name: /Calvin/ }).waitFor();
  await shoot(page, 'library-search');
  await page.getByRole('searchbox').fill('volcano');
  await page.getByText(/^Nothing found/).waitFor();
  await shoot(page, 'library-search-none');
  await page.getByRole('button', { name: /HIST-204/ }).click();
  await page.getByRole('row', { name: /onerror/ }).waitFor();
  await shoot(page, 'library-hostile-names');

  await record(app.folder, 'Deleted afterwards.mp3');
  await stored(window, lectures.length + 4);
  // What was stored a moment ago is in the list a moment later.
  const found = (words: string) =>
    vi.waitFor(
      async () => {
        const { rows } = await api.listObjects({ owner: null, words, offset: 0, limit: 1 });
        const [row] = rows;
        if (row === undefined) throw new Error(`${words} is not listed yet`);
        return row.key;
      },
      { timeout: 10_000 },
    );
  const link = { expiresInSeconds: 3_600, mode: 'watch', note: '' } as const;
  await api.createLink({ ...link, key: await found('deleted'), expiresInSeconds: 604_800 });
  await api.deleteObject({ key: await found('deleted') });
  await api.createLink({ ...link, key: await found('field'), mode: 'download' });
  const { database, remote } = app.host.storage();
  const former = { mode: 'watch', note: null, mayEndSooner: false } as const;
  linkStore(database).insert({
    ...former,
    place: 'pansea-2025 at AWS',
    key: 'audio/BIO-101/01900000-0000-7000-8000-000000000001.mp3',
    name: lectures[1],
    createdAtMs: Date.now() - DAY_MS,
    expiresAtMs: Date.now() + 5 * DAY_MS,
  });
  linkStore(database).insert({
    ...former,
    place: remote.place,
    key: await found('cells'),
    name: lectures[0],
    createdAtMs: Date.now() - 3 * DAY_MS,
    expiresAtMs: Date.now() - 2 * DAY_MS,
  });
  await go(page, 'Links');
  await page.getByText('Leads nowhere').waitFor();
  await shoot(page, 'links');
  await page.getByRole('button', { name: /^Stop the link to .*Respiration/ }).click();
  await page
    .getByRole('dialog', { name: 'Stop this link' })
    .getByText(/450 kB$/)
    .waitFor();
  await shoot(page, 'link-stop');
  await page.getByRole('button', { name: 'Leave it as it is' }).click();
  await page.getByRole('button', { name: 'New link', exact: true }).click();
  await page.getByRole('searchbox').fill('photo');
  await page.getByRole('button', { name: /Calvin/ }).waitFor();
  await shoot(page, 'links-pick');

  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Library');
  await onNarrow.getByRole('row', { name: /Respiration/ }).waitFor();
  await shootOnce(onNarrow, 'library-narrow');
  await onNarrow.getByRole('row', { name: /Respiration/ }).click();
  await onNarrow.getByRole('button', { name: 'Make link' }).waitFor();
  await shootOnce(onNarrow, 'library-details-narrow');
  await onNarrow.getByRole('button', { name: 'Make link' }).click();
  await shootOnce(onNarrow, 'link-dialog-narrow');
  await onNarrow.getByRole('button', { name: 'Cancel' }).click();
  await go(onNarrow, 'Links');
  await onNarrow.getByText('Leads nowhere').waitFor();
  await shootOnce(onNarrow, 'links-narrow');
  await onNarrow.getByRole('button', { name: /^Stop the link to .*field trip/ }).click();
  await onNarrow.getByText(/630 kB$/).waitFor();
  await shootOnce(onNarrow, 'link-stop-narrow');
  const onZoomed = await window.another(zoomed);
  await go(onZoomed, 'Library');
  await onZoomed.getByRole('row', { name: /Respiration/ }).waitFor();
  await shootOnce(onZoomed, 'library-zoom-200');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await go(page, 'Library');
  window.storage.isDown = true;
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText('The storage cannot be reached').first().waitFor({ timeout: 60_000 });
  await shoot(page, 'library-offline');
});
