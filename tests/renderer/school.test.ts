import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { storageEnv } from '../support/cli.ts';
import { testArchive, verified } from '../support/migration.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { archiveFiles, openArchivePage, state } from './support/archive-page.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { dropOn } from './support/drag.ts';
import { expectAccessible, openWindow, stored } from './support/window.ts';

beforeEach(skipWithoutChromium);

test('each control that the school has locked says so, and does nothing else', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const folder = join(dir.path, 'Recordings');
  const file = join(dir.path, 'policy.json');
  await mkdir(folder);
  await writeFile(join(folder, 'Cells.mp3'), 'sound');
  const { bucket, region, endpoint } = s3;
  const policy = {
    format: 1,
    help: 'the IT desk',
    storage: { bucket, region, endpoint },
    folders: { rules: [{ path: folder, kind: 'audio', classId: 'BIO-101' }], others: false },
    links: { longestSeconds: 1_200 },
    cleanUp: { storage: false },
  };
  await writeFile(file, JSON.stringify(policy));
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = storageEnv(s3);
  const env = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, PANSEA_POLICY_FILE: file };
  await using window = await openWindow({ host: { env } });
  const { page, problems } = window;
  await stored(window, 1);

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText(/different, ask the IT desk\.$/).waitFor();
  for (const name of ['Bucket', 'Region', 'Endpoint']) {
    const field = page.getByRole('textbox', { name });
    expect(await field.getAttribute('readonly')).not.toBeNull();
    await expect
      .poll(() => field.evaluate((box) => document.getElementById(`${box.id}-hint`)?.textContent))
      .toBe('Set by your school');
  }
  const row = page.getByRole('listitem').filter({ hasText: 'BIO-101' });
  await row.getByText('Set by your school').waitFor();
  expect(await row.getByRole('button').count()).toBe(0);
  await page
    .getByText('No folder can be added or changed: your school has set it so. Ask the IT desk.')
    .waitFor();
  expect(await page.getByRole('button', { name: 'Add folder' }).count()).toBe(0);
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page
    .getByText(
      'Nothing is deleted from the storage here: your school has set it so. Ask the IT desk.',
    )
    .waitFor();
  expect(await page.getByRole('button', { name: /^Delete from storage/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Make link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link to a recording' });
  await dialog
    .getByText('A link works for 20 minutes at most: your school has set it so. Ask the IT desk.')
    .waitFor();
  expect(await dialog.getByRole('radio', { name: '20 minutes' }).isChecked()).toBe(true);
  expect(await dialog.getByRole('radio', { name: '1 hour' }).count()).toBe(0);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Make link' }).click();
  await dialog.getByText(/^Works until/).waitFor();
  expect(problems).toEqual([]);
});

test('where no folder may be added and none is followed, neither page asks for one', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const file = join(dir.path, 'policy.json');
  await writeFile(file, '{"format":1,"folders":{"others":false}}');
  const env = { ...storageEnv(s3), PANSEA_POLICY_FILE: file };
  await using window = await openWindow({ host: { env } });
  const { page } = window;
  for (const name of ['Queue', 'Settings']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByText(/If your school has chosen a folder, it is followed/).waitFor();
    await page.getByText('No folder can be added or changed: your school has set it so.').waitFor();
    expect(await page.getByText(/^Choose where/).count()).toBe(0);
  }
  // Before anybody fills in what is refused then.
  await dropOn(page, [window.app.folder]);
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.getByText('No folder can be added or changed: your school has set it so.').waitFor();
  expect(await dialog.getByRole('textbox').count()).toBe(0);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('a damaged file is told on each page, and the window offers nothing that it would refuse', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, 'policy.json');
  await writeFile(file, '{"format":1,"links":{"longestSeconds":600},"cleanUp":{"storage":false}}');
  await using s3 = await openServer('embedded');
  const env = { ...storageEnv(s3), PANSEA_POLICY_FILE: file };
  await using window = await openWindow({ host: { env } });
  const { page, app } = window;
  await window.api.saveFolder({
    path: app.folder,
    rule: { kind: 'audio', classId: 'BIO-101', userId: 'u', include: [], exclude: [] },
  });
  await writeFile(join(app.folder, 'Cells.mp3'), 'sound');
  await stored(window, 1);
  await writeFile(file, '{"format":1,');
  const isDamaged = async () => (await window.api.getStatus({})).school?.isDamaged;
  await expect.poll(isDamaged, { timeout: 30_000 }).toBe(true);
  for (const name of ['Queue', 'Library', 'Links', 'Settings']) {
    await page.getByRole('link', { name, exact: true }).click();
    await page
      .getByText(/Your school’s settings for this computer cannot be read/)
      .first()
      .waitFor();
  }
  await page
    .getByText('No folder can be added or changed: your school’s settings cannot be read.')
    .waitFor();
  await expectAccessible(page);
  expect(
    await page.getByRole('button', { name: /^(Edit|Stop following|Add folder)/ }).count(),
  ).toBe(0);
  await page
    .getByText('Nothing can be changed now: your school’s settings cannot be read.')
    .waitFor();
  // What the school did set, and what holds of it, is told as before.
  await page.getByRole('link', { name: 'Library', exact: true }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page
    .getByText('Nothing is deleted from the storage here: your school has set it so.')
    .waitFor();
  await page.getByRole('button', { name: 'Make link' }).click();
  await page.getByText('A link works for 10 minutes at most: your school has set it so.').waitFor();
});

test('where the school keeps the files of this computer, the archive says so from the start, and still puts back', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, 'policy.json');
  const set = (local: boolean) =>
    writeFile(file, JSON.stringify({ format: 1, cleanUp: { local } }));
  await set(false);
  await using s3 = await openServer('embedded');
  await using window = await openWindow({
    host: { env: { ...storageEnv(s3), PANSEA_POLICY_FILE: file } },
  });
  const { page, app, api } = window;
  const archive = await testArchive(app, api, archiveFiles);
  const step = await openArchivePage(window);
  const free = step('5 · Free the disk');
  const kept = free.getByText('No file is removed from this computer: your school has set it so.');
  await kept.waitFor();
  const plan = await verified(api, archive);
  await state(step('4 · Verify'), 'Done');
  await state(free, 'Locked');
  expect([await kept.count(), await free.getByRole('button').count()]).toEqual([1, 0]);

  await set(true);
  await state(free, 'To do');
  await api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
  await archive.settled();
  await free.getByRole('button', { name: 'Delete for good sooner…' }).waitFor();
  await set(false);
  await kept.waitFor();
  await state(free, 'In quarantine');
  expect(await free.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
  expect(await free.getByText(/can be deleted/).count()).toBe(0);
  await expectAccessible(page);
  await free.getByRole('button', { name: 'Put everything back' }).click();
  await state(free, 'Locked');
});
