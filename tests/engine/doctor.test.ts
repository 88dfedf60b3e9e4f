import {
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import { testConnection, type Diagnosis } from '../../electron/engine/doctor/doctor.ts';
import { openS3Client } from '../../electron/engine/s3/client.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openProbe } from '../../electron/engine/s3/probe.ts';
import { settingsFor } from '../support/engine.ts';
import { openServer, unavailable, type S3Access } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openSdk } from '../support/sdk-client.ts';

type Access = Omit<S3Access, 'name'>;

async function diagnose(
  access: Access,
  other: Partial<StorageSettings> = {},
  signal = AbortSignal.timeout(50_000),
): Promise<Diagnosis> {
  const settings = { ...settingsFor({ name: 'embedded', ...access }), ...other };
  const probe = openProbe(openS3Client(settings), settings.bucket, { nowMs: Date.now, signal });
  try {
    return await testConnection(probe, { settings, userId: 'teacher-7', uuid: v7 });
  } finally {
    probe.close();
  }
}

/** Everything in the bucket: objects, old versions, delete markers, unfinished uploads. */
async function contents(access: Access): Promise<string[]> {
  using client = openSdk(access);
  const at = { Bucket: access.bucket };
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand(at),
  );
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(at));
  return [...Versions, ...DeleteMarkers, ...Uploads].map(({ Key }) => Key ?? '');
}

const failures = ({ report }: Diagnosis) =>
  report.checks.filter(({ ok }) => !ok).map(({ id }) => id);
const values = <T extends { value: unknown }>(findings: Readonly<Record<string, T>>) =>
  Object.fromEntries(Object.entries(findings).map(([name, { value }]) => [name, value]));

const allAllowed = {
  's3:ListBucket': 'allowed',
  's3:PutObject': 'allowed',
  's3:GetObject': 'allowed',
  's3:DeleteObject': 'allowed',
  's3:AbortMultipartUpload': 'allowed',
  's3:ListMultipartUploadParts': 'allowed',
  's3:ListBucketMultipartUploads': 'allowed',
  's3:GetObjectVersion': 'allowed',
  's3:ListBucketVersions': 'allowed',
  's3:DeleteObjectVersion': 'allowed',
  's3:RestoreObject': 'unknown',
};

