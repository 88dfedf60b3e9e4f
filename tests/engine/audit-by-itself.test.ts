/** @file The storage is compared with the list though nobody asks: seldom, beside nothing, and silent unless something is missing. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownAuditsView, setAuditPeriod } from '../../electron/engine/audit/by-itself.ts';
import type { EngineEvent } from '../../electron/engine/events.ts';
import { takeInListing } from '../../electron/engine/library/browse.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { auditStore } from '../../electron/engine/store/audits.ts';
import { historyStore } from '../../electron/engine/store/history.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { DAY_MS } from '../../shared/time.ts';
import { withUploads } from '../support/audited.ts';
import {
  countingServer,
  hang,
  openTestEngine,
  randomFile,
  type TestEngine,
} from '../support/engine.ts';

const soon = () => AbortSignal.timeout(60_000);
const LIST = 'ListObjectsV2';

/** A clock that a test moves on, and folders that are looked through as often as it is asked whether an audit is due. */
function movedClock() {
  let aheadMs = 0;
  return {
    options: { rescanMs: 60, nowMs: () => Date.now() + aheadMs, random: () => 0 },
    pass: (days: number) => void (aheadMs += days * DAY_MS),
  };
}

type Compared = Extract<EngineEvent, { type: 'compared' }>;
const comparedIn = ({ heard }: TestEngine) =>
  heard.filter((event): event is Compared => event.type === 'compared');

/** Until it was asked several times whether one is due. */
async function someLooks({ heard }: TestEngine): Promise<void> {
  const scans = () => heard.filter(({ type }) => type === 'scanned').length;
  const before = scans();
  await expect.poll(scans).toBeGreaterThan(before + 5);
}

const kindsIn = ({ home }: TestEngine) =>
  historyStore(home.database, Date.now)
    .each(null)
    .map(({ kind }) => kind)
    .filter((kind) => ['compared', 'missed', 'not-compared'].includes(kind));

test('what was removed in the bucket is told after a week, though nobody asked, and once', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4', 'b.mp4', 'c.mp4'], clock.options);
  const { app, s3 } = t;
  const store = auditStore(app.home.database);
  app.engine.start();
  await expect.poll(() => store.clock()).toMatchObject({ isRefused: false });
  clock.pass(7.1);
  await expect.poll(() => comparedIn(app)).toEqual([{ type: 'compared', there: 3, refuted: 0 }]);
  expect(kindsIn(app)).toEqual(['compared']);
  await app.remote.deleteObject(t.keyOf('b.mp4'), soon());
  clock.pass(6.8);
  s3.requests.length = 0;
  await someLooks(app);
  expect(s3.requests).toEqual([]);
  clock.pass(0.3);
  await expect.poll(() => comparedIn(app)).toHaveLength(2);
  expect(comparedIn(app)[1]).toEqual({ type: 'compared', there: 2, refuted: 1 });
  expect(store.last()).toMatchObject({ level: 'list', isByItself: true });
  expect(store.refuted()).toEqual({ 'missing-in-bucket': 1 });
  expect(kindsIn(app)).toEqual(['compared', 'missed']);
  await someLooks(app);
  // What it costs: one listing, and two questions about what that does not name; one where it was missed before.
  const asked = () => s3.requests.splice(0).map(({ operation }) => operation);
  expect(asked()).toEqual([LIST, 'HeadObject', 'HeadObject']);
  clock.pass(7.1);
  await expect.poll(() => comparedIn(app)).toHaveLength(3);
  expect(asked()).toEqual([LIST, 'HeadObject']);
});

test('by the month, and not at all where a person has turned it off', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4'], clock.options);
  const { app } = t;
  const { database } = app.home;
  setAuditPeriod(database, 'off');
  app.engine.start();
  clock.pass(400);
  await someLooks(app);
  expect(t.s3.count(LIST)).toBe(0);
  setAuditPeriod(database, 'month');
  await expect.poll(() => comparedIn(app)).toHaveLength(1);
  clock.pass(29);
  await someLooks(app);
  expect(comparedIn(app)).toHaveLength(1);
  clock.pass(1.1);
  await expect.poll(() => comparedIn(app)).toHaveLength(2);
  const view = () =>
    ownAuditsView(database, app.engine.jobs, objectIndex(database), app.remote.place);
  expect(view()).toMatchObject({ every: 'month', objects: 1, isListed: false, isElsewhere: false });
});

