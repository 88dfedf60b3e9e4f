/** @file A connection by a `.env` file, and keys where there is no keychain. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { dropOn } from '../../tests/renderer/support/drag.ts';
import { openWindow } from '../../tests/renderer/support/window.ts';
import { storageEnv } from '../../tests/support/cli.ts';
import { linuxKeychain } from '../../tests/support/keychain.ts';
import { go, narrow, shoot, shootOnce } from './support.ts';

test('a .env file', async () => {
  await using window = await openWindow({
    host: {
      env: {},
      desktop: {
        chooseSavePath: () => Promise.resolve(undefined),
        keys: linuxKeychain('basic_text'),
      },
    },
  });
  const { page, s3, app } = window;
  const file = join(app.homePath, '..', 'school.env');
  const lines = Object.entries(storageEnv(s3)).map(([name, value]) => `${name}=${value}`);
  const good = `${lines.join('\n')}\nFLASK_ENV=production\n`;
  const drop = async (text: string) => {
    await writeFile(file, text);
    await dropOn(page, [file]);
    await page.getByRole('region', { name: 'What the file says' }).waitFor();
  };
  await go(page, 'Settings');
  await page.getByRole('button', { name: 'Use a .env file…' }).click();
  await page.getByRole('textbox', { name: /^Paste/ }).waitFor();
  await shoot(page, 'env-file-empty');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await drop(
    'AWS_S3_BUCKET=school recordings\nAWS_SECRET_ACCESS_KEY=x\naws_region=eu-west-1\n[default]\nAWS_S3_ENDPOINT_URL=http://s3.school.example\n',
  );
  await shoot(page, 'env-file-wrong');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await drop(good);
  await shoot(page, 'env-file');
  await page.getByRole('button', { name: 'Test connection' }).last().click();
  await page.getByText('Everything that uploads need works.').first().waitFor();
  await shoot(page, 'env-file-tested');
  await page.getByRole('checkbox', { name: /^Store these keys/ }).check();
  await page.getByRole('button', { name: 'Save connection' }).last().click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText(/you agreed that keys are stored/).scrollIntoViewIfNeeded();
  await shoot(page, 'settings-unprotected');
  const onNarrow = await window.another(narrow);
  await go(onNarrow, 'Settings');
  await dropOn(onNarrow, [file]);
  await onNarrow.getByRole('region', { name: 'What the file says' }).waitFor();
  await shootOnce(onNarrow, 'env-file-narrow');
});
