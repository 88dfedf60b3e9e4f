/** @file What is under way whenever the program ends by force: the others do not wait for it, and a person hears of it. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { look, type Sighting } from '../../electron/engine/watch/scan.ts';
import { openArchive } from '../support/archive.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

test('what may end the program at each start goes behind all others, and one by one; what came further does not', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  let now = 50;
  const jobs = jobStore(database, () => now);
  for (const n of [0, 1, 2, 3]) jobs.enqueue(queuedJob(n, 10 + n));
  const claim = (most: number) => jobs.claim('small', now, most).map(({ name }) => name);
  expect(claim(3)).toEqual(['0.mp3', '1.mp3', '2.mp3']);
  jobs.recover();
  // A kill by itself says nothing: what was begun goes on.
  const [poison, , further] = jobs.claim('small', now, 3);
  expect(claim(0)).toEqual([]);
  const part = { number: 1, sizeBytes: 5, crc32: 1, etag: 'e' };
  jobs.apply(further!.id, [{ type: 'began', upload: { id: 'u', partBytes: 5 } }]);
  jobs.addPart(further!.id, 'u', part, 5);
  jobs.recover();
  expect(claim(4)).toEqual(['2.mp3', '3.mp3']);
  now = jobs.nextStartMs()!;
  expect(claim(4)).toEqual([poison!.name]);
  now = jobs.nextStartMs()!;
  expect(claim(4)).toEqual(['1.mp3']);
  close();
});

test('what may end the program while it is verified goes behind all others, too, and waits for a person after ten times', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  const now = 50;
  const jobs = jobStore(database, () => now);
  const [poison] = [0, 1].map((n) => jobs.enqueue(queuedJob(n, 10 + n)).job.id);
  const claim = (most: number) => jobs.claim('small', now, most).map(({ id }) => id);
  expect(claim(1)).toEqual([poison]);
  // It has come further than to be sent.
  jobs.recover();
  expect(claim(1)).toEqual([poison]);
  jobs.apply(poison!, [{ type: 'stored' }]);
  jobs.recover();
  expect(claim(1)).toEqual([poison]);
  jobs.recover();
  // It is behind the other one, which is not stored yet.
  expect(claim(2)).toEqual([poison! + 1]);
  jobs.apply(poison! + 1, [{ type: 'cancelled' }]);
  for (let kills = 2; kills < 10; kills += 1) {
    expect(jobs.get(poison!)?.state).toMatchObject({ kind: 'uploaded', cuts: kills });
    expect(jobs.startApart(now)).toBe(true);
    expect(claim(2)).toEqual([poison]);
    jobs.recover();
  }
  const waits = { kind: 'failed', code: 'ends-program', stored: true };
  expect(jobs.get(poison!)?.state).toMatchObject(waits);
  jobs.apply(poison!, [{ type: 'retried', atMs: now }]);
  expect(claim(1)).toEqual([poison]);
  jobs.recover();
  expect(jobs.get(poison!)?.state).toMatchObject(waits);
  close();
});

test('what is under way in each of ten starts that end by force waits for a person, whose next try is one alone', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  let now = 50;
  const jobs = jobStore(
    database,
    () => now,
    () => {},
  );
  const { id } = jobs.enqueue(queuedJob(0, 10)).job;
  const end = () => {
    now = Math.max(now, jobs.nextStartMs()!);
    expect(jobs.claim('small', now, 1)).toMatchObject([{ id }]);
    jobs.recover();
    return jobs.get(id)!.state;
  };
  for (let kills = 1; kills < 10; kills += 1) expect(end()).toMatchObject({ kind: 'queued' });
  const waits = { kind: 'failed', code: 'ends-program', stored: false };
  expect(end()).toMatchObject(waits);
  expect(jobs.nextStartMs()).toBeUndefined();
  jobs.apply(id, [{ type: 'retried', atMs: now }]);
  expect(end()).toMatchObject(waits);
  jobs.apply(id, [{ type: 'retried', atMs: now }]);
  jobs.claim('small', now, 1);
  jobs.apply(id, [{ type: 'stored' }]);
  expect(jobs.get(id)?.state).toMatchObject({ kind: 'verifying' });
  close();
});

test('a file of an archive that ends the program waits for a person, and no run sends it by itself', async () => {
  await using archive = await openArchive({ 'a.mp3': 'poison', 'b.mp3': 'lecture' });
  const { app, plans, plan, root } = archive;
  const { jobs, queue, planned } = app.engine;
  queue.setPaused(true);
  const { to } = [...plans.files(plan.id)].find(({ path }) => path === 'a.mp3')!;
  const found = await look(join(root, 'a.mp3'));
  const { id } = planned.accept((found as { sighting: Sighting }).sighting, to);
  for (let kills = 0; kills < 10; kills += 1) {
    // Later than any time that it is put off to.
    expect(jobs.claim('small', Date.now() + 3_600_000, 1)).toMatchObject([{ id }]);
    jobs.recover();
  }
  const waits = { kind: 'failed', code: 'ends-program' };
  expect(jobs.get(id)?.state).toMatchObject(waits);
  queue.setPaused(false);
  expect(await archive.run()).toMatchObject({ files: 2, verified: 1, failed: 1 });
  expect(jobs.get(id)?.state).toMatchObject(waits);
  jobs.apply(id, [{ type: 'retried', atMs: Date.now() }]);
  expect(await archive.run()).toMatchObject({ files: 2, verified: 2 });
});

test('where nothing else is to be sent, what waits apart does not wait for its time', async () => {
  const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.mp3`, `no ${i}`]));
  await using archive = await openArchive(files);
  const { app, plans, plan, root } = archive;
  const { jobs, queue, planned } = app.engine;
  queue.setPaused(true);
  for (const { path, to } of plans.files(plan.id)) {
    const found = await look(join(root, path));
    if (found.kind === 'file') planned.accept(found.sighting, to);
  }
  for (let kills = 0; kills < 2; kills += 1) {
    expect(jobs.claim('small', Date.now(), 6)).toHaveLength(6);
    jobs.recover();
  }
  const before = jobs.nextStartMs()!;
  expect(before).toBeGreaterThan(Date.now());
  app.engine.start();
  queue.setPaused(false);
  // The last of them by its time: after a minute.
  await queue.idle(120_000, AbortSignal.timeout(30_000));
  expect(jobs.list('verified', -1)).toHaveLength(6);
});
