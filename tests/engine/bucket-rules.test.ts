/** @file Lifecycle rules are applied as they were seen, beside those of others, or not at all. */
import { PutBucketLifecycleConfigurationCommand, type LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { applyRules, lookAtRules } from '../../electron/engine/doctor/bucket-rules.ts';
import { openS3Client } from '../../electron/engine/s3/client.ts';
import { unremembered } from '../../electron/engine/s3/known.ts';
import { limitsOf } from '../../electron/engine/school/school.ts';
import { parsePolicy } from '../../electron/engine/school/school-file.ts';
import { recommended } from '../../shared/lifecycle.ts';
import { countingServer, settingsFor } from '../support/engine.ts';
import { openServer, unavailable, type S3Access } from '../support/s3-servers.ts';

const storage = (s3: S3Access) => ({
  settings: settingsFor(s3),
  known: unremembered(),
  signal: AbortSignal.timeout(50_000),
});

const theirs: LifecycleRule = {
  ID: 'of-others',
  Status: 'Enabled',
  Filter: { And: { Prefix: 'archive/', Tags: [{ Key: 'class', Value: 'old' }] } },
  Expiration: { Days: 30 },
};

async function put(s3: S3Access, ...Rules: LifecycleRule[]): Promise<void> {
  const client = openS3Client(settingsFor(s3));
  const LifecycleConfiguration = { Rules };
  await client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket: s3.bucket, LifecycleConfiguration }),
  );
  client.destroy();
}

describe.each(['embedded', 'rgw'] as const)('on %s', (name) => {
  test.skipIf(unavailable(name))('rules are added to those of others, and taken back', async () => {
    await using s3 = await openServer(name);
    await put(s3, theirs);
    const first = await lookAtRules(storage(s3), recommended);
    expect(first.changes.map(({ sign }) => sign)).toEqual(['=', '+', '+', '+']);
    expect(await applyRules(storage(s3), recommended, first.seen)).toEqual({ rules: 4 });
    const again = await lookAtRules(storage(s3), recommended);
    expect(again).toMatchObject({ isSame: true });
    expect(again.next).toContainEqual(theirs);

    const none = { ...recommended, endUnfinishedAfterDays: null };
    const back = await lookAtRules(storage(s3), none);
    expect(back.changes.map(({ sign }) => sign)).toEqual(['=', '-', '-', '-']);
    expect(await applyRules(storage(s3), none, back.seen)).toEqual({ rules: 1 });
    expect((await lookAtRules(storage(s3), none)).next).toEqual([theirs]);
  });

  test.skipIf(unavailable(name))('the last rule goes, too', async () => {
    await using s3 = await openServer(name);
    const { seen } = await lookAtRules(storage(s3), recommended);
    await applyRules(storage(s3), recommended, seen);
    const none = { ...recommended, endUnfinishedAfterDays: null };
    const back = await lookAtRules(storage(s3), none);
    expect(await applyRules(storage(s3), none, back.seen)).toEqual({ rules: 0 });
  });
});

test('what was changed by others meanwhile, or chosen otherwise, is refused, and nothing is written', async () => {
  await using s3 = await countingServer();
  const { seen } = await lookAtRules(storage(s3), recommended);
  await put(s3, theirs);
  s3.requests.length = 0;
  await expect(applyRules(storage(s3), recommended, seen)).rejects.toMatchObject({
    code: 'rules-changed',
  });
  const now = await lookAtRules(storage(s3), recommended);
  const other = { ...recommended, endUnfinishedAfterDays: 14 };
  await expect(applyRules(storage(s3), other, now.seen)).rejects.toMatchObject({
    code: 'rules-changed',
  });
  expect((await lookAtRules(storage(s3), { ...other, endUnfinishedAfterDays: null })).next).toEqual(
    [theirs],
  );
});

test.each([
  ['GetBucketLifecycleConfiguration', 'rules-denied'],
  ['PutBucketLifecycleConfiguration', 'rules-denied'],
] as const)('an account that may not %s hears that, and of no rules', async (denied, code) => {
  await using s3 = await countingServer();
  const { seen } = await lookAtRules(storage(s3), recommended);
  s3.switches.denied = [denied];
  await expect(applyRules(storage(s3), recommended, seen)).rejects.toMatchObject({ code });
});

test('a storage that knows no rules says that it has none, not that a recording is in trouble', async () => {
  await using s3 = await countingServer({ missing: ['GetBucketLifecycleConfiguration'] });
  await expect(lookAtRules(storage(s3), recommended)).rejects.toMatchObject({
    code: 'rules-unknown',
  });
});

test('a storage that says it has taken them and has others is not believed', async () => {
  await using s3 = await countingServer();
  const { seen } = await lookAtRules(storage(s3), recommended);
  s3.switches.lifecycle = 'ignored';
  await expect(applyRules(storage(s3), recommended, seen)).rejects.toMatchObject({
    code: 'rules-changed',
  });
});

test('where the school has turned off deleting, no rule deletes', async () => {
  await using s3 = await countingServer();
  const choices = { ...recommended, endOldVersionsAfterDays: 30 };
  const { seen } = await lookAtRules(storage(s3), choices);
  const own = storage(s3);
  const policy = parsePolicy('{"format":1,"help":"Kim","cleanUp":{"storage":false}}');
  const limits = limitsOf({ policy, trouble: undefined });
  const held = { ...own, settings: { ...own.settings, limits } };
  await expect(applyRules(held, choices, seen)).rejects.toMatchObject({
    code: 'set-by-school',
    message: 'Nothing is deleted from the storage here. Ask Kim',
  });
});