test('an account that may not list raises no alarm, is asked once a period, and each time is in the history', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4'], clock.options);
  const { app, s3 } = t;
  const { database } = app.home;
  const asked = () => s3.requests.filter(({ operation }) => operation === LIST).length;
  app.engine.start();
  await expect.poll(() => auditStore(database).clock()).toBeDefined();
  s3.switches.denied = [LIST];
  for (const times of [1, 2, 3]) {
    clock.pass(7.1);
    await expect.poll(() => comparedIn(app)).toHaveLength(times);
    await someLooks(app);
    expect(asked()).toBe(times);
  }
  expect(comparedIn(app)[2]).toMatchObject({ code: 'list-denied', refuted: 0 });
  expect(kindsIn(app)).toEqual(['not-compared', 'not-compared', 'not-compared']);
  expect(auditStore(database).refuted()).toEqual({});
  const view = ownAuditsView(database, app.engine.jobs, objectIndex(database), app.remote.place);
  expect(view.isRefused).toBe(true);
  s3.switches.denied = [];
  clock.pass(7.1);
  await expect.poll(() => kindsIn(app).slice(3)).toEqual(['compared']);
});

test('not while something is sent, nor while uploads are paused', async () => {
  const clock = movedClock();
  const sending = Promise.withResolvers<void>();
  let isHeld = false;
  let isAsked = false;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putObject(...args: Parameters<Remote['putObject']>) {
      isAsked = isHeld;
      if (isHeld) await sending.promise;
      return remote.putObject(...args);
    },
  });
  await using t = await withUploads(['a.mp4'], { ...clock.options, wrap });
  const { app, s3, folder } = t;
  app.engine.start();
  await expect.poll(() => auditStore(app.home.database).clock()).toBeDefined();
  isHeld = true;
  await randomFile(join(folder, 'b.mp4'), 20_000);
  await expect.poll(() => isAsked).toBe(true);
  clock.pass(8);
  await someLooks(app);
  expect(s3.count(LIST)).toBe(0);
  app.engine.queue.setPaused(true, 60_000);
  sending.resolve();
  await expect.poll(() => app.engine.jobs.tally()).toMatchObject([{ kind: 'verified', count: 2 }]);
  await someLooks(app);
  expect(s3.count(LIST)).toBe(0);
  app.engine.queue.setPaused(false);
  await expect.poll(() => comparedIn(app)).toMatchObject([{ there: 2, refuted: 0 }]);
});

test('not while a recording is due that has not been begun with', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4'], clock.options);
  const { app, s3, folder } = t;
  const { jobs, queue } = app.engine;
  app.engine.start();
  await expect.poll(() => auditStore(app.home.database).clock()).toBeDefined();
  const held = Promise.withResolvers<void>();
  const change = queue.change([], () => held.promise);
  await randomFile(join(folder, 'b.mp4'), 20_000);
  await expect.poll(() => jobs.tally().map(({ kind }) => kind)).toContain('queued');
  clock.pass(8);
  await someLooks(app);
  expect(s3.count(LIST)).toBe(0);
  held.resolve();
  await change;
  await expect.poll(() => comparedIn(app)).toMatchObject([{ there: 2, refuted: 0 }]);
});

test('a clock that was set back puts none off', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4'], clock.options);
  const { app } = t;
  app.engine.start();
  await expect.poll(() => auditStore(app.home.database).clock()).toBeDefined();
  clock.pass(-20);
  await expect.poll(() => comparedIn(app)).toHaveLength(1);
  clock.pass(6);
  await someLooks(app);
  expect(comparedIn(app)).toHaveLength(1);
});

