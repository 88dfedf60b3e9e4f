import { chmod, lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import { quarantine, surveyPlan, undo } from '../../electron/engine/migrate/cleanup.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { openS3Client } from '../../electron/engine/s3/client.ts';
import { limitsOf } from '../../electron/engine/school/school.ts';
import { parsePolicy } from '../../electron/engine/school/school-file.ts';
import { type Archive, LAST_TERM, openArchive, writeOld } from '../support/archive.ts';
import { clean, DAYS_MS, files, onDisk, verified, verify } from '../support/cleaning.ts';
import { settingsFor } from '../support/engine.ts';

/** A rule for sub/b.mp3 alone, a year from now. */
async function expireLater(archive: Archive): Promise<void> {
  const client = openS3Client(settingsFor(archive.s3));
  const Filter = { Prefix: archive.keyOf('sub/b.mp3') };
  const Rules = [{ ID: 'a year', Status: 'Enabled' as const, Filter, Expiration: { Days: 365 } }];
  const asked = { Bucket: archive.s3.bucket, LifecycleConfiguration: { Rules } };
  await client.send(new PutBucketLifecycleConfigurationCommand(asked));
  client.destroy();
}

test('verified files go into quarantine, come back as they were, and are deleted only days later', async () => {
  await using archive = await verified();
  await chmod(join(archive.root, 'sub/b.mp3'), 0o640);
  const facts = async () => {
    const { mtimeNs, mode, size } = await lstat(join(archive.root, 'sub/b.mp3'), { bigint: true });
    return { mtimeNs, mode, size };
  };
  const before = await facts();
  expect(before.mtimeNs).toBe(BigInt(LAST_TERM.getTime()) * 1_000_000n);

  expect(await clean(archive, 'quarantine')).toEqual({ done: 3, kept: [] });
  expect(await onDisk(archive)).toEqual({ here: {}, aside: files });
  expect(await clean(archive, 'undo')).toEqual({ done: 3, kept: [] });
  expect(await onDisk(archive)).toEqual({ here: files, aside: {} });
  expect(await facts()).toEqual(before);
  expect(await readdir(archive.root)).not.toContain('.pansea-quarantine');

  await clean(archive, 'quarantine');
  archive.pass(DAYS_MS - 60_000);
  await expect(clean(archive, 'purge')).rejects.toThrow(/Nothing can be cleaned up now/);
  archive.pass(60_000);
  expect(await clean(archive, 'purge')).toEqual({ done: 3, kept: [] });
  expect(await onDisk(archive)).toEqual({ here: {}, aside: {} });
  const { context, plan } = archive;
  expect(await surveyPlan(context, plan, 'full', 0)).toMatchObject({
    removed: { files: 3, bytes: 27 },
  });
  // The bucket is as it was.
  expect(await archive.app.remote.head(archive.keyOf('a.mp3'), archive.signal)).toBeDefined();
});

test('where the school keeps local files, none is moved or deleted, and what was moved comes back', async () => {
  await using archive = await verified();
  await clean(archive, 'quarantine', 3);
  archive.pass(DAYS_MS);
  const policy = '{"format":1,"help":"Kim","cleanUp":{"local":false}}';
  const limits = limitsOf({ policy: parsePolicy(policy), trouble: undefined });
  const remote = { ...archive.context.remote, limits };
  const held = { ...archive, context: { ...archive.context, remote } };
  const refused = {
    code: 'set-by-school',
    message: 'No file is removed from this computer. Ask Kim',
  };
  await expect(clean(held, 'purge')).rejects.toMatchObject(refused);
  expect(await clean(held, 'undo')).toEqual({ done: 3, kept: [] });
  await expect(clean(held, 'quarantine')).rejects.toMatchObject(refused);
  expect(await onDisk(archive)).toEqual({ here: files, aside: {} });
});

test('nothing moves with another number than the one that is so, nor while a file is not verified', async () => {
  await using archive = await openArchive(files);
  await archive.run();
  await expect(clean(archive, 'quarantine')).rejects.toThrow(/3 of 3 are not verified/);
  await verifyPlan(
    archive.context,
    archive.plan,
    { level: 'head', share: 1 },
    () => {},
    archive.signal,
  );
  await expect(clean(archive, 'quarantine')).rejects.toThrow(/not verified at the level full/);
  await verify(archive);
  for (const wrong of [2, 4])
    await expect(clean(archive, 'quarantine', wrong)).rejects.toThrow(/It is 3 now/);
  expect(await onDisk(archive)).toEqual({ here: files, aside: {} });
});

test.each<[string, string, (archive: Archive) => Promise<unknown>]>([
  // As old, as long, and another recording.
  [
    'other bytes with the old time',
    'changed',
    ({ root }) => writeOld(join(root, 'sub/b.mp3'), 'LECTURE B'),
  ],
  [
    'a link in its place',
    'unreadable',
    async ({ root, dir }) => {
      await rename(join(root, 'sub/b.mp3'), join(dir, 'b.mp3'));
      await symlink(join(dir, 'b.mp3'), join(root, 'sub/b.mp3'));
    },
  ],
  [
    'its object is gone',
    'missing',
    (archive) => archive.s3.damage.remove(archive.keyOf('sub/b.mp3')),
  ],
  ['somebody has deleted it', 'gone', ({ root }) => rm(join(root, 'sub/b.mp3'))],
  ['the bucket will delete its object', 'expiring', expireLater],
])(
  'a file that is not proven in the moment of clean-up is kept: %s',
  async (_what, why, happens) => {
    await using archive = await verified();
    await happens(archive);
    const before = (await onDisk(archive)).here['sub/b.mp3'];
    const kept = [`sub/b.mp3: ${why}`];
    const counted = why === 'gone' ? 2 : 3;
    expect(await clean(archive, 'quarantine', counted)).toEqual({ done: 2, kept });
    const { here, aside } = await onDisk(archive);
    expect([here['sub/b.mp3'], aside['sub/b.mp3']]).toEqual([before, undefined]);
    // And that is what is known of it from then on.
    const verdicts = [...archive.plans.files(archive.plan.id)].map(({ verdict }) => verdict);
    const known = why === 'expiring' ? 'verified' : why;
    expect(verdicts).toEqual(['verified', 'verified', known]);
  },
);

test('files are cleaned up side by side, each after a look of its own at its object', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`${i % 4}/${i}.mp3`, `no ${i}`]),
  );
  await using archive = await openArchive(many);
  await archive.run();
  await verify(archive);
  const { context, plan, plans, s3 } = archive;
  const heads = s3.count('HeadObject');
  let waiting = 0;
  let most = 0;
  const together: typeof plans.together = async (write) => {
    most = Math.max(most, (waiting += 1));
    const value = await plans.together(write);
    waiting -= 1;
    return value;
  };
  const counted = { ...context, plans: { ...plans, together } };
  const step = await quarantine(counted, plan, 'full', 40, () => {}, archive.signal);
  expect(step.files).toBe(40);
  expect(s3.count('HeadObject') - heads).toBe(40);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(16);
  expect(await onDisk(archive)).toEqual({ here: {}, aside: many });
});

