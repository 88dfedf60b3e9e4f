import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complete, unfinished, type Verdict } from '../../electron/engine/container/verdict.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { recogniseBytes } from '../../electron/engine/upload/twins.ts';
import { look } from '../../electron/engine/watch/scan.ts';
import type { Destination } from '../../shared/recording.ts';
import {
  bioClass,
  countingServer,
  keysOf,
  openTestEngine,
  randomFile,
  toBio,
} from '../support/engine.ts';
import { noIndex } from '../support/recordings.ts';
import { tempDir } from '../support/temp-dir.ts';

const toChem = { ...toBio, classId: 'CHEM-7' } as const;

test('what a person sends to another class as well goes there, though its folder took it in before, and its bytes are stored', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'lesson.mp3');
  await randomFile(path, 50_000);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { engine } = app;
  engine.start();
  await engine.addFolder(folder.path, bioClass);
  const kept = () => engine.jobs.list('verified', -1).map(({ destination }) => destination);
  const bio = { kind: 'audio', classId: bioClass.classId } as const;
  await expect.poll(kept).toMatchObject([bio]);

  // Away and back: another version for its folder, whose class was corrected meanwhile.
  engine.queue.setPaused(true);
  const chem = { ...bioClass, classId: 'CHEM-7' };
  await engine.addFolder(folder.path, chem);
  await rename(path, `${path}.aside`);
  await rename(`${path}.aside`, path);
  const waits = () => engine.jobs.list('queued', -1).map(({ isByHand }) => isByHand);
  await expect.poll(waits).toEqual([false]);
  const to = { kind: 'audio', classId: 'CHEM-7', userId: chem.userId } as const;
  await engine.takeIn([path], to, AbortSignal.timeout(20_000));
  engine.queue.setPaused(false);

  await expect.poll(() => kept().length).toBe(2);
  expect(kept()).toMatchObject([bio, { classId: 'CHEM-7' }]);
});

test('so it does when the person says so while its upload is under way already', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'lesson.mp3');
  await randomFile(path, 50_000);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { engine, remote } = app;
  engine.start();
  await engine.addFolder(folder.path, bioClass);
  await expect.poll(() => engine.jobs.list('verified', -1).length).toBe(1);
  await engine.stop();

  const { jobs } = engine;
  const [sent] = jobs.list('verified', -1);
  const to = { kind: 'audio', classId: 'CHEM-7', userId: bioClass.userId } as const;
  const file = { ...sent!.file!, ctimeNs: '1' };
  const state = { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null } as const;
  const key = 'audio/CHEM-7/later.mp3';
  jobs.enqueue({ ...sent!, file, destination: to, key, token: 'later', state });
  const [claimed] = await jobs.together(() => jobs.claim('small', Date.now(), 1));
  // A person hands the file over while its upload has begun.
  jobs.setByHand(claimed!.id);
  const context = { jobs, remote, nowMs: Date.now };
  const signal = AbortSignal.timeout(20_000);
  const { sha256 } = sent!.fingerprint!;
  expect(await recogniseBytes(context, claimed!, sha256, signal)).toBe('new');
  expect(jobs.get(sent!.id)).toMatchObject({ key: sent!.key, state: { kind: 'verified' } });
});

test('the class that a person names for what has none is kept, also while the recording looks unfinished', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'lesson.mp4');
  await writeFile(path, noIndex);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30, graceMs: 3_600_000 });
  const { engine } = app;
  engine.start();
  const { classId: _none, ...rule } = bioClass;
  // Held for its class before it was written to its end.
  await engine.addFolder(folder.path, rule);
  await engine.stop();
  const found = await look(path);
  if (found.kind !== 'file') throw new Error('Not seen');
  const intake = createIntake(engine.jobs, Date.now);
  const [watched] = folderStore(app.home.database, Date.now).list();
  intake.accept(found.sighting, watched!);
  const held = () => engine.jobs.list(undefined, -1);
  expect(held()).toMatchObject([{ state: { kind: 'held', reason: 'needs-class' } }]);

  intake.acceptByHand(found.sighting, toBio, unfinished('no-index'));
  expect(held()).toMatchObject([
    { state: { kind: 'held', reason: 'unfinished' }, destination: toBio, isByHand: true },
  ]);
  intake.uploadAnyway(held()[0]!, watched);
  expect(held()).toMatchObject([{ state: { kind: 'queued' }, destination: toBio }]);
});

test('what a person sends out of a followed folder whose disk was away by then is looked into when it is back', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'lesson.mp4'), noIndex);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { engine, remote } = app;
  engine.start();
  await engine.addFolder(folder.path, bioClass);
  const states = () => engine.jobs.list(undefined, -1).map(({ state }) => state);
  const unready = [{ kind: 'held', reason: 'unfinished' }];
  await expect.poll(states).toEqual(unready);
  const [job] = engine.jobs.list(undefined, -1);
  engine.queue.setPaused(true);
  createIntake(engine.jobs, Date.now).acceptByHand({ ...job!, ...job!.file! }, toBio, complete);
  engine.jobs.apply(job!.id, [{ type: 'missed' }]);
  engine.queue.setPaused(false);
  await expect.poll(states).toEqual(unready);
  expect(await keysOf(remote)).toEqual([]);
});

test.each([
  { how: 'handed over again', second: toBio, end: 'cancelled' },
  { how: 'handed over again for the class before', second: toChem, end: 'cancelled' },
  { how: 'handed over again where it was deleted', second: toChem, end: 'deleted' },
  { how: 'given the class before by its folder', second: toChem, end: 'rerouted' },
] as const)(
  'what looks unfinished, and was let go before, is held when it is $how',
  async ({ second, end }) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'lesson.mp4');
    await writeFile(path, noIndex);
    await using app = openTestEngine(s3, dir.path);
    const { jobs } = app.engine;
    const found = await look(path);
    if (found.kind !== 'file') throw new Error('Not seen');
    const intake = createIntake(jobs, Date.now);
    const handOver = (to: Destination, verdict: Verdict) =>
      intake.acceptByHand(found.sighting, to, verdict);

    const { id } = handOver(toBio, complete);
    jobs.apply(id, [{ type: end === 'deleted' ? end : 'cancelled' }]);
    if (second !== toBio) handOver(second, unfinished('no-index'));
    const [other] = jobs.list('held', -1);
    if (end === 'rerouted') intake.goBy(bioClass, other!);
    else handOver(toBio, unfinished('no-index'));
    expect(jobs.get(id)).toMatchObject({
      destination: toBio,
      state: { kind: 'held', reason: 'unfinished' },
    });
    expect(jobs.list('queued', -1)).toEqual([]);
  },
);