test('one that goes by itself makes way for an upload, a pause and a person’s', async () => {
  const clock = movedClock();
  let listings = 0;
  let isHung = true;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    list(...args: Parameters<Remote['list']>) {
      listings += 1;
      return isHung ? hang(args[3]) : remote.list(...args);
    },
  });
  await using t = await withUploads(['a.mp4'], { ...clock.options, wrap });
  const { app } = t;
  const store = auditStore(app.home.database);
  app.engine.start();
  await expect.poll(() => store.clock()).toBeDefined();
  clock.pass(8);
  await expect.poll(() => listings).toBe(1);
  await randomFile(join(t.folder, 'b.mp4'), 20_000);
  await expect.poll(() => listings, { timeout: 20_000 }).toBe(2);
  app.engine.queue.setPaused(true);
  await someLooks(app);
  app.engine.queue.setPaused(false);
  await expect.poll(() => listings).toBe(3);
  isHung = false;
  const { run, totals } = await app.engine.audit('head', () => {}, soon());
  expect(totals).toEqual({ equal: 2 });
  await someLooks(app);
  // The person's is the last one, and the next is a week away.
  expect(store.last()).toMatchObject({ run, level: 'head', isByItself: false });
  expect(comparedIn(app)).toEqual([]);
  expect(listings).toBe(4);
});

test('in another storage nothing counts as missing: it waits until a person has begun an audit there', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4'], clock.options);
  const { app, dir } = t;
  app.engine.start();
  await expect.poll(() => auditStore(app.home.database).clock()).toBeDefined();
  await app[Symbol.asyncDispose]();
  clock.pass(8);
  await using other = await countingServer();
  {
    await using there = openTestEngine(other, dir.path, clock.options);
    const { database } = there.home;
    there.engine.start();
    await someLooks(there);
    expect(other.count(LIST)).toBe(0);
    const { place } = there.remote;
    const view = ownAuditsView(database, there.engine.jobs, objectIndex(database), place);
    expect(view.isElsewhere).toBe(true);
    expect(auditStore(database).refuted()).toEqual({});
  }
  // Back in its own, the time has gone on, however often the program was closed.
  await using again = openTestEngine(t.s3, dir.path, clock.options);
  again.engine.start();
  await expect.poll(() => comparedIn(again)).toMatchObject([{ there: 1, refuted: 0 }]);
});

test('after another storage was used for a while nothing sent there counts as missing: it waits for a person’s audit', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4'], clock.options);
  const { dir, folder } = t;
  await t.app[Symbol.asyncDispose]();
  await using other = await countingServer();
  {
    await using there = openTestEngine(other, dir.path, clock.options);
    await randomFile(join(folder, 'b.mp4'), 20_000);
    await there.engine.syncOnce(soon());
    expect(there.engine.jobs.tally()).toMatchObject([{ kind: 'verified', count: 2 }]);
  }
  await using again = openTestEngine(t.s3, dir.path, clock.options);
  const { database } = again.home;
  again.engine.start();
  clock.pass(8);
  await someLooks(again);
  expect([comparedIn(again), t.s3.count(LIST)]).toEqual([[], 0]);
  const index = objectIndex(database);
  const view = () => ownAuditsView(database, again.engine.jobs, index, again.remote.place);
  expect(view().isElsewhere).toBe(true);
  await again.engine.audit('list', () => {}, soon());
  expect(view().isElsewhere).toBe(false);
  clock.pass(8);
  await expect.poll(() => comparedIn(again)).toMatchObject([{ there: 1, refuted: 1 }]);
});

test('of recordings that were stored before it is compared by itself only where the storage was listed with them', async () => {
  const clock = movedClock();
  await using t = await withUploads(['a.mp4'], clock.options);
  const { app } = t;
  const { database } = app.home;
  // As an earlier version leaves it.
  database.prepare(`DELETE FROM settings WHERE name = 'audit_clock'`).run();
  const index = objectIndex(database);
  const view = () => ownAuditsView(database, app.engine.jobs, index, app.remote.place);
  app.engine.start();
  await someLooks(app);
  expect(auditStore(database).clock()).toBeUndefined();
  expect(view().isElsewhere).toBe(true);
  const page = (next?: string) => app.remote.list('', 1_000, next, soon());
  await takeInListing(index, { page, nowMs: Date.now, place: 'another' });
  await someLooks(app);
  expect(auditStore(database).clock()).toBeUndefined();
  await takeInListing(index, { page, nowMs: Date.now, place: app.remote.place });
  expect(view().isElsewhere).toBe(false);
  await expect.poll(() => auditStore(database).clock()).toMatchObject({ isMixed: false });
  clock.pass(7.1);
  await expect.poll(() => comparedIn(app)).toMatchObject([{ there: 1, refuted: 0 }]);
});
