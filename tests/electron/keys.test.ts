/** @file Keys typed in the window: with a real keychain, and without one. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tracesIn } from '../support/canary-traces.ts';
import { openServer } from '../support/s3-servers.ts';
import { needElectron, openPlace, type TestApp } from './app.ts';
import { needKeyring, openKeyring } from './keyring.ts';

beforeEach(needElectron);

test('keys typed in the window are kept by the keychain, work after a restart, and are in clear nowhere', async (context) => {
  needKeyring(context);
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  {
    await using keyring = await openKeyring(place.path);
    {
      await using app = await place.launch(keyring);
      await typeConnection(app, s3);
      await app.page.getByText('The connection is saved.').waitFor();
      await app.page.getByText('Keys come from this computer’s keychain.').waitFor();
      await app.electron.close();
    }
    await using app = await place.launch(keyring);
    expect(await app.api.getConnection({})).toMatchObject({ hasKeys: true });
    expect((await app.api.getSignIn({})).signIn).toMatchObject({ source: 'keychain' });
    await app.addFolder({
      path: place.folder,
      rule: { kind: 'audio', classId: 'bio-101', userId: 'teacher-7', include: [], exclude: [] },
    });
    await writeFile(join(place.folder, 'lecture.mp3'), randomBytes(100_000));
    await app.verified(1);
    expect(JSON.stringify(await app.api.getConnection({}))).not.toContain(s3.secretAccessKey);
    await app.electron.close();
  }
  expect(await tracesIn(place.path)).toEqual([]);

  // The same library where the keychain is gone: said, with what to do, and nothing is lost.
  await using app = await place.launch();
  expect(await app.api.getStatus({})).toMatchObject({
    mode: 'broken',
    safeToLeave: false,
    trouble: { code: 'settings-wrong' },
  });
});

test('where there is no keychain, typed keys are stored only as agreed, work after a restart, and are forgotten with the agreement', async () => {
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  const typed = {
    bucket: s3.bucket,
    region: s3.region,
    endpoint: s3.endpoint,
    profile: '',
    keys: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  };
  {
    await using app = await place.launch();
    await expect(app.api.saveConnection(typed)).rejects.toMatchObject({ code: 'keys-unprotected' });
    expect(await app.api.getConnection({})).toMatchObject({
      hasKeys: false,
      keyStore: 'unprotected',
    });
    await app.api.saveConnection({ ...typed, agreesToUnprotected: true });
    await app.electron.close();
  }
  expect(await tracesIn(place.path)).toEqual([]);
  {
    await using app = await place.launch();
    expect((await app.api.getSignIn({})).signIn).toMatchObject({ source: 'unprotected' });
    await app.api.refreshObjects({});
    await app.api.forgetKeys({});
    expect(await app.api.getConnection({})).toMatchObject({ hasKeys: false, agreedAtMs: null });
    await app.electron.close();
  }
  await using again = await place.launch();
  expect(await again.api.getConnection({})).toMatchObject({ hasKeys: false, bucket: s3.bucket });
});

async function typeConnection(
  { page }: TestApp,
  s3: { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string },
): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Bucket').fill(s3.bucket);
  await page.getByLabel('Endpoint').fill(s3.endpoint);
  await page.getByLabel('Access key').fill(s3.accessKeyId);
  await page.getByLabel('Secret key').fill(s3.secretAccessKey);
  await page.getByRole('button', { name: 'Save connection' }).click();
}
