import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookForDrift } from '../../electron/engine/migrate/drift.ts';
import { planMigration } from '../../electron/engine/migrate/plan.ts';
import { runPlan } from '../../electron/engine/migrate/run.ts';
import { standingOf } from '../../electron/engine/migrate/standing.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { look, type Sighting } from '../../electron/engine/watch/scan.ts';
import { othersText } from '../../shared/migration/estimate.ts';
import { openArchive, writeOld } from '../support/archive.ts';
import { verify } from '../support/cleaning.ts';
import { bioClass } from '../support/engine.ts';

test('a recording that is made meanwhile does not wait for the rest of an archive', async () => {
  const order: string[] = [];
  const waits = Promise.withResolvers<void>();
  // Nothing is answered before the recording waits, too.
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putObject(key, body, ...rest) {
      await waits.promise;
      order.push(String(body));
      return remote.putObject(key, body, ...rest);
    },
  });
  const number = 600;
  const names = Array.from({ length: number }, (_, i) => [`${i}.mp3`, `no ${i}`] as const);
  await using archive = await openArchive(Object.fromEntries(names), {}, { wrap, quietMs: 50 });
  const { engine } = archive.app;
  const live = join(archive.dir, 'live');
  await mkdir(live);
  await engine.addFolder(live, { ...bioClass, classId: 'live-1' });
  engine.events.on((event) => {
    if (event.type === 'job' && event.job.path.startsWith(live)) waits.resolve();
  });

  const run = archive.run();
  await expect.poll(() => engine.jobs.list('uploading', 1)).toHaveLength(1);
  await writeOld(join(live, 'now.mp3'), 'live');
  expect(await run).toMatchObject({ files: number, verified: number });

  expect(order).toHaveLength(number + 1);
  expect(order.indexOf('live')).toBeLessThan(number / 2);
});

test('a plan reckons with what is to be sent: nothing that is in the bucket, and the same bytes once', async () => {
  await using archive = await openArchive({ 'a.mp3': 'a', 'sub/a too.mp3': 'a', 'b.mp3': 'bb' });
  const { root, dir, app, signal } = archive;
  const again = async (name: string) => {
    const options = { root, mapping: join(dir, 'map.csv'), out: join(dir, name), quietMs: 0 };
    return planMigration(
      { ...options, userId: 'teacher-7', nowMs: Date.now, jobs: app.engine.jobs },
      () => {},
      async () => {},
      signal,
    );
  };
  const first = await again('1.jsonl');
  expect(first).toMatchObject({
    files: 3,
    bytes: 4,
    estimate: { sends: { files: 2, bytes: 3 }, requests: 2 },
  });
  expect(othersText(first, first.estimate)).toBe(
    ' Of 3 files (4 bytes) in the plan, the others are in the bucket already, or the same as another.',
  );
  await archive.run();
  await writeOld(join(root, 'b.mp3'), 'bbbb');
  expect(await again('2.jsonl')).toMatchObject({
    files: 3,
    bytes: 6,
    estimate: { sends: { files: 1, bytes: 4 }, requests: 1 },
  });
});

test('a version that comes under its upload is named, and not sent in the place of the planned one', async () => {
  let change: (() => Promise<void>) | undefined;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async head(...asked) {
      // Between the first reading and the second.
      const now = change;
      change = undefined;
      await now?.();
      return remote.head(...asked);
    },
  });
  await using archive = await openArchive({ 'a.mp3': 'as planned' }, {}, { wrap, quietMs: 1 });
  const path = join(archive.root, 'a.mp3');
  change = () => writeOld(path, 'quite another');
  expect(await archive.run()).toMatchObject({ verified: 0, changed: 1 });
  expect(await archive.run()).toMatchObject({ verified: 0, changed: 1 });
  const { jobs } = archive.app.engine;
  expect(jobs.ofPath(path).map(({ state }) => state)).toEqual([
    { kind: 'dropped', why: 'superseded' },
  ]);
  expect(archive.s3.count('PutObject')).toBe(0);
  // Nobody waits for the newer one to settle, as is done for what a person sends.
  expect(archive.app.heard.filter(({ type }) => type === 'settling')).toEqual([]);

  // As planned again, it goes.
  await writeOld(path, 'as planned');
  expect(await archive.run()).toMatchObject({ verified: 1, changed: 0 });
});

