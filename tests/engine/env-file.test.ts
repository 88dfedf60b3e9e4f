import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnvText } from '../../electron/engine/settings/env-file.ts';
import { createClient } from '../../shared/api.ts';
import { openTestAppHost, type TestAppHost } from '../support/app-host.ts';
import { canaryKeys, canarySession } from '../support/canary.ts';
import { storageEnv } from '../support/cli.ts';
import { linuxKeychain } from '../support/keychain.ts';
import { tempDir } from '../support/temp-dir.ts';

const secret = canaryKeys.secretAccessKey;
const textOf = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
const told = (text: string) =>
  readEnvText(text).notes.map(({ line, name, why }) => `${line} ${name}: ${why}`);

describe('the lines of a .env file', () => {
  test('are understood as the command line understands them: comments, quotes, export, several lines', () => {
    const text = `# The school's storage
export AWS_S3_BUCKET="recordings" # not the old one
AWS_ACCESS_KEY_ID='${canaryKeys.accessKeyId}'

AWS_SECRET_ACCESS_KEY=\`${secret}\`
AWS_S3_KMS_KEY_ID="alias/
AWS_REGION=in-a-value
"
`;
    const { env } = readEnvText(text);
    expect(env).toMatchObject({
      AWS_S3_BUCKET: 'recordings',
      AWS_ACCESS_KEY_ID: canaryKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secret,
    });
    expect(env['AWS_REGION']).toBeUndefined();
    expect(told(text)).toEqual([
      '6 AWS_S3_KMS_KEY_ID: must be a key’s id, ARN or alias, without spaces',
    ]);
  });

  test.each([
    ['FLASK_ENV=production', '1 FLASK_ENV: is no setting that Pan-Sea Sync knows'],
    ['aws_region=eu-west-1', '1 aws_region: has to be written in capitals: AWS_REGION'],
    [
      '\nDEBUG=true',
      '2 DEBUG: is not a setting of the connection: it holds only in the environment, or in a .env file beside the command line',
    ],
    [
      'PANSEA_HOOK=/bin/true',
      '1 PANSEA_HOOK: is not a setting of the connection: it holds only in the environment, or in a file that --env-file names',
    ],
    [
      '$Env:AWS_REGION="eu-west-1"',
      '1 undefined: is written for another program; write AWS_REGION=value',
    ],
    [
      'set AWS_REGION=eu-west-1',
      '1 undefined: is written for another program; write AWS_REGION=value',
    ],
    ['[default]', '1 undefined: is not NAME=value'],
    [secret, '1 undefined: is not NAME=value'],
  ])('that are not used are named: %s', (text, note) => {
    expect(told(text)).toEqual([note]);
  });

  test('that are wrong are told all at once, each with its line and why, and no secret among them', () => {
    const text = textOf({
      AWS_S3_BUCKET: 'no bucket!',
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_S3_ENDPOINT_URL: 'http://s3.school.invalid',
      AWS_S3_VERIFY_SSL: 'perhaps',
      AWS_S3_ENCRYPTION: 'rot13',
    });
    expect(told(text).toSorted()).toEqual([
      '1 AWS_S3_BUCKET: is not a bucket name: "no bucket!"',
      '3 AWS_S3_ENDPOINT_URL: is plain http to another computer; set AWS_S3_USE_SSL=false if that is really meant',
      '4 AWS_S3_VERIFY_SSL: must be true or false',
      '5 AWS_S3_ENCRYPTION: must be AES256, aws:kms, or empty for the bucket’s default',
      'undefined AWS_ACCESS_KEY_ID: is not set, but its partner is',
    ]);
    expect(JSON.stringify(readEnvText(text).notes)).not.toContain(secret);
  });
});

/** The calls as a window makes them, with all that comes back. */
function listenTo({ host }: TestAppHost) {
  const answers: string[] = [];
  const api = createClient(async (name, input) => {
    const answer = await host.serve(name, input);
    answers.push(JSON.stringify(answer));
    return answer;
  });
  return { api, answers };
}

