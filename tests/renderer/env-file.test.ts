import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { beforeEach, expect, test } from 'vitest';
import { canaryKeys } from '../support/canary.ts';
import { storageEnv } from '../support/cli.ts';
import { linuxKeychain } from '../support/keychain.ts';
import { skipWithoutChromium } from './support/chromium.ts';
import { dropOn } from './support/drag.ts';
import {
  expectAccessible,
  follow,
  openWindow,
  record,
  refuseUploads,
  stored,
  tabTo,
  type TestWindow,
} from './support/window.ts';

beforeEach(skipWithoutChromium);

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Connect with a .env file' });

function linesFor({ s3 }: TestWindow): string {
  const lines = Object.entries(storageEnv(s3)).map(([name, value]) => `${name}=${value}`);
  return `# Keys of the school\n${lines.join('\n')}\nFLASK_ENV=production\n`;
}

async function dropEnvFile(window: TestWindow, text: string): Promise<void> {
  const file = join(window.app.homePath, '..', 'school.env');
  await writeFile(file, text);
  await dropOn(window.page, [file]);
}

test('a .env file dropped on the window is shown without its secret, tried, saved, and recordings go up with it', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, api, app, problems } = window;
  await page.getByRole('link', { name: 'Links' }).click();
  await dropEnvFile(window, linesFor(window));
  const dialog = dialogOf(page);
  const preview = dialog.getByRole('region', { name: 'What the file says' });
  await preview.getByText(window.s3.bucket, { exact: true }).waitFor();
  await preview.getByText('The access key ends in NARY.').waitFor();
  await preview.getByText('FLASK_ENV').waitFor();
  await expectAccessible(page);
  expect(await dialog.getByRole('button', { name: 'Save connection' }).isDisabled()).toBe(true);
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await dialog.getByText('Everything that uploads need works.').first().waitFor();
  expect(await api.getStatus({})).toMatchObject({ mode: 'no-settings' });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save connection' }).click();
  await dialog.waitFor({ state: 'detached' });
  await follow(window);
  await record(app.folder, 'Cells.mp3');
  await stored(window, 1);
  expect(await page.content()).not.toContain(canaryKeys.secretAccessKey);
  expect(problems).toEqual([]);
});

test('with the keyboard alone the lines are pasted, and none of them is left on the screen', async () => {
  await using window = await openWindow({
    host: { env: {} },
    view: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page, problems } = window;
  const { keyboard } = page;
  await keyboard.press('Control+4');
  await tabTo(page, page.getByRole('button', { name: 'Use a .env file…' }));
  await keyboard.press('Enter');
  const box = dialogOf(page).getByRole('textbox', { name: /^Paste its lines/ });
  await box.waitFor();
  await expectAccessible(page);
  await tabTo(page, box);
  await keyboard.type('A');
  await dialogOf(page).getByText('Paste all of it at once.').waitFor();
  await page.evaluate((text) => navigator.clipboard.writeText(text), linesFor(window));
  await keyboard.press('Control+V');
  await dialogOf(page).getByText('The access key ends in NARY.').waitFor();
  expect(await page.content()).not.toContain(canaryKeys.secretAccessKey);
  await tabTo(page, dialogOf(page).getByRole('button', { name: 'Another file…' }));
  await keyboard.press('Enter');
  await box.waitFor();
  expect(await box.inputValue()).toBe('');
  await keyboard.press('Escape');
  await dialogOf(page).waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

test('wrong lines are named with what is wrong, and cannot be saved', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page } = window;
  const secret = canaryKeys.secretAccessKey;
  await dropEnvFile(window, `AWS_S3_BUCKET=no bucket\nAWS_SECRET_ACCESS_KEY=${secret}\n${secret}`);
  const dialog = dialogOf(page);
  const wrong = dialog.getByRole('list', { name: 'Wrong lines' });
  await wrong.getByText('Line 1: AWS_S3_BUCKET is not a bucket name: "no bucket"').waitFor();
  await wrong.getByText('AWS_ACCESS_KEY_ID is not set, but its partner is').waitFor();
  await dialog.getByText('Line 3: is not NAME=value').waitFor();
  await expectAccessible(page);
  expect(await dialog.getByRole('button', { name: /^(Save|Test)/ }).count()).toBe(0);
  expect(await page.content()).not.toContain(secret);
});

test('a connection that does not pass its test is saved only on purpose', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, storage, api } = window;
  refuseUploads(storage);
  await dropEnvFile(window, linesFor(window));
  const dialog = dialogOf(page);
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await dialog
    .getByText(/^\d of \d+ checks failed\.$/)
    .first()
    .waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save all the same' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await api.getConnection({})).toMatchObject({ bucket: window.s3.bucket });
});

test('where there is no keychain, keys are stored only for who agrees, and forgotten with that again', async () => {
  await using window = await openWindow({
    host: {
      env: {},
      desktop: {
        chooseSavePath: () => Promise.resolve(undefined),
        keys: linuxKeychain('basic_text'),
      },
    },
  });
  const { page, s3, problems } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText(/^This computer has no keychain, so keys that you enter/).waitFor();
  await page.getByRole('textbox', { name: 'Bucket' }).fill(s3.bucket);
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(s3.endpoint);
  await page.getByRole('textbox', { name: 'Access key' }).fill(s3.accessKeyId);
  await page.getByLabel('Secret key').fill(s3.secretAccessKey);
  await page.keyboard.press('Enter');
  const agrees = page.getByRole('checkbox', { name: /^Store these keys/ });
  expect(await agrees.evaluate((box) => box.matches(':focus:invalid'))).toBe(true);
  await page.getByText(/^I understand that whoever gets at my files/).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page
    .getByText(/^Keys come from what was entered here, stored without a keychain\./)
    .waitFor();
  await page
    .getByText(/^On .* you agreed that keys are stored here without protection\./)
    .waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Forget the keys' }).click();
  await page.getByText(/^This computer has no keychain, so keys that you enter/).waitFor();
  expect(await page.getByRole('button', { name: 'Forget the keys' }).count()).toBe(0);
  expect(problems).toEqual([]);
});

test('what a file says of TLS stays seen in the form, and is taken back there', async () => {
  await using window = await openWindow({ host: { env: {} } });
  const { page, api } = window;
  await dropEnvFile(window, `${linesFor(window)}AWS_S3_VERIFY_SSL=false\n`);
  const dialog = dialogOf(page);
  await dialog.getByText('Off, for 24 hours from when it is saved').waitFor();
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await dialog.getByText('Everything that uploads need works.').first().waitFor();
  await dialog.getByRole('button', { name: /^Save/ }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('checkbox', { name: /^Do not check certificates/ }).uncheck();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save connection' }).click();
  await page.getByText('The connection is saved.').first().waitFor();
  expect(await api.getConnection({})).toMatchObject({ verifySsl: true });
});
