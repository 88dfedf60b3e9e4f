import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quarantine } from '../../electron/engine/migrate/cleanup.ts';
import { quarantinePath } from '../../electron/engine/migrate/quarantine.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { auditStore } from '../../electron/engine/store/audits.ts';
import type { MigrationVerdict, ProofLevel } from '../../shared/migration/migration.ts';
import { openArchive, writeOld, type Archive } from '../support/archive.ts';
import { openRemote } from '../support/engine.ts';

const files = { 'a.mp3': 'lecture a', 'sub/b.mp3': 'lecture b', 'sub/a too.mp3': 'lecture a' };

/** The verdicts by path. */
async function verdicts({ context, plan, signal }: Archive, level: ProofLevel, share = 1) {
  const found: Record<string, MigrationVerdict> = {};
  const note = ({ file, verdict }: { file: { path: string }; verdict: MigrationVerdict }) =>
    void (found[file.path] = verdict);
  const total = await verifyPlan(context, plan, { level, share }, note, signal);
  return { found, total };
}

test('each file has a verdict at each level, and only what is there as it is here is verified', async () => {
  await using archive = await openArchive(files);
  expect((await verdicts(archive, 'head')).total).toMatchObject({ verified: 0, pending: 3 });
  await archive.run();
  for (const level of ['head', 'full', 'read-back'] as const)
    expect((await verdicts(archive, level)).total).toMatchObject({ verified: 3, pending: 0 });

  // Behind everybody’s back: the storage flips a bit, and a file here gets other bytes with its old time.
  await archive.s3.damage.flipBit(archive.keyOf('sub/b.mp3'));
  await writeOld(join(archive.root, 'sub/a too.mp3'), 'LECTURE A');
  const unseen = await verdicts(archive, 'head');
  expect(unseen.total.verified).toBe(3);
  expect((await verdicts(archive, 'full')).found).toEqual({
    'a.mp3': 'verified',
    'sub/b.mp3': 'verified',
    'sub/a too.mp3': 'changed',
  });
  expect((await verdicts(archive, 'read-back')).found['sub/b.mp3']).toBe('differing');

  await archive.s3.damage.remove(archive.keyOf('a.mp3'));
  await rm(join(archive.root, 'sub/b.mp3'));
  expect((await verdicts(archive, 'full')).found).toEqual({
    'a.mp3': 'missing',
    // It was read back before, and the object is as it was: no checksum of the storage makes it right.
    'sub/b.mp3': 'differing',
    // The same bytes, so the same object.
    'sub/a too.mp3': 'missing',
  });
});

test('less of a look neither lowers a proof that is on record nor clears an object that was read and is wrong', async () => {
  await using archive = await openArchive({ 'a.mp3': 'lecture a', 'b.mp3': 'lecture b' });
  const { context, plan, plans, signal } = archive;
  await archive.run();
  await archive.s3.damage.flipBit(archive.keyOf('b.mp3'));
  const known = () =>
    [...plans.files(plan.id)].map(({ verdict, level, checkedAtMs }) => [
      verdict,
      level,
      checkedAtMs,
    ]);
  expect((await verdicts(archive, 'read-back')).found).toEqual({
    'a.mp3': 'verified',
    'b.mp3': 'differing',
  });
  const before = known();
  archive.pass(60_000);
  for (const level of ['head', 'full'] as const)
    expect((await verdicts(archive, level)).found).toEqual({
      'a.mp3': 'verified',
      'b.mp3': 'differing',
    });
  expect(known()).toEqual(before);
  // Nothing that frees the disk rests on the lesser look.
  await expect(quarantine(context, plan, 'full', 1, () => {}, signal)).rejects.toMatchObject({
    code: 'usage',
  });
  // What is worse than was known always counts.
  await archive.s3.damage.remove(archive.keyOf('a.mp3'));
  expect((await verdicts(archive, 'head')).found['a.mp3']).toBe('missing');
});

