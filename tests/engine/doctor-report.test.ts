/** @file What the test of a connection says of certificates, and what of it is remembered, for whom. */
import { expect, test } from 'vitest';
import { diagnose } from '../../electron/engine/doctor/doctor-run.ts';
import { knownStorage } from '../../electron/engine/doctor/known.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { unremembered } from '../../electron/engine/s3/known.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { deniedOf } from '../../shared/report.ts';
import { countingServer, settingsFor } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { certificate, openProxy, STORAGE_NAME, tlsFront } from '../support/tls-front.ts';

const own = () => ({ userId: 'teacher-7', signal: AbortSignal.timeout(50_000) });

async function tls(settings: StorageSettings) {
  const { report } = await diagnose(settings, unremembered(), own());
  return report.checks.find(({ id }) => id === 'tls');
}

test('the certificate is named with its end, directly and behind a proxy, checked or not', async () => {
  await using dir = await tempDir();
  await using s3 = await countingServer();
  // Good for two days.
  const keys = await certificate(dir.path, 'A School');
  await using front = await tlsFront(keys, Number(new URL(s3.endpoint).port));
  await using proxy = await openProxy(front.port);
  const direct = {
    ...settingsFor(s3),
    endpoint: `https://127.0.0.1:${front.port}`,
    ca: keys.ca,
  };
  const shown = {
    ok: true,
    title: 'The connection is private',
    detail: expect.stringMatching(/^certificate issued by A School, until /),
    remedy: expect.stringContaining('ends soon'),
  };
  expect(await tls(direct)).toMatchObject(shown);
  const behind = {
    ...direct,
    endpoint: `https://${STORAGE_NAME}`,
    proxyEnv: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
  };
  expect(await tls(behind)).toMatchObject(shown);
  expect(proxy.asked).toContain(`CONNECT ${STORAGE_NAME}:443`);
  const unverifiedUntilMs = Date.now() + 3_600_000;
  const unchecked = { ...direct, ca: undefined, verifyTls: false, unverifiedUntilMs };
  expect(await tls(unchecked)).toMatchObject({
    ok: true,
    title: 'Nobody knows whether the connection is private',
    detail: expect.stringContaining('A School'),
    remedy: expect.stringContaining('Certificates are not checked'),
  });
  expect(await tls({ ...direct, ca: undefined })).toMatchObject({
    ok: false,
    title: 'The connection to the storage is not private',
    detail: expect.stringContaining('A School'),
  });
  expect(await tls(settingsFor(s3))).toEqual({
    id: 'tls',
    ok: true,
    title: 'The connection stays on this computer',
  });
});

test('what a test found is remembered for whoever signed it, until it is done after all', async () => {
  await using s3 = await countingServer({ denied: ['DeleteObject', 'ListObjectsV2'] });
  const database = openDatabase(':memory:');
  const known = knownStorage(settingsFor(s3), database, Date.now);
  const { report, signIn } = await diagnose(settingsFor(s3), known, own());
  if (!signIn) throw new Error('Nobody signed');
  expect(known.lastTest(signIn)).toEqual({ report, atMs: expect.any(Number) });
  expect(deniedOf(report)).toContain('s3:ListBucket');

  expect(known.lastTest({ ...signIn, keyEnding: 'ELSE' })).toBeUndefined();
  const another = knownStorage({ ...settingsFor(s3), bucket: 'another' }, database, Date.now);
  expect(another.lastTest(signIn)).toBeUndefined();

  known.allow('s3:ListBucket');
  expect(deniedOf(known.lastTest(signIn)!.report)).not.toContain('s3:ListBucket');

  // A test that got no answer says nothing of the account.
  const nobody = { ...settingsFor(s3), endpoint: 'http://127.0.0.1:9' };
  await diagnose(nobody, known, own());
  expect(known.lastTest(signIn)?.report.checks).toEqual(report.checks);

  // Two that look like secrets show no ending that would tell them apart.
  const unshown = { ...signIn, keyEnding: '' };
  known.keepTest(unshown, report);
  expect(known.lastTest(unshown)).toBeUndefined();

  const session = { ...signIn, isTemporary: true, source: 'sso', profile: 'school' } as const;
  known.keepTest(session, report);
  expect(known.lastTest({ ...session, keyEnding: 'NEXT' })).toBeDefined();
  expect(known.lastTest({ ...session, profile: 'other' })).toBeUndefined();
});

test('what a test found before there was an action to ask for is remembered all the same', async () => {
  await using s3 = await countingServer({ denied: ['DeleteObject'] });
  const database = openDatabase(':memory:');
  const known = knownStorage(settingsFor(s3), database, Date.now);
  const { report, signIn } = await diagnose(settingsFor(s3), known, own());
  if (!signIn) throw new Error('Nobody signed');
  const { 's3:RestoreObject': _, ...former } = report.permissions;
  known.keepTest(signIn, { ...report, permissions: former as typeof report.permissions });
  expect(known.lastTest(signIn)?.report.permissions).toEqual({
    ...former,
    's3:RestoreObject': 'unknown',
  });
});
