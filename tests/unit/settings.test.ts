import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  behaviourSettings,
  hasStorageSettings,
  otherNames,
  readEnvironment,
  storageNames,
  storageSettings,
  uploadLimitIn,
  type Environment,
} from '../../electron/engine/settings/settings.ts';
import { AppError } from '../../shared/errors.ts';
import { tempDir } from '../support/temp-dir.ts';

const bucket = { AWS_S3_BUCKET: 'school' };
const keys = { AWS_ACCESS_KEY_ID: 'AKIACANARY000000', AWS_SECRET_ACCESS_KEY: 'cAnArY/secret' };

function troubleOf(env: Environment): { code: string; message: string } {
  try {
    storageSettings(env);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'none', message: '' };
}

const encrypted = (algorithm: string, keyId = ''): Environment => ({
  ...bucket,
  AWS_S3_ENCRYPTION: algorithm,
  AWS_S3_KMS_KEY_ID: keyId,
});

const chosen = (...choice: [string, string?]) => storageSettings(encrypted(...choice)).encryption;
const whyNot = (...choice: [string, string?]) => troubleOf(encrypted(...choice)).message;

describe('the storage’s settings', () => {
  test('need a bucket; the rest has the defaults of the backend', () => {
    expect(storageSettings(bucket)).toEqual({
      bucket: 'school',
      region: 'us-east-1',
      endpoint: undefined,
      credentials: undefined,
      profile: undefined,
      verifyTls: true,
      ca: undefined,
      proxyEnv: {},
      way: 'light',
    });
  });

  test('are taken from every variable of the guide', () => {
    expect(
      storageSettings({
        ...bucket,
        ...keys,
        AWS_SESSION_TOKEN: 'token',
        AWS_PROFILE: 'staff',
        AWS_REGION: 'eu-central-1',
        AWS_S3_ENDPOINT_URL: 'https://s3.school.example:8443/',
        AWS_S3_VERIFY_SSL: 'False',
      }),
    ).toEqual({
      bucket: 'school',
      region: 'eu-central-1',
      endpoint: 'https://s3.school.example:8443',
      credentials: {
        accessKeyId: keys.AWS_ACCESS_KEY_ID,
        secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
        sessionToken: 'token',
      },
      profile: 'staff',
      verifyTls: false,
      ca: undefined,
      proxyEnv: {},
      way: 'light',
    });
  });

  test('name the way to the storage, and no other', () => {
    expect(storageSettings({ ...bucket, PANSEA_S3_PATH: 'sdk' }).way).toBe('sdk');
    expect(troubleOf({ ...bucket, PANSEA_S3_PATH: 'fast' }).message).toContain('PANSEA_S3_PATH');
  });

  test('hold uploads to megabytes a second, or to nothing', () => {
    const limits = ['1.5', ''].map((limit) => uploadLimitIn({ PANSEA_UPLOAD_LIMIT: limit }));
    expect(limits).toEqual([1_500_000, undefined]);
    for (const wrong of ['0', '-1', 'fast', '2 MB', 'Infinity'])
      expect(troubleOf({ ...bucket, PANSEA_UPLOAD_LIMIT: wrong }).message).toContain(
        'PANSEA_UPLOAD_LIMIT',
      );
  });

  test('leave encryption to the bucket, or name an algorithm and a key', () => {
    expect(chosen('')).toBeUndefined();
    expect(chosen('AES256')).toEqual({ algorithm: 'AES256' });
    expect(chosen('aws:kms')).toEqual({ algorithm: 'aws:kms' });
    expect(chosen('', 'alias/school')).toEqual({ algorithm: 'aws:kms', keyId: 'alias/school' });
    expect(whyNot('aes-256')).toMatch(/^AWS_S3_ENCRYPTION must be AES256, aws:kms/);
    expect(whyNot('AES256', 'alias/school')).toMatch(/^AWS_S3_KMS_KEY_ID is only for aws:kms/);
    expect(whyNot('aws:kms', 'two words')).toMatch(/^AWS_S3_KMS_KEY_ID must be a key/);
  });

  test('that are set to nothing, or to spaces, are not set', () => {
    const names = (
      'AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE ' +
      'AWS_REGION AWS_S3_ENDPOINT_URL AWS_S3_USE_SSL AWS_S3_VERIFY_SSL'
    ).split(' ');
    for (const nothing of ['', '  '])
      expect(
        storageSettings({
          ...Object.fromEntries(names.map((name) => [name, nothing])),
          AWS_S3_BUCKET: ' school ',
        }),
      ).toEqual(storageSettings(bucket));
    expect(
      ['', ' ', undefined].map((value) => hasStorageSettings({ AWS_S3_BUCKET: value })),
    ).toEqual([false, false, false]);
    expect(hasStorageSettings(bucket)).toBe(true);
  });

  test.each(['true', 'TRUE', '1', 'yes', 'on', ' True '])('take %j for true', (value) => {
    expect(storageSettings({ ...bucket, AWS_S3_VERIFY_SSL: value }).verifyTls).toBe(true);
  });
  test.each(['false', 'FALSE', '0', 'no', 'off'])('take %j for false', (value) => {
    expect(storageSettings({ ...bucket, AWS_S3_VERIFY_SSL: value }).verifyTls).toBe(false);
  });

  test.each([
    ['settings-missing', 'AWS_S3_BUCKET', {}],
    ['settings-missing', 'AWS_S3_BUCKET', { AWS_S3_BUCKET: ' ' }],
    ['settings-wrong', 'AWS_S3_BUCKET', { AWS_S3_BUCKET: 's3://school/2024' }],
    ['settings-wrong', 'AWS_S3_BUCKET', { AWS_S3_BUCKET: 'a/b' }],
    ['settings-wrong', 'AWS_S3_BUCKET', { AWS_S3_BUCKET: 'x' }],
    ['settings-missing', 'AWS_SECRET_ACCESS_KEY', { AWS_ACCESS_KEY_ID: 'AKIACANARY000000' }],
    ['settings-missing', 'AWS_ACCESS_KEY_ID', { AWS_SECRET_ACCESS_KEY: 'cAnArY/secret' }],
    ['settings-wrong', 'AWS_S3_USE_SSL', { AWS_S3_USE_SSL: 'maybe' }],
    ['settings-wrong', 'AWS_S3_VERIFY_SSL', { AWS_S3_VERIFY_SSL: '2' }],
    ['settings-wrong', 'AWS_S3_ENDPOINT_URL', { AWS_S3_ENDPOINT_URL: 'ftp://s3.school.example' }],
    ['settings-wrong', 'AWS_S3_ENDPOINT_URL', { AWS_S3_ENDPOINT_URL: 'https://' }],
    ['settings-wrong', 'that cannot be signed', { AWS_S3_ENDPOINT_URL: 'https://s3.example/a b' }],
    ['settings-wrong', 'that cannot be signed', { AWS_S3_ENDPOINT_URL: 'https://s3.example/a//b' }],
    [
      'settings-wrong',
      'AWS_S3_ENDPOINT_URL',
      { AWS_S3_ENDPOINT_URL: 'https://u:cAnArY@s3.example' },
    ],
    [
      'settings-wrong',
      'AWS_S3_ENDPOINT_URL',
      { AWS_S3_ENDPOINT_URL: 'https://s3.example/?k=cAnArY' },
    ],
    ['settings-wrong', 'AWS_S3_ENDPOINT_URL', { AWS_S3_ENDPOINT_URL: 'http://s3.school.example' }],
  ] as const)('give %s and name %s, never a secret, for %j', (code, name, env) => {
    const trouble = troubleOf({
      ...(code === 'settings-wrong' ? { ...bucket, ...keys } : {}),
      ...(name === 'AWS_S3_BUCKET' ? {} : bucket),
      ...env,
    });
    expect(trouble).toEqual({ code, message: expect.stringContaining(name) as string });
    expect(trouble.message).not.toMatch(/cAnArY|AKIACANARY/);
  });
});

