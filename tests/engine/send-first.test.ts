import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { createDecisions } from '../../electron/engine/queue/decisions.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore, type Job } from '../../electron/engine/store/jobs.ts';
import { bioClass, openTestEngine, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';
import { AppError } from '../../shared/errors.ts';

test('sends first what a person puts first, the last put before the others, and lists it so', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  const jobs = jobStore(database, Date.now);
  const ids = [10, 20, 30, 40].map((at, n) => jobs.enqueue(queuedJob(n, at)).job.id);
  const decisions = createDecisions({
    jobs,
    intake: createIntake(jobs, Date.now),
    folders: folderStore(database, Date.now),
    nowMs: Date.now,
  });
  expect(await decisions.sendFirst({ ids: [ids[3]!] })).toBe(1);
  expect(await decisions.sendFirst({ ids: [ids[2]!, ids[1]!, 999] })).toBe(2);
  const names = (offset: number, limit: number) =>
    jobs.page('waiting', offset, limit).rows.map(({ name }) => name);
  expect(names(0, 9)).toEqual(['2.mp3', '1.mp3', '3.mp3', '0.mp3']);
  expect([names(1, 2), names(2, 2), names(3, 2)]).toEqual([
    ['1.mp3', '3.mp3'],
    ['3.mp3', '0.mp3'],
    ['0.mp3'],
  ]);
  // An interruption does not cost it its turn; a failure of its own does.
  const claim = () => jobs.claim('small', 50, 1)[0]!;
  const interrupted = { type: 'interrupted', atMs: 45, code: 'offline' } as const;
  expect(jobs.apply(claim().id, [interrupted]).name).toBe('2.mp3');
  expect(jobs.apply(claim().id, [interrupted]).name).toBe('2.mp3');
  const broke = { type: 'broke', code: 'server-error', notBeforeMs: 46 } as const;
  expect(jobs.apply(claim().id, [broke]).name).toBe('2.mp3');
  // Nor does it keep it where it is the one that the storage does not take.
  const passed = { ...interrupted, atMs: 44, passes: true } as const;
  expect(jobs.apply(claim().id, [passed]).name).toBe('1.mp3');
  expect(jobs.claim('small', 50, 1, 0)[0]!.name).toBe('0.mp3');
  expect([1, 2, 3].map(() => claim().name)).toEqual(['3.mp3', '1.mp3', '2.mp3']);
  close();
});

test('what is begun while others are put first is none of them any more, and they still are', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  const jobs = jobStore(database, Date.now);
  const ids = [10, 20, 30].map((at, n) => jobs.enqueue(queuedJob(n, at)).job.id);
  const decisions = createDecisions({
    jobs,
    intake: createIntake(jobs, Date.now),
    folders: folderStore(database, Date.now),
    nowMs: Date.now,
  });
  const moving = decisions.sendFirst({ ids: [ids[0]!, ids[2]!] });
  expect(jobs.claim('small', 50, 1)[0]?.name).toBe('0.mp3');
  expect(await moving).toBe(1);
  expect([1, 2].map(() => jobs.claim('small', 50, 1)[0]?.name)).toEqual(['2.mp3', '1.mp3']);
  close();
});

test('one that the storage never takes, and that is put first, keeps no other from being sent', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const names = ['bad.mp3', 'a.mp3', 'b.mp3', 'c.mp3'];
  for (const name of names) await randomFile(join(folder.path, name), 2_000);
  let isDown = true;
  let bad: Job | undefined;
  const ask = <T>(key: string, question: () => Promise<T>): Promise<T> =>
    isDown || key === bad?.key ? Promise.reject(new AppError('offline')) : question();
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      head: (...args) => ask(args[0], () => remote.head(...args)),
      putObject: (...args) => ask(args[0], () => remote.putObject(...args)),
    }),
  });
  const { jobs, queue, decisions } = app.engine;
  await app.engine.addFolder(folder.path, bioClass);
  queue.setPaused(true);
  app.engine.start();
  await expect.poll(() => jobs.list('queued', -1).length).toBe(names.length);
  bad = jobs.list('queued', -1).find(({ name }) => name === 'bad.mp3');
  await decisions.sendFirst({ ids: [bad!.id] });
  queue.setPaused(false);
  const isWaiting = () => queue.trouble !== undefined && jobs.list('uploading', -1).length === 0;
  await expect.poll(isWaiting).toBe(true);
  // An outage costs it nothing. Then it is the only one that does not go.
  expect(jobs.get(bad!.id)?.state).toMatchObject({ notBeforeMs: -1 });
  isDown = false;
  await expect.poll(() => jobs.list('verified', -1).length, { timeout: 30_000 }).toBe(3);
});

test('what was begun goes on after a pause or a crash before what was not, unless the storage is in trouble', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  const jobs = jobStore(database, Date.now);
  for (const [n, at] of [10, 20, 30].entries()) jobs.enqueue(queuedJob(n, at));
  const next = () => jobs.claim('small', 50, 1)[0]!;
  const paused = { type: 'interrupted', atMs: 45, code: null } as const;
  expect(jobs.apply(next().id, [paused]).name).toBe('0.mp3');
  expect(next().name).toBe('0.mp3');
  jobs.recover();
  // The next one finds out whether the storage is back.
  expect(jobs.apply(next().id, [{ ...paused, code: 'offline' }]).name).toBe('0.mp3');
  expect([1, 2, 3].map(() => next().name)).toEqual(['1.mp3', '2.mp3', '0.mp3']);
  close();
});
