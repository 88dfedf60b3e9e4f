import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readEnvironment } from '../../electron/engine/settings/settings.ts';
import { canarySession } from '../support/canary.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { linuxKeychain } from '../support/keychain.ts';
import { tempDir } from '../support/temp-dir.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  refuseUploads,
  stored,
  tabTo,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

test('a folder is added with the keyboard alone, after seeing the keys its files would get', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const { keyboard } = page;
  await record(app.folder, 'Cells.mp3');
  await record(app.folder, 'Notes.txt');
  await keyboard.press('Control+4');
  await page.getByText('No folder yet').waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Add folder' }));
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a folder' });
  await dialog.waitFor();
  await tabTo(page, dialog.getByRole('textbox', { name: 'Folder' }));
  await keyboard.type(app.folder);
  await tabTo(page, dialog.getByRole('textbox', { name: 'User' }));
  await keyboard.type('teacher-7');
  await dialog.getByText('Waits for a class').waitFor();
  await expectAccessible(page);
  await keyboard.press('Shift+Tab');
  await keyboard.type('BIO-101');
  await dialog.getByText('audio/BIO-101/[id].mp3').waitFor();
  await dialog.getByText('1 file left out').waitFor();
  await keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Class recordings → BIO-101').waitFor();
  expect(await api.listFolders({})).toMatchObject([
    { path: app.folder, rule: { kind: 'audio', classId: 'BIO-101', userId: 'teacher-7' } },
  ]);
  expect(problems).toEqual([]);
});

test('a folder without a class says what that means, gets one, and is left again', async () => {
  await using window = await openWindow();
  const { page, app, api, problems } = window;
  const rule = { kind: 'audio', classId: null, userId: 'teacher-7' } as const;
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await record(app.folder, 'Cells.mp3');
  await page.getByText('1 file needs you.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Show what to do' }).click();
  const card = page.getByRole('region', { name: 'Cells.mp3: Its folder has no class yet' });
  await card.getByRole('button', { name: 'Open Settings' }).click();
  await page.getByText(/^Needs a class: until it has one/).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: /^Edit / }).click();
  await page.getByRole('textbox', { name: 'Class' }).fill('../x');
  await page.getByText(/^Letters, digits, dot, dash and underscore/).waitFor();
  expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
  await page.getByRole('textbox', { name: 'Class' }).fill('HIST-204');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Class recordings → HIST-204').waitFor();
  await page.getByRole('button', { name: /^Stop following / }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Stop following this folder?' });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Stop following' }).click();
  await page.getByText('No folder yet').waitFor();
  expect(problems).toEqual([]);
});

test('a folder that cannot be watched is refused in words', async () => {
  await using window = await openWindow();
  const { page, app } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Add folder' }).click();
  await page.getByRole('textbox', { name: 'Folder' }).fill(join(app.folder, 'not there'));
  await page.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await page.getByRole('region', { name: 'This folder cannot be watched' }).waitFor();
  expect(await page.getByRole('button', { name: 'Add folder' }).isEnabled()).toBe(true);
});

test('the connection test says what works and what does not, with what to do', async () => {
  await using window = await openWindow();
  const { page, storage, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('Everything that uploads need works.', { exact: true }).first().waitFor();
  refuseUploads(storage);
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page
    .getByText(/^\d of \d+ checks failed\.$/)
    .first()
    .waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Does not work: Upload' }).waitFor();
  await expectAccessible(page);
  expect(problems).toEqual([]);
});

test('where the environment decides, the connection is shown and cannot be typed over', async () => {
  await using window = await openWindow();
  const { page } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  const bucket = page.getByRole('textbox', { name: 'Bucket' });
  await bucket.waitFor();
  expect(await bucket.getAttribute('readonly')).not.toBeNull();
  expect(await page.getByRole('button', { name: 'Save connection' }).count()).toBe(0);
  expect(await page.getByLabel('Secret key').count()).toBe(0);
});

test('without settings the window leads to them, and opens when they are saved', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, app } = window;
  await page.getByRole('heading', { name: 'Connect your storage first' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Open Settings' }).click();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(app.s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill('not an address');
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByRole('region', { name: 'A setting is not valid' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill('https://s3.school.invalid');
  await page.getByRole('button', { name: 'Save connection' }).click();
  const saved = 'The connection is saved. It is being tested now.';
  await page.getByRole('status').getByText(saved).waitFor();
  expect(await window.api.getConnection({})).toMatchObject({ bucket: app.s3.bucket });
});

test('encryption with a key is chosen with the connection, and a recording’s details show it', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, app, s3, api, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByRole('textbox', { name: 'Access key' }).fill(s3.accessKeyId);
  await page.getByLabel('Secret key').fill(s3.secretAccessKey);
  await page.getByText('Encryption in the storage').click();
  await page.getByRole('combobox', { name: 'New recordings' }).selectOption('With a KMS key');
  await page.getByRole('textbox', { name: 'KMS key' }).fill('alias/school');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByText(/^Keys come from what was entered here\./).waitFor();
  expect(await api.getConnection({})).toMatchObject({
    encryption: 'aws:kms',
    kmsKeyId: 'alias/school',
  });
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Cells\.mp3/ }).click();
  await page.getByText('aws:kms, key alias/school').waitFor();
  expect(problems).toEqual([]);
});