const endpoint = (url: string, ssl = '') =>
  storageSettings({ ...bucket, AWS_S3_ENDPOINT_URL: url, AWS_S3_USE_SSL: ssl }).endpoint;

describe('an endpoint', () => {
  test('is plain http only on this computer, or where AWS_S3_USE_SSL=false says so', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      expect(endpoint(`http://${host}:9000`)).toBe(`http://${host}:9000`);
    expect(() => endpoint('http://localhost.evil.example')).toThrow(/USE_SSL/);
    expect(endpoint('http://s3.school.example', 'false')).toBe('http://s3.school.example');
  });

  test('without a scheme gets the one that AWS_S3_USE_SSL asks for', () => {
    expect(endpoint('s3.school.example:9000')).toBe('https://s3.school.example:9000');
    expect(endpoint('s3.school.example:9000', 'false')).toBe('http://s3.school.example:9000');
    expect(endpoint('https://s3.school.example', 'false')).toBe('https://s3.school.example');
  });
});

describe('how the program behaves', () => {
  const nothing = { home: undefined, settleMs: undefined, isDebug: false };

  test('is left to the program by what is not set, or set to nothing as in the example file', () => {
    const names = ['PANSEA_SYNC_HOME', 'PANSEA_SETTLE_SECONDS', 'DEBUG'];
    for (const value of [undefined, '', '  '])
      expect(behaviourSettings(Object.fromEntries(names.map((name) => [name, value])))).toEqual(
        nothing,
      );
  });

  test.each([
    [{ PANSEA_SYNC_HOME: '/home/of/it' }, { home: '/home/of/it' }],
    [{ PANSEA_SETTLE_SECONDS: '0' }, { settleMs: 0 }],
    [{ PANSEA_SETTLE_SECONDS: '0.5' }, { settleMs: 500 }],
    [{ PANSEA_SETTLE_SECONDS: '86400' }, { settleMs: 86_400_000 }],
    [{ PANSEA_GRACE_SECONDS: '1200' }, { graceMs: 1_200_000 }],
    [{ DEBUG: 'TRUE' }, { isDebug: true }],
    [{ DEBUG: '1' }, { isDebug: true }],
    [{ DEBUG: 'off' }, { isDebug: false }],
    [{ DEBUG: 'express:*' }, { isDebug: false }],
  ])('is taken from %j', (env, expected) => {
    expect(behaviourSettings(env)).toEqual({ ...nothing, ...expected });
  });

  test.each([
    ['PANSEA_SETTLE_SECONDS', 'soon'],
    ['PANSEA_SETTLE_SECONDS', '-1'],
    ['PANSEA_SETTLE_SECONDS', '86400.5'],
    ['PANSEA_SETTLE_SECONDS', 'Infinity'],
    ['PANSEA_GRACE_SECONDS', 'later'],
  ])('is not guessed from %s=%s', (name, value) => {
    expect(() => behaviourSettings({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'settings-wrong',
        message: expect.stringContaining(name) as string,
      }),
    );
  });
});

