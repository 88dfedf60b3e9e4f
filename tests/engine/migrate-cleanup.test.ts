import { PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import { renameSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { purge, quarantine, surveyPlan, undo } from '../../electron/engine/migrate/cleanup.ts';
import { QUARANTINE_DAYS } from '../../shared/migration.ts';
import { openS3Client } from '../../electron/engine/s3/client.ts';
import { meanwhile } from '../../electron/engine/test-hooks.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { settingsFor } from '../support/engine.ts';
import { LAST_TERM, openArchive, writeOld, type Archive } from '../support/archive.ts';

const files = { 'a.mp3': 'lecture a', 'sub/b.mp3': 'lecture b', 'sub/a too.mp3': 'lecture a' };
const DAYS_MS = QUARANTINE_DAYS * 86_400_000;

async function verified(some: Record<string, string> = files): Promise<Archive> {
  const archive = await openArchive(some);
  await archive.run();
  await verify(archive);
  return archive;
}

function verify({ context, plan, signal }: Archive) {
  return verifyPlan(context, plan, { level: 'full', share: 1 }, () => {}, signal);
}

/** A rule for sub/b.mp3 alone, a year from now. */
async function expireLater({ s3, keyOf }: Archive): Promise<void> {
  const client = openS3Client(settingsFor(s3));
  const Filter = { Prefix: keyOf('sub/b.mp3') };
  const Rules = [{ ID: 'a year', Status: 'Enabled' as const, Filter, Expiration: { Days: 365 } }];
  const asked = { Bucket: s3.bucket, LifecycleConfiguration: { Rules } };
  await client.send(new PutBucketLifecycleConfigurationCommand(asked));
  client.destroy();
}

/** @returns How many were done, and why others were kept. */
async function clean(
  { context, plan, signal }: Archive,
  step: 'quarantine' | 'purge' | 'undo',
  confirmed = 3,
) {
  const kept: string[] = [];
  const note = ({ file, kept: why }: { file: { path: string }; kept: string | undefined }) => {
    if (why !== undefined) kept.push(`${file.path}: ${why}`);
  };
  const steps = {
    quarantine: () => quarantine(context, plan, 'full', confirmed, note, signal),
    purge: () => purge(context, plan, QUARANTINE_DAYS, confirmed, note, signal),
    undo: () => undo(context, plan, undefined, note, signal),
  };
  const { files: done } = await steps[step]();
  return { done, kept };
}

/** Paths and texts of all that is in the archive, and of what is in quarantine. */
async function onDisk({ root, plan }: Archive) {
  const all = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const here: Record<string, string> = {};
  const aside: Record<string, string> = {};
  const top = join(root, '.pansea-quarantine', plan.id);
  for (const path of paths) {
    const text = await readFile(path, 'utf8');
    if (path.startsWith(top)) aside[path.slice(top.length + 1)] = text;
    else here[path.slice(root.length + 1)] = text;
  }
  return { here, aside };
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
  await expect(clean(archive, 'purge')).rejects.toThrow(/It is 0 now, not 3/);
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
    expect(await clean(archive, 'quarantine')).toEqual({ done: 2, kept: [`sub/b.mp3: ${why}`] });
    const { here, aside } = await onDisk(archive);
    expect([here['sub/b.mp3'], aside['sub/b.mp3']]).toEqual([before, undefined]);
  },
);

test.each(['quarantine', 'purge'] as const)(
  'a file that is written to after it was read, and before the step, is kept: %s',
  async (step) => {
    await using archive = await openArchive({ 'sub/b.mp3': 'lecture b' });
    await archive.run();
    await verify(archive);
    const { context, plan, root, signal, plans } = archive;
    const aside = join(root, '.pansea-quarantine', plan.id);
    if (step === 'purge') await clean(archive, 'quarantine', 1);
    archive.pass(DAYS_MS);
    const path = join(step === 'purge' ? aside : root, 'sub/b.mp3');
    let written = false;
    // While what is about to be done is written down. As long, as old, and the same file.
    const together: typeof plans.together = async (write) => {
      const value = await plans.together(write);
      if (!written) await writeOld(path, 'LECTURE B');
      written = true;
      return value;
    };
    const late = { ...context, plans: { ...plans, together } };
    const kept: string[] = [];
    const note = ({ file, kept: why }: { file: { path: string }; kept: string | undefined }) =>
      void (why !== undefined && kept.push(`${file.path}: ${why}`));
    const { files: done } = await (step === 'purge'
      ? purge(late, plan, QUARANTINE_DAYS, 1, note, signal)
      : quarantine(late, plan, 'full', 1, note, signal));
    expect([done, kept]).toEqual([0, ['sub/b.mp3: changed']]);
    expect(await readFile(path, 'utf8')).toBe('LECTURE B');
    expect(await surveyPlan(context, plan, 'full', 0)).toMatchObject(
      step === 'purge' ? { quarantined: { files: 1 } } : { here: { files: 1 } },
    );
  },
);

test('a new version that is saved over a file while it is moved stays at its place', async () => {
  await using archive = await verified({ 'sub/b.mp3': 'lecture b' });
  const path = join(archive.root, 'sub/b.mp3');
  await writeOld(join(archive.dir, 'new'), 'a new lecture b');
  let saved = false;
  meanwhile((point) => {
    if (saved || !point.startsWith('move-after-')) return;
    saved = true;
    renameSync(join(archive.dir, 'new'), path);
  });
  onTestFinished(() => meanwhile(undefined));
  const answer = await clean(archive, 'quarantine', 1);
  expect(await onDisk(archive)).toEqual({ here: { 'sub/b.mp3': 'a new lecture b' }, aside: {} });
  expect(answer).toEqual({ done: 0, kept: ['sub/b.mp3: changed'] });
});

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