describe.each(['embedded', 'rgw', 'swift'] as const)('the doctor on %s', (name) => {
  test.skipIf(unavailable(name))(
    'finds everything allowed to the owner, and leaves nothing in the bucket',
    async () => {
      await using s3 = await openServer(name);
      const diagnosis = await diagnose(s3);
      expect(diagnosis.report.checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(diagnosis.report.ok).toBe(true);
      expect(diagnosis.report.permissions).toEqual(allAllowed);
      expect(values(diagnosis.report.abilities)).toEqual({
        checksums: name !== 'rgw',
        fullObjectChecksum: name === 'embedded',
        conditionalWrites: name !== 'swift',
        conditionalCompletes: name !== 'rgw',
        objectSize: name === 'embedded',
        listParts: true,
        md5Etags: true,
        versioning: true,
        pathStyle: true,
      });
      expect(diagnosis.report.facts.versioning.value).toBe('off');
      expect(await contents(s3)).toEqual([]);
    },
  );

  test.skipIf(unavailable(name))(
    'leaves no trace in a bucket that keeps old versions',
    async () => {
      await using s3 = await openServer(name);
      using client = openSdk(s3);
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await client.send(
        new PutBucketVersioningCommand({ Bucket: s3.bucket, VersioningConfiguration }),
      );
      const { report } = await diagnose(s3);
      expect(report.ok).toBe(true);
      expect(report.facts.versioning.value).toBe('on');
      expect(report.permissions['s3:PutObject']).toBe('allowed');
      expect(report.permissions['s3:DeleteObject']).toBe('allowed');
      expect(report.abilities.conditionalWrites).toMatchObject({ value: 'unknown' });
      expect(await contents(s3)).toEqual([]);
    },
  );

  test.skipIf(unavailable(name))(
    'names the wrong secret, the wrong key and the missing bucket',
    async () => {
      await using s3 = await openServer(name);
      const wrongSecret = await diagnose({ ...s3, secretAccessKey: 'not the secret' });
      expect(failures(wrongSecret)).toEqual(['sign-in']);
      expect(wrongSecret.trouble?.code).toBe('wrong-secret');
      const wrongKey = await diagnose({ ...s3, accessKeyId: 'NOBODYSKEY0000000000' });
      expect(failures(wrongKey)).toEqual(['sign-in']);
      const noBucket = await diagnose({ ...s3, bucket: 'pansea-nobody-has-this' });
      expect(failures(noBucket)).toEqual(['bucket']);
      expect(noBucket.trouble?.code).toBe('no-bucket');
      expect(noBucket.report.permissions['s3:PutObject']).toBe('unknown');
    },
  );
});

describe.skipIf(unavailable('rgw'))('an account with a policy, on rgw', () => {
  const limited = {
    accessKeyId: 'LIMITEDKEY0000000000',
    secretAccessKey: 'limitedsecretlimitedsecretlimitedsecret00',
  };

  async function allow(s3: Access, actions: readonly string[]): Promise<Access> {
    using client = openSdk(s3);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: ['arn:aws:iam:::user/limited'] },
          Action: actions,
          Resource: [`arn:aws:s3:::${s3.bucket}`, `arn:aws:s3:::${s3.bucket}/*`],
        },
      ],
    });
    await client.send(new PutBucketPolicyCommand({ Bucket: s3.bucket, Policy }));
    return { ...s3, ...limited };
  }

  const guide = ['GetObject', 'PutObject', 'DeleteObject', 'ListBucket', 'GetObjectVersion'];

  test('the guide’s policy is enough, and what it lacks is advice', async () => {
    await using s3 = await openServer('rgw');
    const account = await allow(
      s3,
      guide.map((name) => `s3:${name}`),
    );
    const diagnosis = await diagnose(account);
    expect(failures(diagnosis)).toEqual([]);
    expect(diagnosis.report.ok).toBe(true);
    expect(diagnosis.report.permissions).toEqual({
      ...allAllowed,
      's3:AbortMultipartUpload': 'denied',
      // Ceph says "not there" before it looks at these; in an empty bucket nothing else can tell.
      's3:ListMultipartUploadParts': 'unknown',
      's3:ListBucketMultipartUploads': 'denied',
      's3:GetObject': 'unknown',
      's3:GetObjectVersion': 'unknown',
      's3:ListBucketVersions': 'denied',
      's3:DeleteObjectVersion': 'denied',
    });
    const abort = diagnosis.report.checks.find(({ id }) => id === 's3:AbortMultipartUpload');
    expect(abort).toMatchObject({ ok: true, remedy: expect.stringContaining('cannot be cleaned') });
    expect(diagnosis.report.facts.versioning).toMatchObject({
      value: 'unknown',
      advice: expect.stringContaining('s3:GetBucketVersioning'),
    });
    // Neither the setting nor an object tells whether versions are kept: nothing is written then.
    expect(diagnosis.report.abilities.fullObjectChecksum.value).toBe('unknown');
    expect(await contents(s3)).toEqual([]);
  });

  test('an object that is there tells whether versions are kept, so that the abilities are known', async () => {
    await using s3 = await openServer('rgw');
    using client = openSdk(s3);
    await client.send(
      new PutObjectCommand({ Bucket: s3.bucket, Key: 'uploads/a/there', Body: 'x' }),
    );
    const account = await allow(
      s3,
      guide.map((name) => `s3:${name}`),
    );
    const { report } = await diagnose(account);
    expect(report.permissions).toMatchObject({
      's3:GetObject': 'allowed',
      's3:GetObjectVersion': 'allowed',
    });
    expect(report.abilities.fullObjectChecksum.value).toBe(false);
    expect(report.abilities.conditionalWrites.value).toBe(true);
    expect(await contents(s3)).toEqual(['uploads/a/there']);
  });

  test.each(['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:ListBucket'] as const)(
    'denied %s is reported denied, by name',
    async (denied) => {
      await using s3 = await openServer('rgw');
      using client = openSdk(s3);
      const there = { Bucket: s3.bucket, Key: 'uploads/a/there', Body: 'x' };
      await client.send(new PutObjectCommand(there));
      const actions = Object.keys(allAllowed).filter((name) => name !== denied);
      const diagnosis = await diagnose(await allow(s3, actions));
      expect(diagnosis.report.permissions).toMatchObject({
        [denied]: 'denied',
        's3:ListBucketVersions': 'allowed',
        's3:DeleteObjectVersion': 'allowed',
      });
      expect(failures(diagnosis)).toEqual([denied]);
      const check = diagnosis.report.checks.find(({ id }) => id === denied);
      expect(check?.remedy).toContain(`allow ${denied}`);
      expect(diagnosis.trouble).toBeUndefined();
      expect(await contents(s3)).toEqual(['uploads/a/there']);
    },
  );

  test('an account without any right is shut out, not let in with an empty bucket', async () => {
    await using s3 = await openServer('rgw');
    const diagnosis = await diagnose({ ...s3, ...limited });
    expect(diagnosis.report.ok).toBe(false);
    expect(diagnosis.trouble?.code).toBe('access-denied');
    expect(failures(diagnosis)).toContain('bucket');
    expect(diagnosis.report.facts.encryption.value).toBe('unknown');
  });
});