test.each(['this plan', 'another plan'])(
  'an object that was read and is wrong is so again when it was missing for a while and %s finds it, until it is read',
  async (by) => {
    await using archive = await openArchive({ 'a.mp3': 'lecture a' });
    const { app, context, plan, plans, s3 } = archive;
    await archive.run();
    const key = archive.keyOf('a.mp3');
    const other = { ...plan, id: 'other' };
    plans.add('other', [...plans.files(plan.id)]);
    plans.finish(other);
    await s3.damage.flipBit(key);
    await verdicts(archive, 'read-back');
    let isAway = true;
    const head: Remote['head'] = (asked, stop) =>
      isAway ? Promise.resolve(undefined) : app.remote.head(asked, stop);
    const watched = { ...archive, context: { ...context, remote: { ...app.remote, head } } };
    archive.pass(60_000);
    expect((await verdicts(watched, 'full')).total.missing).toBe(1);
    const audits = auditStore(app.home.database);
    expect(audits.refuted()).toEqual({ 'missing-in-bucket': 1 });
    isAway = false;
    const finder = by === 'this plan' ? watched : { ...watched, plan: other };
    await verdicts(finder, 'full');
    const known = () => [...plans.files(plan.id)].map(({ verdict, level }) => [verdict, level]);
    expect(known()).toEqual([['differing', 'read-back']]);
    expect([plans.wasReadWrong(key), audits.refuted()]).toEqual([true, { 'differs-in-bucket': 1 }]);
    await s3.damage.flipBit(key);
    await verdicts({ ...finder, plan: by === 'this plan' ? plan : other }, 'read-back');
    expect([plans.wasReadWrong(key), audits.refuted()]).toEqual([false, {}]);
  },
);

test('in a bucket that is not there nothing counts as missing: that is what is told', async () => {
  await using archive = await openArchive({ 'a.mp3': 'lecture a' });
  const { app, context, s3 } = archive;
  await archive.run();
  using elsewhere = openRemote(s3, { bucket: 'mistyped' });
  const mistyped = { ...archive, context: { ...context, remote: elsewhere } };
  await expect(verdicts(mistyped, 'full')).rejects.toMatchObject({ code: 'no-bucket' });
  expect(auditStore(app.home.database).refuted()).toEqual({});
});

test('what is read while a lesser look is on its way is not written over by that', async () => {
  await using archive = await openArchive({ 'a.mp3': 'lecture a', 'b.mp3': 'lecture b' });
  const { app, context, plan, plans } = archive;
  await archive.run();
  await archive.s3.damage.flipBit(archive.keyOf('b.mp3'));
  let reading: Promise<unknown> | undefined;
  const head: Remote['head'] = async (...asked) => {
    await (reading ??= verdicts(archive, 'read-back'));
    return app.remote.head(...asked);
  };
  const slow = { ...archive, context: { ...context, remote: { ...app.remote, head } } };
  const right = { 'a.mp3': 'verified', 'b.mp3': 'differing' };
  expect((await verdicts(slow, 'full')).found).toEqual(right);
  expect([...plans.files(plan.id)].map(({ verdict, level }) => [verdict, level])).toEqual([
    ['verified', 'read-back'],
    ['differing', 'read-back'],
  ]);
});

test.each([
  'after all',
  // And has a better proof of its own on record, which stays.
  'once more',
])(
  'an object that another plan finds to be there %s is not told as missing for ever',
  async (how) => {
    await using archive = await openArchive({ 'a.mp3': 'lecture a', 'b.mp3': 'lecture b' });
    const { app, context, plan, plans, signal } = archive;
    await archive.run();
    await verdicts(archive, 'read-back');
    const other = { ...archive, plan: { ...plan, id: 'other' } };
    plans.add('other', [...plans.files(plan.id)].slice(0, 1));
    plans.finish({ ...other.plan, files: 1 });
    if (how === 'once more') await verdicts(other, 'read-back');
    const keys = new Set(['a.mp3', 'b.mp3'].map((path) => archive.keyOf(path)));
    let isAway = true;
    const remote: Remote = {
      ...app.remote,
      head: (key, stop) =>
        isAway && keys.has(key) ? Promise.resolve(undefined) : app.remote.head(key, stop),
    };
    const withRemote = { ...archive, context: { ...context, remote } };
    expect((await verdicts(withRemote, 'full')).total.missing).toBe(2);
    const audits = auditStore(app.home.database);
    expect(audits.refuted()).toEqual({ 'missing-in-bucket': 2 });

    isAway = false;
    expect((await verdicts(other, 'full')).total.verified).toBe(1);
    expect(audits.refuted()).toEqual({ 'missing-in-bucket': 1 });
    // Of this plan's own file nobody has looked at more than the object.
    expect([...plans.files(plan.id)].map(({ verdict, level }) => [verdict, level])).toEqual([
      ['verified', 'head'],
      ['missing', 'full'],
    ]);
    await expect(quarantine(context, plan, 'full', 2, () => {}, signal)).rejects.toMatchObject({
      code: 'usage',
    });
  },
);

