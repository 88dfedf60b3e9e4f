/** @file One thing that the account may not do: what the test of the connection says of it, and what uploads do. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OperationName } from '../../electron/embedded-s3/operations.ts';
import { diagnose } from '../../electron/engine/doctor/doctor-run.ts';
import { unremembered } from '../../electron/engine/s3/known.ts';
import { remedyOf } from '../../shared/troubles/catalogue.ts';
import { MIB } from '../../shared/parts.ts';
import { s3ActionNames } from '../../shared/policy.ts';
import { turnedOff } from '../../shared/troubles/refusal-troubles.ts';
import { deniedOf, type FactName } from '../../shared/report.ts';
import {
  countingServer,
  openRemote,
  openTestEngine,
  randomFile,
  settingsFor,
  signal,
  toBio,
  type Counted,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

async function reportWithout(s3: Counted, denied: OperationName) {
  s3.switches.denied = [];
  using remote = openRemote(s3);
  const headers = { contentType: 'audio/mpeg', metadata: {} };
  await remote.putObject('audio/bio-101/a', Buffer.from('a'), 3_904_355_907, headers, signal());
  s3.switches.denied = [denied];
  const own = { userId: 'teacher-7', signal: signal() };
  return (await diagnose(settingsFor(s3), unremembered(), own)).report;
}

test.each([
  ['ListObjectsV2', 's3:ListBucket'],
  ['PutObject', 's3:PutObject'],
  ['GetObject', 's3:GetObject'],
  ['HeadObject', 's3:GetObject'],
  ['DeleteObject', 's3:DeleteObject'],
  ['AbortMultipartUpload', 's3:AbortMultipartUpload'],
  ['ListParts', 's3:ListMultipartUploadParts'],
  ['ListMultipartUploads', 's3:ListBucketMultipartUploads'],
] as const)(
  'without %s the test of the connection calls %s denied, and no other',
  async (operation, action) => {
    await using s3 = await countingServer();
    const report = await reportWithout(s3, operation);
    expect(deniedOf(report)).toEqual([action]);
    expect(report.checks.find(({ id }) => id === action)?.remedy).toMatch(/\w/);
  },
);

test.each([
  ['GetBucketVersioning', 'versioning', 's3:GetBucketVersioning'],
  ['GetBucketEncryption', 'encryption', 's3:GetEncryptionConfiguration'],
  ['GetPublicAccessBlock', 'publicAccessBlock', 's3:GetBucketPublicAccessBlock'],
  ['GetBucketLifecycleConfiguration', 'lifecycle', 's3:GetLifecycleConfiguration'],
  ['GetBucketReplication', 'replication', 's3:GetReplicationConfiguration'],
  ['GetBucketLocation', 'location', 's3:GetBucketLocation'],
] as const satisfies readonly (readonly [OperationName, FactName, string])[])(
  'without %s it is not known, and which action would show it',
  async (operation, fact, action) => {
    await using s3 = await countingServer();
    const report = await reportWithout(s3, operation);
    expect(deniedOf(report)).toEqual([]);
    const advice = `Not visible to this account; ${action} would show it.`;
    expect(report.facts[fact]).toEqual({ value: 'unknown', advice });
  },
);

async function uploaded(denied: OperationName, sizeBytes: number) {
  await using s3 = await countingServer({ denied: [denied] });
  await using dir = await tempDir();
  await using app = openTestEngine(s3, dir.path);
  const file = join(dir.path, 'a.mp4');
  await randomFile(file, sizeBytes);
  const [job] = await app.engine.uploadNow([file], toBio, signal());
  if (!job || job instanceof Error) throw new Error(String(job));
  return job.state;
}

describe('an upload', () => {
  test.each([
    ['PutObject', 1_000],
    ['CreateMultipartUpload', 9 * MIB],
    ['UploadPart', 9 * MIB],
    ['CompleteMultipartUpload', 9 * MIB],
  ] as const)(
    'that may not %s waits for an admin, who reads what to allow',
    async (operation, sizeBytes) => {
      expect(await uploaded(operation, sizeBytes)).toMatchObject({
        kind: 'failed',
        code: 'upload-denied',
        stored: false,
      });
      expect(remedyOf('upload-denied')).toContain('s3:PutObject');
    },
  );

  test.each([
    ['ListParts', 9 * MIB],
    ['ListObjectsV2', 1_000],
    ['ListMultipartUploads', 9 * MIB],
    ['AbortMultipartUpload', 9 * MIB],
    ['DeleteObject', 1_000],
    ['GetObject', 1_000],
  ] as const)('needs no %s', async (operation, sizeBytes) => {
    expect(await uploaded(operation, sizeBytes)).toMatchObject({ kind: 'verified' });
  });

  test('that may not be looked at is kept, and says what would let it be checked', async () => {
    expect(await uploaded('HeadObject', 9 * MIB)).toMatchObject({
      kind: 'failed',
      code: 'cannot-verify',
      stored: true,
    });
  });
});

test('what is turned off in a window names the action that turns it on', () => {
  for (const [action, code] of Object.entries(turnedOff)) {
    expect(s3ActionNames).toContain(action);
    expect(remedyOf(code)).toContain(`(${action})`);
  }
});
