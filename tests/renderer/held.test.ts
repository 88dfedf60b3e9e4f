import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { noIndex } from '../support/recordings.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { expectAccessible, follow, openWindow, record, stored, tabTo } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('an unfinished recording says so, and goes up as it is when a person says so', async () => {
  await using window = await openWindow();
  const { page, app, problems } = window;
  await follow(window);
  await writeFile(join(app.folder, 'Lecture.mp4'), noIndex);
  await page.getByText('1 file needs you.', { exact: true }).waitFor();
  await page.getByRole('status').getByText('Lecture.mp4 needs you.').waitFor();
  const everywhere = ['complementary', 'tab', 'link'] as const;
  for (const role of everywhere)
    await page
      .getByRole(role)
      .filter({ hasText: /needs? you/i })
      .waitFor();
  const inAll = page.getByRole('row', { name: /Lecture\.mp4/ });
  await inAll.getByRole('button', { name: 'Upload anyway: Lecture.mp4' }).waitFor();
  await page.getByRole('button', { name: 'Show what to do' }).click();
  const card = page.getByRole('region', { name: 'Lecture.mp4: This recording looks unfinished' });
  await card.getByText('It is safe on this computer, and nothing of it was uploaded.').waitFor();
  await expectAccessible(page);
  const row = page.getByRole('row', { name: /Lecture\.mp4/ });
  await row.getByRole('button', { name: 'Upload anyway: Lecture.mp4' }).click();
  await page.getByRole('status').getByText('Lecture.mp4 goes up as it is.').first().waitFor();
  await stored(window, 1);
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor();
  expect(problems).toEqual([]);
});

test('recordings are dismissed together by keyboard, after a question, and one is sent again', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  await follow(window);
  for (const name of ['One.mp3', 'Two.mp3']) await record(app.folder, name, 0);
  await page.getByText('2 files need you.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Show what to do' }).click();
  const dismissAll = page.getByRole('button', { name: /^Dismiss all 2/ });
  await tabTo(page, dismissAll);
  await page.keyboard.press('Enter');
  const question = page.getByRole('alertdialog', { name: 'Do not upload these recordings?' });
  await question.getByText('Nothing on this computer is touched.').waitFor();
  await expectAccessible(page);
  // The first stop is Cancel: Enter loses nothing.
  await page.keyboard.press('Enter');
  await question.waitFor({ state: 'detached' });
  expect((await api.getStatus({})).counts['held']).toBe(2);
  await dismissAll.click();
  await question.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor();
  expect((await api.getStatus({})).safeToLeave).toBe(true);
  for (const name of ['One.mp3', 'Two.mp3'])
    expect(await readFile(join(app.folder, name), 'utf8')).toBe('');
  await page.getByRole('tab', { name: 'Dismissed 2' }).click();
  await page
    .getByRole('row', { name: /One\.mp3.*Not uploaded.*Goes up only if you send it again/ })
    .waitFor();
  await page.getByRole('button', { name: 'Send again: One.mp3' }).click();
  await stored(window, 1);
  await page.getByRole('tab', { name: 'Dismissed 1' }).waitFor();
  expect(problems).toEqual([]);
});

test('a dismissed recording without a class is not said to go up when it is sent again', async () => {
  await using window = await openWindow();
  const { page, app, api, jobs, problems } = window;
  await follow(window, null);
  await record(app.folder, 'Lecture.mp3');
  await page.getByText('1 file needs you.', { exact: true }).waitFor();
  await api.dismissJobs({
    ids: jobs()
      .list('held', 1)
      .map(({ id }) => id),
  });
  await page.getByRole('tab', { name: 'Dismissed 1' }).click();
  await page.getByRole('button', { name: 'Send again: Lecture.mp3' }).click();
  await page.getByRole('status').getByText('Lecture.mp3 still needs a class.').first().waitFor();
  await page.getByRole('heading', { name: 'Nothing is dismissed' }).waitFor();
  expect(problems).toEqual([]);
});

test('a recording in its turn can be dismissed, one that is paused is shown to be waited for', async () => {
  await using window = await openWindow({ host: { graceMs: 600_000 } });
  const { page, app, api, problems } = window;
  await follow(window);
  await api.setPaused({ isPaused: true });
  await record(app.folder, 'Not this one.mp3');
  await writeFile(join(app.folder, 'Paused.mp4'), noIndex);
  const note = page.getByRole('region', { name: 'Still being recorded or copied' });
  await note.getByText(/^90 kB so far, paused or cut short/).waitFor();
  await page.getByRole('tab', { name: 'Waiting 1' }).click();
  await page.getByRole('button', { name: 'Dismiss Not this one.mp3' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('heading', { name: 'Nothing is waiting' }).waitFor();
  expect((await api.getStatus({})).counts).toMatchObject({ dismissed: 1 });
  expect(problems).toEqual([]);
});
