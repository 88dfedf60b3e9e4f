import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quarantine } from '../../electron/engine/migrate/cleanup.ts';
import { quarantinePath } from '../../electron/engine/migrate/quarantine.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import type { MigrationVerdict, ProofLevel } from '../../shared/migration/migration.ts';
import { openArchive, writeOld, type Archive } from '../support/archive.ts';

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
    'sub/b.mp3': 'gone',
    // The same bytes, so the same object.
    'sub/a too.mp3': 'missing',
  });
});

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
