/** @file What happens to an archive while it is cleaned up: other programs, other disks, other archives. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { purge, quarantine, surveyPlan } from '../../electron/engine/migrate/cleanup.ts';
import { settlePlace } from '../../electron/engine/migrate/quarantine.ts';
import { assertNotAway, jobOf } from '../../electron/engine/migrate/run.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { look } from '../../electron/engine/watch/scan.ts';
import { meanwhile } from '../../electron/engine/test-hooks.ts';
import { QUARANTINE_DAYS } from '../../shared/migration/migration.ts';
import { MIB } from '../../shared/parts.ts';
import { openArchive, writeArchive, writeOld } from '../support/archive.ts';
import { clean, DAYS_MS, files, onDisk, verified, verify } from '../support/cleaning.ts';
import { openHungShare, whyNoHungShare } from '../support/hung-share.ts';
import { smallDisk, whyNoSmallDisk } from '../support/small-disk.ts';

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
      step === 'purge' ? { quarantined: { files: 1 } } : { pending: { files: 1 } },
    );
  },
);

test('a full disk is told as that, and with a little room all goes into quarantine', async ({
  skip,
}) => {
  const missing = whyNoSmallDisk();
  skip(missing !== undefined, missing);
  const disks = new DisposableStack();
  const arrange = async (root: string) => {
    disks.use(smallDisk(root, MIB, 12));
    await writeArchive(root, files);
  };
  await using archive = await openArchive({}, {}, { arrange });
  using _ = disks; // Before the folder that it is in.
  await archive.run();
  await verify(archive);
  const { root } = archive;
  const fillers: string[] = [];
  const fill = async (): Promise<void> => {
    const filler = join(root, `filler ${fillers.length}`);
    await writeFile(filler, '');
    fillers.push(filler);
    await fill();
  };
  await expect(fill()).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(clean(archive, 'quarantine')).rejects.toMatchObject({ code: 'archive-full' });
  expect((await onDisk(archive)).here).toMatchObject(files);
  await Promise.all(fillers.map((filler) => rm(filler)));
  expect(await clean(archive, 'quarantine')).toEqual({ done: 3, kept: [] });
  expect((await onDisk(archive)).aside).toEqual(files);
});

test('a file whose object is deleted while the file is read once more is kept', async () => {
  const large = 'lecture b'.repeat(1_000_000);
  await using archive = await verified({ 'sub/b.mp3': large });
  await clean(archive, 'quarantine', 1);
  archive.pass(DAYS_MS);
  const { context, s3 } = archive;
  const head: Remote['head'] = async (key, signal) => {
    const info = await context.remote.head(key, signal);
    if (info !== undefined) await s3.damage.remove(key);
    return info;
  };
  const late = { ...archive, context: { ...context, remote: { ...context.remote, head } } };
  expect(await clean(late, 'purge', 1)).toEqual({ done: 0, kept: ['sub/b.mp3: missing'] });
  expect((await onDisk(archive)).aside).toEqual({ 'sub/b.mp3': large });
});

test('a small file is read before its object is asked for: that answer is the last', async () => {
  await using archive = await verified();
  await writeOld(join(archive.root, 'sub/b.mp3'), 'LECTURE B');
  const heads = archive.s3.count('HeadObject');
  expect(await clean(archive, 'quarantine')).toEqual({ done: 2, kept: ['sub/b.mp3: changed'] });
  expect(archive.s3.count('HeadObject') - heads).toBe(2);
});

test('a file with several names goes by each of them, and its bytes are free with the last', async () => {
  const arrange = async (root: string) => {
    for (const name of names) await link(join(root, 'a.mp3'), join(root, name));
  };
  const names = Array.from({ length: 12 }, (_, i) => `a ${i}.mp3`);
  await using archive = await openArchive({ 'a.mp3': 'lecture a', 'b.mp3': 'b' }, {}, { arrange });
  await archive.run();
  await verify(archive);
  const { context, plan, root, dir, signal } = archive;
  await link(join(root, 'b.mp3'), join(dir, 'elsewhere.mp3'));
  expect(await clean(archive, 'quarantine', 14)).toEqual({ done: 14, kept: [] });
  archive.pass(DAYS_MS);
  const { bytes, files: deleted } = await purge(
    context,
    plan,
    QUARANTINE_DAYS,
    14,
    () => {},
    signal,
  );
  expect([deleted, bytes]).toEqual([14, 9]);
});

test('without a checksum, what was read back is proven for as long as it is that very object', async () => {
  await using archive = await openArchive({ 'b.mp3': 'lecture b' }, { checksums: 'ignored' });
  await archive.run();
  await verify(archive, 'read-back');
  const { context } = archive;
  let looks = 0;
  const head: Remote['head'] = async (key, signal) => {
    const info = await context.remote.head(key, signal);
    looks += 1;
    return info && looks === 2 ? { ...info, etag: '"another"' } : info;
  };
  const late = { ...archive, context: { ...context, remote: { ...context.remote, head } } };
  expect(await clean(late, 'quarantine', 1)).toEqual({ done: 0, kept: ['b.mp3: unproven'] });
  expect(await clean(late, 'quarantine', 1)).toEqual({ done: 1, kept: [] });
});

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

test.each(['quarantine', 'purge'] as const)(
  'what becomes ready while others are worked on was not agreed to, and stays: %s',
  async (work) => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.mp3`, `no ${i}`]));
    await using archive = await verified(many);
    const { context, plan, plans, root, dir } = archive;
    const late = [...plans.files(plan.id)].at(-1)!;
    let happens: () => Promise<void>;
    if (work === 'purge') {
      await clean(archive, 'quarantine', 20);
      plans.setPlace(plan, { ...late, place: 'quarantined' }, 'quarantined', context.nowMs() + 1);
      archive.pass(DAYS_MS);
      happens = async () => archive.pass(1);
    } else {
      await rename(join(root, late.path), join(dir, 'aside'));
      happens = () => rename(join(dir, 'aside'), join(root, late.path));
    }
    let begun = false;
    // With sixteen at a time the last one is not looked at yet.
    const together: typeof plans.together = async (write) => {
      const isFirst = !begun;
      begun = true;
      if (isFirst) await happens();
      return plans.together(write);
    };
    const busy = { ...archive, context: { ...context, plans: { ...plans, together } } };
    expect(await clean(busy, work, 19)).toEqual({ done: 19, kept: [] });
    const { here, aside } = await onDisk(archive);
    expect({ ...here, ...aside }).toHaveProperty([late.path]);
  },
);

test('one file that cannot be moved keeps no other, and leaves nothing behind', async () => {
  await using archive = await verified();
  let failed = false;
  meanwhile((point) => {
    if (failed || point !== 'move-after-placeholder') return;
    failed = true;
    throw Object.assign(new Error('as of a folder that is write-protected'), { code: 'EACCES' });
  });
  onTestFinished(() => meanwhile(undefined));
  const { done, kept } = await clean(archive, 'quarantine');
  expect([done, kept]).toEqual([2, [expect.stringMatching(/: fixed$/)]]);
  expect(await clean(archive, 'quarantine', 1)).toEqual({ done: 1, kept: [] });
  expect(await onDisk(archive)).toEqual({ here: {}, aside: files });

  // A file where a folder was.
  await rm(join(archive.root, 'sub'), { recursive: true });
  await writeOld(join(archive.root, 'sub'), 'something else');
  const taken = ['sub/a too.mp3: taken', 'sub/b.mp3: taken'];
  expect(await clean(archive, 'undo')).toEqual({ done: 1, kept: taken });
});

test('what is on another disk is not put down as back, or as deleted', async () => {
  await using archive = await verified();
  const { context, plan, plans, root } = archive;
  await clean(archive, 'quarantine');
  const [first] = plans.files(plan.id);
  plans.setPlace(plan, first!, 'removing', first!.placedAtMs!);
  const ledger = () =>
    [...plans.files(plan.id)].map(({ place, placedAtMs }) => [place, placedAtMs]);
  const before = [ledger(), [...plans.receipts(plan.id)].length];
  await rename(root, `${root}-away`);

  // Its mount point is left behind, empty; then another disk is there.
  await mkdir(root);
  const survey = () => surveyPlan(context, plan, 'full', 0);
  await expect(survey()).rejects.toMatchObject({ code: 'folder-away' });
  await expect(clean(archive, 'undo')).rejects.toMatchObject({ code: 'folder-away' });
  await expect(verify(archive)).rejects.toMatchObject({ code: 'folder-away' });
  await writeOld(join(root, 'other.mp3'), 'of another disk');
  expect(await survey()).toMatchObject({ lost: { files: 3 }, here: { files: 0 } });
  const gone = ['a.mp3: gone', 'sub/a too.mp3: gone', 'sub/b.mp3: gone'];
  expect(await clean(archive, 'undo')).toEqual({ done: 0, kept: gone });
  expect(ledger()).toEqual(before[0]);

  await rm(root, { recursive: true });
  await rename(`${root}-away`, root);
  expect(await clean(archive, 'undo')).toEqual({ done: 3, kept: [] });
});

test('what was cleaned up stays on record when its bytes come once more, from elsewhere', async () => {
  await using archive = await verified({ 'a.mp3': 'lecture a' });
  const { context, plan, plans, dir, app } = archive;
  await clean(archive, 'quarantine', 1);
  await writeOld(join(dir, 'again.mp3'), 'lecture a');
  const found = await look(join(dir, 'again.mp3'));
  if (found.kind === 'skipped') throw new Error(found.reason);
  const [file] = plans.files(plan.id);
  const again = app.engine.planned.accept(found.sighting, file!.to);
  await expect.poll(() => context.jobs.get(again.id)?.state.kind).toBe('verified');
  expect(jobOf(context.jobs, plan, file!)?.state.kind).toBe('verified');
  archive.pass(DAYS_MS);
  expect(await clean(archive, 'purge', 1)).toEqual({ done: 1, kept: [] });
});

test.each(['here', 'quarantined'] as const)(
  'a file that a kill has left hidden where it was %s gets its name back, and is not said to be gone',
  async (place) => {
    await using archive = await verified({ 'sub/b.mp3': 'lecture b' });
    const { context, plan, plans, root } = archive;
    if (place === 'quarantined') await clean(archive, 'quarantine', 1);
    const folder = place === 'here' ? root : join(root, '.pansea-quarantine', plan.id);
    const path = join(folder, 'sub/b.mp3');
    // Another program moved it over a name that was only held, while that was about to be deleted.
    await rename(path, join(folder, 'sub', `.${randomUUID()}.nothing`));
    const [file] = plans.files(plan.id);
    expect(await settlePlace(context, plan, file!)).toMatchObject({ place, lost: undefined });
    expect(await readFile(path, 'utf8')).toBe('lecture b');
  },
);

test('an archive on a share that stops answering is not connected, and keeps no others’ files waiting', async ({
  skip,
}) => {
  const missing = whyNoHungShare();
  skip(missing !== undefined, missing);
  await using archive = await verified();
  await using share = await openHungShare();
  const plan = { ...archive.plan, root: share.path };
  const [file] = archive.plans.files(archive.plan.id);
  const answered: string[] = [];
  const looks = Array.from({ length: 3 }, () => [
    settlePlace(archive.context, plan, file!),
    assertNotAway(plan),
  ])
    .flat()
    .map((asked) => asked.catch(({ code }) => answered.push(code)));
  // Its threads would be all that there are.
  await setImmediate();
  await stat(archive.root).then(() => answered.push('another'));
  await Promise.all(looks);
  expect(answered).toEqual(['another', ...looks.map(() => 'folder-away')]);
});