test('a folder that leads out of the archive is not followed', async () => {
  await using archive = await verified();
  await rename(join(archive.root, 'sub'), join(archive.dir, 'elsewhere'));
  await symlink(join(archive.dir, 'elsewhere'), join(archive.root, 'sub'));
  const { done, kept } = await clean(archive, 'quarantine');
  expect([done, kept]).toEqual([1, ['sub/a too.mp3: elsewhere', 'sub/b.mp3: elsewhere']]);
  expect((await readdir(join(archive.dir, 'elsewhere'))).toSorted()).toEqual([
    'a too.mp3',
    'b.mp3',
  ]);
});

test('neither is a quarantine that leads out of it, and a disk that is away has lost nothing', async () => {
  await using archive = await verified();
  const quarantined = join(archive.root, '.pansea-quarantine');
  await mkdir(join(archive.dir, 'elsewhere'));
  await symlink(join(archive.dir, 'elsewhere'), quarantined);
  const kept = ['a.mp3: elsewhere', 'sub/a too.mp3: elsewhere', 'sub/b.mp3: elsewhere'];
  expect(await clean(archive, 'quarantine')).toEqual({ done: 0, kept });
  await rm(quarantined);

  await clean(archive, 'quarantine');
  await rename(archive.root, `${archive.root}-away`);
  for (const step of ['quarantine', 'purge', 'undo'] as const)
    await expect(clean(archive, step)).rejects.toMatchObject({ code: 'folder-away' });
  await rename(`${archive.root}-away`, archive.root);
  // Also what the ledger takes for deleted is where the disk says.
  const { plans, plan } = archive;
  for (const file of plans.files(plan.id)) plans.setPlace(plan, file, 'removed', 0);
  expect(await clean(archive, 'undo')).toEqual({ done: 3, kept: [] });
  expect(await onDisk(archive)).toEqual({ here: files, aside: {} });
});

