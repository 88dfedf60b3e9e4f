import { beforeEach, expect, test } from 'vitest';
import { auditStore } from '../../electron/engine/store/audits.ts';
import { NOT_COMPARED_HERE } from '../../shared/audit.ts';
import { DAY_MS } from '../../shared/time.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  stored,
  tabTo,
  type TestWindow,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

async function withStored(window: TestWindow, files: number): Promise<void> {
  await follow(window);
  for (let i = 1; i <= files; i += 1) await record(window.app.folder, `Lecture ${i}.mp3`);
  await stored(window, files);
}

/** As somebody else does, with other tools: the app hears nothing of it. */
async function removeFromStorage({ api, app }: TestWindow, name: string): Promise<void> {
  const { rows } = await api.listJobs({ filter: 'done', offset: 0, limit: 100 });
  const { key } = rows.find((row) => row.name === name)!;
  await app.host.storage().remote.deleteObject(key!, AbortSignal.timeout(30_000));
}

test('an audit says how all is, names what is gone with what to do, and keeps that for later', async () => {
  await using window = await openWindow();
  const { page, api, problems } = window;
  await withStored(window, 3);
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Audit' });
  await card.getByText('No audit was finished on this computer yet.').waitFor();
  await tabTo(page, card.getByRole('button', { name: 'Start audit' }));
  await page.keyboard.press('Enter');
  await card.getByText('3 recordings are in the storage and on this computer.').waitFor();
  await expectAccessible(page);
  expect(await card.getByRole('list', { name: 'What the audit found' }).count()).toBe(0);

  await removeFromStorage(window, 'Lecture 2.mp3');
  await card.getByRole('button', { name: 'Start audit' }).click();
  await card
    .getByText('2 recordings are in the storage and on this computer, 1 needs a look.')
    .waitFor();
  await card.getByText('Was stored, and is not in the storage any more').waitFor();
  await card.getByText(/^Keep the file\./).waitFor();
  await card.getByTitle(/Lecture 2\.mp3$/).waitFor();
  expect(await card.getByTitle(/Lecture [13]\.mp3$/).count()).toBe(0);
  expect(await card.getByText('Stored recordings are gone').count()).toBe(0);
  await expectAccessible(page);
  await page.reload();
  await card.getByText(/1 needs a look\.$/).waitFor();
  const light = page.getByRole('complementary', { name: 'Safe to leave?' });
  await light.getByText(/1 stored recording is missing or changed in the storage/).waitFor();
  expect((await api.getStatus({})).needYou).toBe(1);
  await tabTo(page, card.getByRole('button', { name: 'Upload again' }));
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('1 recording goes up again.').waitFor();
  await card.getByText('Somebody has seen to it since.').waitFor();
  await light.getByText(/Safe to leave 3 files stored and checked, nothing waiting/).waitFor();
  expect(await page.locator(':focus').innerText()).toBe('Settings');
  expect(problems).toEqual([]);
});

test('when all that was stored is gone, the audit raises an alarm', async () => {
  await using window = await openWindow();
  const { page, problems } = window;
  await withStored(window, 2);
  for (const name of ['Lecture 1.mp3', 'Lecture 2.mp3']) await removeFromStorage(window, name);
  await page.keyboard.press('Control+4');
  await page.getByRole('button', { name: 'Start audit' }).click();
  const alarm = page.getByRole('region', { name: 'Stored recordings are gone' });
  await alarm.getByText(/Delete nothing on this computer/).waitFor();
  const light = page.getByRole('complementary', { name: 'Safe to leave?' });
  await light
    .getByText(/Not safe to leave yet 2 stored recordings are missing or changed in the storage\./)
    .waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Removed on purpose…' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByText('Nothing on this computer is touched.').waitFor();
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Removed on purpose' }).click();
  await page.getByRole('status').getByText('2 recordings no longer count as stored.').waitFor();
  await alarm.waitFor({ state: 'detached' });
  await light.getByText(/^Safe to leave/).waitFor();
  expect(problems).toEqual([]);
});

test('an audit that is cancelled, or cannot reach the storage, calls nothing missing and keeps the last one', async () => {
  await using window = await openWindow();
  const { page, storage, api } = window;
  await withStored(window, 2);
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Audit' });
  await card.getByRole('button', { name: 'Start audit' }).click();
  const before = card.getByText('2 recordings are in the storage and on this computer.');
  await before.waitFor();

  storage.bytesPerSecond = 20;
  await card.getByRole('combobox', { name: 'How thorough' }).selectOption('list');
  await card.getByRole('button', { name: 'Start audit' }).click();
  await card.getByText(/^Asking the storage…/).waitFor();
  await expectAccessible(page);
  await card.getByRole('button', { name: 'Cancel the audit' }).click();
  await card.getByText('The audit was cancelled.').waitFor();
  await before.waitFor();
  storage.bytesPerSecond = Infinity;

  storage.isDown = true;
  await card.getByRole('button', { name: 'Start audit' }).click();
  await card
    .getByRole('region', { name: 'The audit could not be finished' })
    .waitFor({ timeout: 60_000 });
  await card.getByText('What it cannot see does not count as missing.').waitFor();
  await before.waitFor();
  await expectAccessible(page);
  expect((await api.getAudit({})).last?.totals).toEqual({ equal: 2 });
});

test('once a week nobody has to ask: what is missing is told by itself, and how often is up to a person', async () => {
  await using window = await openWindow({ host: { rescanMs: 500 } });
  const { page, api, app, problems } = window;
  await withStored(window, 3);
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Audit' });
  const every = card.getByRole('combobox', { name: 'Compare by itself' });
  await card
    .getByText(/ It takes at least 1 request for 3 recordings from here, and one/)
    .waitFor();
  await api.refreshObjects({});
  await page.reload();
  await card
    .getByText(/ It takes about 1 request for 3 objects, and one or two more for each/)
    .waitFor();
  await expectAccessible(page);
  expect(await every.inputValue()).toBe('week');

  await removeFromStorage(window, 'Lecture 2.mp3');
  const store = auditStore(app.host.storage().database);
  await expect.poll(() => store.clock()).toBeDefined();
  store.setClock({ ...store.clock()!, fromMs: Date.now() - 8 * DAY_MS });
  await card.getByText(/, quick, by itself$/).waitFor();
  const light = page.getByRole('complementary', { name: 'Safe to leave?' });
  await light.getByText(/1 stored recording is missing or changed in the storage/).waitFor();
  await page.keyboard.press('Control+1');
  await light.getByRole('link', { name: 'See which' }).click();
  await card.getByText(/1 needs a look\.$/).waitFor();

  store.setClock({ ...store.clock()!, place: 'another storage' });
  await page.reload();
  await card.getByText(NOT_COMPARED_HERE).waitFor();
  await every.selectOption('off');
  await page
    .getByRole('status')
    .getByText(/only when somebody starts an audit/)
    .waitFor();
  await page.reload();
  await card.getByText(/found only by an audit that somebody starts\.$/).waitFor();
  expect(await every.inputValue()).toBe('off');
  expect(problems).toEqual([]);
});

test('without a connection there is nothing to audit, and the button says why', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page } = window;
  await page.keyboard.press('Control+4');
  const card = page.getByRole('region', { name: 'Audit' });
  await card.getByText('Save a bucket first.').waitFor();
  expect(await card.getByRole('button', { name: 'Start audit' }).isDisabled()).toBe(true);
});
