import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('who comes back reads in words what happened, by class, and saves it; names stay text', async () => {
  await using dir = await tempDir();
  await using window = await openWindow({
    host: { desktop: { chooseSavePath: (name) => Promise.resolve(join(dir.path, name)) } },
  });
  const { page, app, api, problems } = window;
  await page.keyboard.press('Control+5');
  await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
  const list = page.getByRole('grid', { name: 'What happened' });
  await list.getByText('Pan-Sea Sync was opened').waitFor();
  await follow(window);
  for (const name of ['Lecture 1.mp3', 'Lecture 2.mp3', '<img src=x onerror=alert(1)>.mp3'])
    await record(app.folder, name);
  await stored(window, 3);
  const row = list.getByRole('row', { name: /3 recordings were stored and checked/ });
  await row.getByText(/Lecture [12]\.mp3/).waitFor();
  await row.getByText('BIO-101').waitFor();
  await row.getByText(/onerror=alert/).waitFor();
  await expectAccessible(page);
  const { rows } = await api.listJobs({ filter: 'done', offset: 0, limit: 1 });
  await api.deleteObject({ key: rows[0]!.key! });
  await list.getByText(/^“.*” was deleted from the storage$/).waitFor();
  await page.getByRole('combobox', { name: 'Of which class' }).selectOption('BIO-101');
  await list.getByText('Pan-Sea Sync was opened').waitFor({ state: 'detached' });
  await tabTo(page, page.getByRole('button', { name: 'Save as a table' }));
  await page.keyboard.press('Enter');
  await page
    .getByRole('status')
    .getByText(/^Saved as .*Pan-Sea Sync history\.csv\.$/)
    .waitFor();
  expect(problems).toEqual([]);
});
