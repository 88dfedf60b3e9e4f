import { beforeEach, expect, test } from 'vitest';
import type { StorageClass } from '#shared/storage-class.ts';
import type { Switches } from '../../electron/embedded-s3/switches.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { openRemote } from '../support/engine.ts';
import { expectAccessible, openWindow, record, stored, type TestWindow } from './support/window.ts';

beforeEach(skipWithoutChromium);

/** Stores a recording in an archive. */
async function archive(window: TestWindow, storageClass: StorageClass): Promise<void> {
  const { app, api } = window;
  await record(app.folder, 'Cells.mp3');
  const rule = { kind: 'audio', classId: 'BIO-101', userId: 'teacher-7' } as const;
  await api.saveFolder({
    path: app.folder,
    rule: { ...rule, include: [], exclude: [], storageClass },
  });
  await stored(window, 1);
}

test('an archived recording is made readable again in its details, after reading what that takes and who pays', async () => {
  const switches: Switches = { restoreMs: 1e9 };
  await using window = await openWindow({ switches });
  const { page, api, problems } = window;
  await archive(window, 'GLACIER');
  await page.getByRole('link', { name: 'Library' }).click();
  const row = page.getByRole('row', { name: /Cells\.mp3/ });
  await row.getByText('Archived').waitFor();
  await page.clock.install();
  await row.click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details
    .getByText(/^Archived: making it readable takes 3 to 12 hours on Amazon S3/)
    .waitFor();
  for (const name of ['Make link', 'Download'])
    expect(await details.getByRole('button', { name }).isDisabled()).toBe(true);

  await details.getByRole('button', { name: 'Make readable again…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make it readable again' });
  await dialog.getByText('Whoever pays for the storage pays for this too.').waitFor();
  const costs = dialog.getByText(/^On Amazon S3, fetching it/);
  expect(await costs.textContent()).toContain('costs by its size');
  await dialog.getByRole('radio', { name: /^Bulk/ }).check();
  expect(await costs.textContent()).toContain('free');
  await dialog.getByText('On Amazon S3 usually 5 to 12 hours.').waitFor();
  await dialog.getByRole('radio', { name: /^Expedited/ }).waitFor();
  await expectAccessible(page);
  const days = dialog.getByRole('textbox', { name: 'Days that it stays readable' });
  const confirm = dialog.getByRole('button', { name: 'Make readable again' });
  await days.fill('0');
  expect(await confirm.isDisabled()).toBe(true);
  await days.fill('3');
  await confirm.click();
  await dialog.waitFor({ state: 'detached' });
  await page
    .getByRole('status')
    .getByText(/on Amazon S3 usually 5 to 12 hours\.$/)
    .waitFor();
  await details.getByText(/^It is being made readable again/).waitFor();
  await row.getByText('Being made readable').waitFor();
  expect(await details.getByRole('button', { name: 'Make link' }).isDisabled()).toBe(true);

  // It comes out of the archive, and the page that is looked at finds that out by itself.
  switches.restoreMs = 0;
  const [object] = (await api.listObjects({ owner: null, words: '', offset: 0, limit: 1 })).rows;
  await api.restoreObject({ key: object!.key, days: 3, speed: 'expedited' });
  await page.clock.fastForward('05:01');
  await expect
    .poll(async () => (await api.listHistory({ classId: null, offset: 0, limit: 9 })).rows)
    .toContainEqual(expect.objectContaining({ kind: 'restored', names: ['Cells.mp3'] }));
  await details.getByText(/^It lies in an archive, and a copy can be read until/).waitFor();
  await row.getByText('Readable for now').waitFor();
  await details.getByRole('button', { name: 'Download' }).isEnabled();
  await details.getByRole('button', { name: 'Make link' }).click();
  const link = page.getByRole('dialog', { name: 'Link to a recording' });
  await link.getByRole('radio', { name: '7 days' }).check();
  await link.getByRole('button', { name: 'Make link' }).click();
  await link.getByText(/its readable copy ends then/).waitFor();
  await link.getByRole('button', { name: 'Done' }).click();
  await details.getByRole('button', { name: 'Keep readable for longer…' }).click();
  const longer = page.getByRole('dialog', { name: 'Keep it readable for longer' });
  expect(await longer.getByText('How fast').count()).toBe(0);
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('who may not restore is told whom to ask, where it was asked for', async () => {
  await using window = await openWindow({ switches: { denied: ['RestoreObject'] } });
  const { page } = window;
  await archive(window, 'DEEP_ARCHIVE');
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByRole('button', { name: 'Make readable again…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make it readable again' });
  expect(await dialog.getByRole('radio', { name: /^Expedited/ }).count()).toBe(0);
  await dialog.getByRole('button', { name: 'Make readable again' }).click();
  await dialog.getByText(/s3:RestoreObject/).waitFor();
  await dialog.getByText('It is safe in the storage.').waitFor();
  await expectAccessible(page);
});

test('the table shows of what is archived whether it can be read by now, also where somebody else has asked for that', async () => {
  const switches: Switches = { restoreMs: 1e9 };
  await using window = await openWindow({ switches });
  const { page, api, storage, problems } = window;
  await archive(window, 'GLACIER');
  const [object] = (await api.listObjects({ owner: null, words: '', offset: 0, limit: 1 })).rows;
  using remote = openRemote(window.s3);
  await remote.restoreObject(
    object!.key,
    { days: 1, speed: 'standard' },
    AbortSignal.timeout(30_000),
  );
  await page.getByRole('link', { name: 'Library' }).click();
  const row = page.getByRole('row', { name: /Cells\.mp3/ });
  await row.getByText('Being made readable').waitFor();
  // Where it may not be looked at, it is as the listing has it.
  storage.refuses = ({ method }) => method === 'HEAD';
  await page.reload();
  await page.getByRole('link', { name: 'Library' }).click();
  await row.getByText('Archived').waitFor();
  expect(problems).toEqual([]);
});