test('a clock 27 minutes off is named, and keeps nothing from working', async () => {
  await using dir = await tempDir();
  await using s3 = await startEmbeddedS3({
    dataDir: dir.path,
    nowMs: () => Date.now() - 27 * 60_000,
  });
  const diagnosis = await diagnose(s3);
  expect(failures(diagnosis)).toEqual([]);
  const clock = diagnosis.report.checks.find(({ id }) => id === 'clock');
  expect(clock).toMatchObject({
    title: 'The clock is wrong',
    detail: '27 minutes ahead of the storage’s',
  });
  expect(diagnosis.trouble).toBeUndefined();
  expect(diagnosis.report.permissions).toEqual(allAllowed);
});

test('a clock 8 minutes off is a warning', async () => {
  await using dir = await tempDir();
  await using s3 = await startEmbeddedS3({
    dataDir: dir.path,
    nowMs: () => Date.now() + 8 * 60_000,
  });
  const { report } = await diagnose(s3);
  expect(report.ok).toBe(true);
  expect(report.checks.find(({ id }) => id === 'clock')).toMatchObject({
    ok: true,
    detail: '8 minutes behind the storage’s',
    remedy: expect.stringContaining('automatic date and time'),
  });
});

test('a port where nobody listens is "cannot be reached", another region is put right and named', async () => {
  await using s3 = await openServer('embedded');
  const unreachable = await diagnose(s3, { endpoint: 'http://127.0.0.1:9' });
  expect(failures(unreachable)).toEqual(['reach']);
  expect(unreachable.trouble?.code).toBe('offline');
  const elsewhere = await diagnose(s3, { region: 'eu-west-1' });
  expect(failures(elsewhere)).toEqual([]);
  expect(elsewhere.report.checks.find(({ id }) => id === 'bucket')?.remedy).toBe(
    'The bucket is in us-east-1, not in eu-west-1 as the settings say. This was corrected by itself.',
  );
});

test('an interruption leaves nothing in the bucket', async () => {
  await using dir = await tempDir();
  const stop = new AbortController();
  let puts = 0;
  await using s3 = await startEmbeddedS3({
    dataDir: dir.path,
    onRequest: ({ operation, status }) => {
      if (operation === 'PutObject' && status === 200 && ++puts === 1) stop.abort();
    },
  });
  await expect(diagnose(s3, {}, stop.signal)).rejects.toThrow(/abort/i);
  expect(puts).toBe(1);
  expect(await contents(s3)).toEqual([]);
});
