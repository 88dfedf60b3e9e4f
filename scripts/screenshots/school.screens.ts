/** @file What a school has set for a computer, and what was found out about its storage. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { openWindow, record, stored } from '../../tests/renderer/support/window.ts';
import { storageEnv } from '../../tests/support/cli.ts';
import { countingServer } from '../../tests/support/engine.ts';
import { openServer } from '../../tests/support/s3-servers.ts';
import { openHome } from './home.ts';
import { go, lectures, shoot } from './support.ts';

test('a school', async () => {
  await using s3 = await openServer('embedded');
  await using home = await openHome('amira');
  const folder = join(home.path, 'Recordings');
  const file = join(home.path, 'policy.json');
  const { bucket, region, endpoint } = s3;
  const policy = {
    format: 1,
    help: 'the IT desk, room 2.14',
    storage: { bucket, region, endpoint },
    folders: {
      rules: [{ path: folder, kind: 'audio', classId: 'BIO-101', userId: 'teacher-7' }],
      others: false,
    },
    links: { longestSeconds: 86_400 },
    cleanUp: { storage: false, local: false },
  };
  for (const name of lectures) await record(folder, name, 60_000);
  await writeFile(file, JSON.stringify(policy));
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = storageEnv(s3);
  const env = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, PANSEA_POLICY_FILE: file };
  await using window = await openWindow({ host: { env } });
  const { page } = window;
  await stored(window, lectures.length);
  await go(page, 'Settings');
  await page.getByText(/^Your school has set some of this/).waitFor();
  await shoot(page, 'school-settings');
  await page.getByText(/^No folder can be added or changed/).scrollIntoViewIfNeeded();
  await shoot(page, 'school-folders');
  await go(page, 'Library');
  await page.getByRole('row', { name: /Respiration/ }).click();
  await page.getByText(/^Nothing is deleted from the storage here/).waitFor();
  await shoot(page, 'school-library');
  await page.getByRole('button', { name: 'Make link' }).click();
  await page.getByText(/^A link works for 1 day at most/).waitFor();
  await shoot(page, 'school-link');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await go(page, 'Archive');
  await page.getByText(/^No file is removed from this computer/).scrollIntoViewIfNeeded();
  await shoot(page, 'school-archive');
  await writeFile(file, '{"format":1,');
  await go(page, 'Queue');
  await page
    .getByText(/settings for this computer cannot be read/)
    .first()
    .waitFor({ timeout: 60_000 });
  await shoot(page, 'school-damaged');
});

test('what a storage can do', async () => {
  await using s3 = await countingServer({ checksums: 'refused' });
  await using window = await openWindow({
    host: { env: { ...storageEnv(s3), AWS_REGION: 'eu-west-1' } },
  });
  const { page } = window;
  await go(page, 'Settings');
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByRole('list', { name: 'What the test found' }).waitFor();
  await page.reload();
  await page.getByText('What this storage can do', { exact: true }).click();
  const abilities = page.getByRole('list', { name: 'What this storage can do' });
  await abilities.getByRole('listitem').last().scrollIntoViewIfNeeded();
  await shoot(page, 'settings-storage');
});