test('a file in quarantine is read there, and of one that was deleted only the object is looked at', async () => {
  await using archive = await openArchive(files);
  const { context, plan, plans, signal } = archive;
  await archive.run();
  await verdicts(archive, 'full');
  await quarantine(context, plan, 'full', 3, () => {}, signal);
  const file = (path: string) => [...plans.files(plan.id)].find((one) => one.path === path)!;
  await writeOld(quarantinePath(plan, file('a.mp3')), 'LECTURE A');
  await rm(quarantinePath(plan, file('sub/b.mp3')));
  expect((await verdicts(archive, 'full')).found).toEqual({
    'a.mp3': 'changed',
    'sub/b.mp3': 'gone',
    'sub/a too.mp3': 'verified',
  });
  plans.setPlace(plan, file('sub/b.mp3'), 'removed', 0);
  expect((await verdicts(archive, 'full')).found['sub/b.mp3']).toBe('verified');
});

test('a disk that is away changes no verdict', async () => {
  await using archive = await openArchive(files);
  await archive.run();
  await verdicts(archive, 'full');
  await rename(archive.root, `${archive.root}-away`);
  for (const leavesMountPoint of [false, true]) {
    if (leavesMountPoint) await mkdir(archive.root);
    await expect(verdicts(archive, 'full')).rejects.toMatchObject({ code: 'folder-away' });
  }
  const known = [...archive.plans.files(archive.plan.id)].map(({ verdict }) => verdict);
  expect(known).toEqual(['verified', 'verified', 'verified']);
});

test('what a storage without checksums holds is proven only by reading it back', async () => {
  await using archive = await openArchive(files, { checksums: 'ignored' });
  await archive.run();
  expect((await verdicts(archive, 'full')).total).toMatchObject({ verified: 0, unproven: 3 });
  expect((await verdicts(archive, 'read-back')).total).toMatchObject({ verified: 3 });
  // That it tells no checksum is nothing new.
  expect((await verdicts(archive, 'full')).total).toMatchObject({ verified: 3, unproven: 0 });
});

test('of a share, so many are read back and the others by their checksums', async () => {
  await using archive = await openArchive(files);
  await archive.run();
  const before = archive.s3.count('GetObject');
  let turn = 0;
  const chances = { ...archive, context: { ...archive.context, random: () => (turn += 1) % 2 } };
  expect((await verdicts(chances, 'read-back', 0.5)).total.verified).toBe(3);
  expect(archive.s3.count('GetObject') - before).toBe(1);
  const levels = [...archive.plans.files(archive.plan.id)].map(({ level }) => level);
  expect(levels.filter((level) => level === 'full')).toHaveLength(2);
  expect(levels.filter((level) => level === 'read-back')).toHaveLength(1);
});

test('what the account may not look at in the bucket is called that, and is not cleaned up', async () => {
  await using archive = await openArchive({ 'a.mp3': 'lecture a' });
  const { context, plan, signal, s3 } = archive;
  await archive.run();
  await verdicts(archive, 'full');
  s3.switches.denied = ['HeadObject'];
  const kept: unknown[] = [];
  await quarantine(context, plan, 'full', 1, (one) => void kept.push(one.kept), signal);
  expect(kept).toEqual(['denied']);
  for (const level of ['head', 'full', 'read-back'] as const)
    expect((await verdicts(archive, level)).found).toEqual({ 'a.mp3': 'denied' });
  s3.switches.denied = [];
  expect((await verdicts(archive, 'full')).total.verified).toBe(1);
});