test.each(['out of the archive', 'back into it'])(
  'what a folder of the quarantine leads to, %s, is neither put back nor deleted',
  async (where) => {
    await using archive = await verified();
    await clean(archive, 'quarantine');
    archive.pass(DAYS_MS);
    const sub = join(archive.root, '.pansea-quarantine', archive.plan.id, 'sub');
    const other = join(where === 'back into it' ? archive.root : archive.dir, 'put back by hand');
    await rename(sub, other);
    await symlink(other, sub);
    const kept = ['sub/a too.mp3: elsewhere', 'sub/b.mp3: elsewhere'];
    expect(await clean(archive, 'purge')).toEqual({ done: 1, kept });
    expect(await clean(archive, 'undo')).toEqual({ done: 0, kept });
    expect((await readdir(other)).toSorted()).toEqual(['a too.mp3', 'b.mp3']);
  },
);

test('what is in quarantine is not deleted when its object is gone, or when it is not the file any more', async () => {
  await using archive = await verified();
  await clean(archive, 'quarantine');
  archive.pass(DAYS_MS);
  await archive.s3.damage.remove(archive.keyOf('a.mp3'));
  const aside = join(archive.root, '.pansea-quarantine', archive.plan.id);
  await writeOld(join(aside, 'sub/b.mp3'), 'LECTURE B');
  const { done, kept } = await clean(archive, 'purge');
  expect(done).toBe(0);
  expect(kept).toEqual(['a.mp3: missing', 'sub/a too.mp3: missing', 'sub/b.mp3: changed']);
  expect((await onDisk(archive)).aside).toEqual({ ...files, 'sub/b.mp3': 'LECTURE B' });
});

test.each(['this plan', 'another plan'])(
  'what was read back for %s and is wrong is not deleted behind a right checksum, until another reading clears it',
  async (by) => {
    await using archive = await verified();
    const { plan, plans, root, dir, s3 } = archive;
    const other = { ...plan, id: 'other' };
    plans.add('other', [...plans.files(plan.id)]);
    plans.finish(other);
    const reader = by === 'this plan' ? archive : { ...archive, plan: other };
    await clean(archive, 'quarantine');
    archive.pass(DAYS_MS);
    const key = archive.keyOf('sub/b.mp3');
    await s3.damage.flipBit(key);
    await verify(reader, 'read-back');
    const kept = ['sub/b.mp3: differing'];
    expect(await clean(archive, 'purge')).toEqual({ done: 2, kept });

    // Neither what clean-up notes of it nor what else is wrong with it for a while clears it for a lesser look.
    const path = join(root, '.pansea-quarantine', plan.id, 'sub/b.mp3');
    await rename(path, join(dir, 'b.mp3'));
    expect(await clean(archive, 'undo')).toEqual({ done: 0, kept: ['sub/b.mp3: gone'] });
    await mkdir(dirname(path), { recursive: true });
    await rename(join(dir, 'b.mp3'), path);
    await verify(archive);
    expect(await clean(archive, 'purge', 1)).toEqual({ done: 0, kept });
    expect((await onDisk(archive)).aside).toEqual({ 'sub/b.mp3': 'lecture b' });

    await s3.damage.flipBit(key);
    await verify(reader, 'read-back');
    expect(await clean(archive, 'purge', 1)).toEqual({ done: 1, kept: [] });
  },
);

test('putting back never writes over a file that came to the place, and needs no ledger of old', async () => {
  await using archive = await verified();
  await clean(archive, 'quarantine');
  await writeOld(join(archive.root, 'a.mp3'), 'a new recording');
  // A ledger that was made anew knows of no quarantine; the disk does.
  const { plans } = archive;
  for (const file of plans.files(archive.plan.id)) plans.setPlace(archive.plan, file, 'here', 0);
  const { context, plan, signal } = archive;
  const some = (path: string) => undo(context, plan, new Set([path]), () => {}, signal);
  await expect(some('b.mp3')).rejects.toThrow(/has no b\.mp3/);
  expect(await some('sub/b.mp3')).toEqual({ files: 1, bytes: 9 });
  expect(await clean(archive, 'undo')).toEqual({ done: 1, kept: ['a.mp3: taken'] });
  const { here, aside } = await onDisk(archive);
  expect(here).toEqual({ ...files, 'a.mp3': 'a new recording' });
  expect(aside).toEqual({ 'a.mp3': 'lecture a' });
});