describe('a .env file that is given in the window', () => {
  test('is shown without its secret, tried before it is saved, and then used: the folder’s recordings go up', async () => {
    await using app = await openTestAppHost({ env: {} });
    const { api, answers } = listenTo(app);
    const text = textOf({ ...storageEnv(app.s3), AWS_SESSION_TOKEN: '' });
    const view = await api.readEnvFile({ text });
    expect(view).toMatchObject({
      isUsable: true,
      connection: { bucket: app.s3.bucket, endpoint: app.s3.endpoint, isAsBefore: false },
      keys: { keyEnding: 'NARY', isTemporary: false, endsAtMs: null },
      notes: [],
    });
    expect(await api.getStatus({})).toMatchObject({ mode: 'no-settings' });
    expect(await api.testConnection({ envFile: view.id })).toMatchObject({ ok: true });
    expect(await api.getStatus({})).toMatchObject({ mode: 'no-settings' });
    await api.saveEnvFile({ id: view.id });
    expect(await api.getStatus({})).toMatchObject({ mode: 'ready', bucket: app.s3.bucket });
    await writeFile(join(app.folder, 'a.mp3'), 'sound');
    await api.saveFolder({
      path: app.folder,
      rule: { kind: 'audio', classId: 'bio-101', userId: 'teacher-7', include: [], exclude: [] },
    });
    await expect.poll(async () => (await api.getStatus({})).counts['verified']).toBe(1);
    expect(answers.join('\n')).not.toContain(secret);
    expect(answers.join('\n')).not.toContain(canaryKeys.accessKeyId);
  });

  test('without a bucket brings new keys for the one that is set, and one with another bucket forgets the keys before', async () => {
    await using app = await openTestAppHost({ env: {} });
    const { api } = listenTo(app);
    const alone = await api.readEnvFile({ text: textOf({ AWS_REGION: 'us-east-1' }) });
    expect(alone).toMatchObject({ isUsable: false, notes: [{ name: 'AWS_S3_BUCKET' }] });
    const { accessKeyId, secretAccessKey, sessionToken } = canarySession(1);
    const first = await api.readEnvFile({
      text: textOf({
        ...storageEnv(app.s3),
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
        AWS_CREDENTIAL_EXPIRATION: '2031-05-06T07:08:09Z',
      }),
    });
    expect(first.keys).toEqual({
      keyEnding: accessKeyId.slice(-4),
      isTemporary: true,
      endsAtMs: Date.parse('2031-05-06T07:08:09Z'),
    });
    await api.saveEnvFile({ id: first.id });
    expect((await api.getSignIn({})).signIn).toMatchObject({
      isTemporary: true,
      endsAtMs: Date.parse('2031-05-06T07:08:09Z'),
    });
    const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: key = '' } = storageEnv(app.s3);
    const second = await api.readEnvFile({
      text: textOf({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key }),
    });
    expect(second.connection).toMatchObject({ bucket: app.s3.bucket, isAsBefore: true });
    await api.saveEnvFile({ id: second.id });
    await api.refreshObjects({}); // Only the storage's own keys are taken.
    const third = await api.readEnvFile({ text: 'AWS_S3_BUCKET=another\nAWS_PROFILE=staff\n' });
    await api.saveEnvFile({ id: third.id });
    expect(await api.getConnection({})).toMatchObject({
      bucket: 'another',
      endpoint: '',
      profile: 'staff',
      hasKeys: false,
    });
  });

  test('is saved as it was shown or not at all: an older one, or a dropped one, is to be read again', async () => {
    await using app = await openTestAppHost({ env: {} });
    const { api } = listenTo(app);
    const text = textOf(storageEnv(app.s3));
    const { id } = await api.readEnvFile({ text });
    await api.readEnvFile({ text });
    await expect(api.saveEnvFile({ id })).rejects.toMatchObject({ code: 'usage' });
    const latest = await api.readEnvFile({ text });
    await api.dropEnvFile({});
    for (const call of [
      api.saveEnvFile({ id: latest.id }),
      api.testConnection({ envFile: latest.id }),
    ])
      await expect(call).rejects.toMatchObject({ code: 'usage' });
    expect(await api.getStatus({})).toMatchObject({ mode: 'no-settings' });
  });

  test('changes nothing where the environment decides', async () => {
    await using app = await openTestAppHost();
    const { api } = listenTo(app);
    await expect(api.readEnvFile({ text: 'AWS_S3_BUCKET=other' })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  test('keeps what it says of TLS and certificates when the form is saved, until that is taken back', async () => {
    await using app = await openTestAppHost({ env: {} });
    const { api } = listenTo(app);
    const text = textOf({
      AWS_S3_BUCKET: 'recordings',
      AWS_S3_ENDPOINT_URL: 'http://s3.school.invalid',
      AWS_S3_USE_SSL: 'false',
      AWS_S3_VERIFY_SSL: 'False',
    });
    const { id, isUsable } = await api.readEnvFile({ text });
    expect(isUsable).toBe(true);
    await api.saveEnvFile({ id });
    const view = await api.getConnection({});
    expect(view).toMatchObject({ useSsl: false, verifySsl: false });
    expect((await api.getStatus({})).warning).toContain('Certificates are not checked');
    const { bucket, region, endpoint, profile } = view;
    const form = { bucket, region, endpoint, profile, keys: null };
    await api.saveConnection({ ...form, useSsl: false, verifySsl: true });
    expect((await api.getStatus({})).warning).toBeNull();
    await expect(api.saveConnection(form)).rejects.toMatchObject({ code: 'settings-wrong' });
  });
});

const desktopOf = (backend: Parameters<typeof linuxKeychain>[0]) => ({
  chooseSavePath: () => Promise.resolve(undefined),
  keys: linuxKeychain(backend),
});

describe('keys that are entered where there is no keychain', () => {
  const typed = { region: 'us-east-1', profile: '', keys: canaryKeys };

  test('are refused until a person agrees; that is remembered, and taken back with the keys', async () => {
    await using dir = await tempDir();
    const homePath = join(dir.path, 'home');
    {
      await using app = await openTestAppHost({
        env: {},
        homePath,
        desktop: desktopOf('basic_text'),
      });
      const { api } = listenTo(app);
      const input = { ...typed, bucket: app.s3.bucket, endpoint: app.s3.endpoint };
      await expect(api.saveConnection(input)).rejects.toMatchObject({ code: 'keys-unprotected' });
      const { id } = await api.readEnvFile({ text: textOf(storageEnv(app.s3)) });
      await expect(api.saveEnvFile({ id })).rejects.toMatchObject({ code: 'keys-unprotected' });
      expect(await api.getConnection({})).toMatchObject({
        keyStore: 'unprotected',
        agreedAtMs: null,
        hasKeys: false,
        bucket: '',
      });
      await api.saveConnection({ ...input, agreesToUnprotected: true });
      await api.refreshObjects({});
      // Renewed keys ask for nothing again.
      await api.saveConnection(input);
      expect((await api.getSignIn({})).signIn).toMatchObject({ source: 'unprotected' });
    }
    await using again = await openTestAppHost({
      env: {},
      homePath,
      desktop: desktopOf('basic_text'),
    });
    const { api } = listenTo(again);
    expect(await api.getConnection({})).toMatchObject({
      hasKeys: true,
      agreedAtMs: expect.any(Number),
    });
    await api.forgetKeys({});
    const { bucket, endpoint, ...after } = await api.getConnection({});
    expect(after).toMatchObject({ hasKeys: false, agreedAtMs: null });
    await expect(api.saveConnection({ ...typed, bucket, endpoint })).rejects.toMatchObject({
      code: 'keys-unprotected',
    });
  });

  test('move into the keychain once there is one', async () => {
    await using dir = await tempDir();
    const homePath = join(dir.path, 'home');
    {
      await using app = await openTestAppHost({
        env: {},
        homePath,
        desktop: desktopOf('basic_text'),
      });
      await listenTo(app).api.saveConnection({
        ...typed,
        bucket: app.s3.bucket,
        endpoint: app.s3.endpoint,
        agreesToUnprotected: true,
      });
    }
    await using app = await openTestAppHost({
      env: {},
      homePath,
      desktop: desktopOf('gnome_libsecret'),
    });
    const { api } = listenTo(app);
    expect((await api.getSignIn({})).signIn).toMatchObject({ source: 'keychain' });
    expect(await api.getConnection({})).toMatchObject({ keyStore: 'keychain', agreedAtMs: null });
  });
});