describe('the .env file', () => {
  test('has an example that names every setting, and is as good as the bucket alone', async () => {
    const file = join(import.meta.dirname, '../../.env.example');
    const example = parseEnv(await readFile(file, 'utf8'));
    expect(Object.keys(example).toSorted()).toEqual([...storageNames, ...otherNames].toSorted());
    const filled = { ...example, ...bucket };
    expect(storageSettings(filled)).toEqual(storageSettings(bucket));
    expect(behaviourSettings(filled)).toEqual(behaviourSettings({}));
  });

  test('fills in what the environment does not set', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, '.env');
    await writeFile(file, '# storage\nAWS_REGION=eu-west-1\nAWS_S3_BUCKET="from file"\n');
    expect(readEnvironment({ AWS_REGION: 'us-west-2', EMPTY: undefined }, file, true)).toEqual({
      AWS_REGION: 'us-west-2',
      AWS_S3_BUCKET: 'from file',
    });
  });

  test('starts no program that it names unasked, and is no error where the environment says which', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, '.env');
    await writeFile(file, 'PANSEA_HOOK=/bin/true\n');
    expect(() => readEnvironment({}, file, false)).toThrow('name the file with --env-file');
    expect(readEnvironment({ PANSEA_HOOK: '' }, file, false)).toEqual({ PANSEA_HOOK: '' });
  });

  test('may be missing, unless it was asked for', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'none.env');
    expect(readEnvironment({ A: '1' }, file, false)).toEqual({ A: '1' });
    expect(() => readEnvironment({}, file, true)).toThrow(
      expect.objectContaining({ code: 'settings-wrong', message: expect.stringContaining(file) }),
    );
    // A folder in its place is not "missing".
    expect(() => readEnvironment({}, dir.path, false)).toThrow(
      expect.objectContaining({ code: 'settings-wrong' }),
    );
  });
});

describe('a private authority and proxies', () => {
  test('a file that is missing, damaged or empty is named', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'school.pem');
    const withFile = { ...bucket, AWS_CA_BUNDLE: file };
    expect(troubleOf(withFile)).toMatchObject({
      code: 'settings-wrong',
      message: expect.stringContaining(`cannot be read: ${file}`),
    });
    await writeFile(file, 'not a certificate');
    expect(troubleOf(withFile).message).toContain('has no certificate in it');
    await writeFile(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(troubleOf(withFile).message).toContain('is damaged');
  });

  test('proxies are taken in capitals or not, and a wrong one is named without its password', () => {
    const env = {
      ...bucket,
      https_proxy: ' http://p.example:3128 ',
      NO_PROXY: 'a',
      HTTP_PROXY: '',
    };
    expect(storageSettings(env).proxyEnv).toEqual({
      https_proxy: 'http://p.example:3128',
      NO_PROXY: 'a',
    });
    const wrong = troubleOf({ ...bucket, HTTPS_PROXY: 'amira:cAnArY@p.example' });
    expect(wrong.code).toBe('settings-wrong');
    expect(wrong.message).toContain('HTTPS_PROXY');
    expect(wrong.message).not.toContain('cAnArY');
  });
});