test('what has changed behind its size and time since it was sent goes up as it is now, and what shows it is named', async () => {
  await using archive = await openArchive({ 'a.mp3': 'tagged', 'b.mp3': 'lecture b' });
  const { root, s3 } = archive;
  await archive.run();
  const first = archive.keyOf('a.mp3');
  // Programs for tags keep both, for who asks for it.
  await writeOld(join(root, 'a.mp3'), 'TAGGED');
  await writeOld(join(root, 'b.mp3'), 'lecture b, longer');
  expect(await verify(archive)).toMatchObject({ changed: 2 });

  expect(await archive.run()).toMatchObject({ files: 2, verified: 1, changed: 1 });
  expect(archive.keyOf('a.mp3')).not.toBe(first);
  expect(await verify(archive)).toMatchObject({ verified: 1, changed: 1 });
  await writeOld(join(root, 'b.mp3'), 'lecture b');
  expect(await archive.run()).toMatchObject({ verified: 2 });
  expect(await verify(archive)).toMatchObject({ verified: 2 });
  // The first of both, and the one that was another: what is as it was is not sent again.
  expect(s3.count('PutObject')).toBe(3);
});

test('what has changed without any time that shows it is named and not sent, and no more once it is as it was', async () => {
  await using archive = await openArchive({ 'a.mp3': 'lecture', 'too.mp3': 'lecture' });
  const { app, root, s3, plan, plans, signal } = archive;
  const { jobs } = app.engine;
  await archive.run();
  // As on a disk that decays, or keeps no change time.
  for (const name of ['a.mp3', 'too.mp3']) {
    const path = join(root, name);
    await writeOld(path, 'LECTURE');
    const found = await look(path);
    const [job] = jobs.ofPath(path);
    const { name: own, folderId, movedTo } = job!;
    const { sighting } = found as { sighting: Sighting };
    jobs.relocate(job!.id, { ...sighting, name: own, folderId, movedTo });
  }
  archive.pass(Date.now() - archive.context.nowMs());
  expect(await verify(archive)).toMatchObject({ changed: 2 });
  for (const _ of [1, 2])
    expect(await archive.run()).toMatchObject({ verified: 0, refuted: 0, changed: 2 });
  const named: string[] = [];
  const lookAgain = () =>
    lookForDrift(
      { jobs, plans },
      plan,
      () => {},
      ({ path, why }) => void named.push(`${path}: ${why}`),
      signal,
    );
  await lookAgain();
  expect(named).toEqual(['a.mp3: changed', 'too.mp3: changed']);

  for (const name of ['a.mp3', 'too.mp3']) await writeOld(join(root, name), 'lecture');
  for (const _ of [1, 2]) expect(await archive.run()).toMatchObject({ verified: 2, changed: 0 });
  await lookAgain();
  expect(named).toHaveLength(2);
  expect(await verify(archive)).toMatchObject({ verified: 2 });
  expect(s3.count('PutObject')).toBe(1);
});

test('a run that is stopped takes back what was not begun, and nothing that waits without it', async () => {
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.mp3`, `no ${i}`]));
  const live = 'live/now.mp3';
  await using archive = await openArchive({ ...files, [live]: 'live' }, {}, { quietMs: 1 });
  const { root, plan, plans } = archive;
  const { engine } = archive.app;
  const queued = () => engine.jobs.list('queued', -1).map(({ path }) => path);
  engine.start();
  engine.queue.setPaused(true);
  await engine.addFolder(join(root, 'live'), bioClass);
  await expect.poll(queued).toEqual([join(root, live)]);

  const stop = new AbortController();
  const run = runPlan({ engine, plans }, plan, () => {}, stop.signal);
  await expect.poll(() => queued().length).toBeGreaterThan(100);
  stop.abort(new Error('stopped'));
  await expect(run).rejects.toThrow('stopped');

  expect(queued()).toEqual([join(root, live)]);
  const { behind } = await standingOf({ jobs: engine.jobs, plans, nowMs: Date.now }, plan);
  expect(behind).toMatchObject([{ why: 'waiting', files: 201 }]);
  engine.queue.setPaused(false);
  expect(await archive.run()).toMatchObject({ files: 201, verified: 201 });
});