test('where there is a desktop, folders are chosen, files shown and keys kept by it', async () => {
  const shown: string[] = [];
  const sealed: string[] = [];
  const keychain = linuxKeychain();
  let chosen: string | undefined;
  await using window = await openWindow({
    host: {
      env: {},
      desktop: {
        revealFile: (path) => void shown.push(path),
        chooseFolder: () => Promise.resolve(chosen),
        chooseSavePath: () => Promise.resolve(undefined),
        copyText: () => Promise.resolve(),
        keys: {
          ...keychain,
          seal: (text, isAgreed) => {
            sealed.push(text);
            return keychain.seal(text, isAgreed);
          },
        },
      },
    },
  });
  const { page, app, s3, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByRole('textbox', { name: 'Access key' }).fill(s3.accessKeyId);
  await page.keyboard.press('Enter');
  // One without the other is asked for where it is missing.
  const secret = page.getByLabel('Secret key');
  expect(await secret.evaluate((field) => field.matches(':focus:invalid'))).toBe(true);
  await secret.fill(s3.secretAccessKey);
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await page.getByText(/^Keys come from this computer’s keychain\./).waitFor();
  // The form is another one now: the focus, and with it what comes into sight, is where the result is.
  await page.getByText('Everything that uploads need works.').first().waitFor();
  expect(await page.locator(':focus').innerText()).toBe('Test connection');
  expect(await secret.getAttribute('placeholder')).toBe('Entered; empty keeps it');
  await page.getByRole('textbox', { name: 'Access key' }).fill(s3.accessKeyId);
  expect(await secret.getAttribute('placeholder')).toBe('');
  await page.getByRole('textbox', { name: 'Access key' }).fill('');
  expect(sealed).toHaveLength(1);
  expect(await page.getByLabel('Secret key').inputValue()).toBe('');
  await page.getByRole('textbox', { name: 'Endpoint' }).fill('https://s3.elsewhere.example');
  await page.getByText(/^The keys that were entered are for the address before/).waitFor();
  expect(await page.getByLabel('Secret key').getAttribute('placeholder')).toBe('');
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByRole('button', { name: 'Add folder' }).click();
  const choose = page.getByRole('button', { name: 'Choose…' });
  await expect.poll(() => choose.evaluate((button) => button.matches(':focus'))).toBe(true);
  await choose.press('Enter'); // Closed without choosing.
  expect(await page.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe('');
  chosen = app.folder;
  await page.getByRole('button', { name: 'Choose…' }).click();
  await expect
    .poll(() => page.getByRole('textbox', { name: 'Folder' }).inputValue())
    .toBe(app.folder);
  await page.getByRole('textbox', { name: 'Class' }).fill('BIO-101');
  await page.getByRole('textbox', { name: 'User' }).fill('teacher-7');
  await page.getByRole('dialog').getByRole('button', { name: 'Add folder' }).click();
  await page.getByRole('button', { name: /^Edit/ }).click();
  await page.locator('[role=dialog] input[type=radio]:checked:focus').waitFor();
  await page.keyboard.press('Escape');
  await record(app.folder, 'Cells.mp3');
  await page.getByRole('link', { name: 'Queue' }).click();
  await page.getByRole('button', { name: 'Show Cells.mp3 in its folder' }).click();
  await expect.poll(() => shown).toEqual([join(app.folder, 'Cells.mp3')]);
  expect(problems).toEqual([]);
});

test('without a keychain the window says what becomes of typed keys, and uploads with them', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, app, s3, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText(/keys that you enter are forgotten when Pan-Sea Sync ends\./).waitFor();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByRole('textbox', { name: 'Access key' }).fill(s3.accessKeyId);
  await page.getByLabel('Secret key').fill(s3.secretAccessKey);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByText(/^Keys come from what was entered here\./).waitFor();
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  expect(problems).toEqual([]);
});

test('whose keys sign is told, and until when; keys that are no longer taken are said once, with where to renew them', async () => {
  const session = canarySession(1);
  const sessions = [
    { ...session, token: session.sessionToken, endsAtMs: Date.now() + 5_400_000 },
    { ...canarySession(2), token: canarySession(2).sessionToken, endsAtMs: Infinity },
  ];
  await using s3 = await countingServer({ sessions });
  await using dir = await tempDir();
  const file = join(dir.path, '.env');
  const write = (n: number, more: string) => {
    const { accessKeyId, secretAccessKey, sessionToken } = canarySession(n);
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...rest } = storageEnv(s3);
    const keys = {
      ...rest,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
    const lines = Object.entries(keys).map(([name, value]) => `${name}="${value}"\n`);
    return writeFile(file, lines.join('') + more);
  };
  await write(1, `AWS_CREDENTIAL_EXPIRATION=${new Date(sessions[0]!.endsAtMs).toISOString()}\n`);
  await using window = await openWindow({ host: { env: readEnvironment({}, file, true) } });
  const { page, app, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText(/^Keys come from the \.env file\. The access key ends in NARY\./).waitFor();
  await page.getByText(/It works until .* \(another 1 h (29|30) min\)\./).waitFor();
  await expectAccessible(page);
  sessions[0]!.endsAtMs = 0;
  await follow(window);
  for (const name of ['Cells.mp3', 'Roots.mp3', 'Leaves.mp3']) await record(app.folder, name);
  await page
    .getByText(/^The storage does not take the keys from the \.env file\. Put new/)
    .waitFor();
  const expired = page.getByRole('region', { name: 'Your sign-in has expired' });
  await expect.poll(() => expired.count()).toBe(1);
  await expectAccessible(page);
  await write(2, '');
  await page.getByRole('link', { name: 'Queue' }).click();
  await page.getByRole('button', { name: 'Try now' }).click();
  await stored(window, 3);
  await expired.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText(/It is temporary; when it ends is not known\./).waitFor();
  expect(problems).toEqual([]);
});
