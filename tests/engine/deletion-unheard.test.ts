/** @file A deletion whose answer was lost: what the storage is asked about it, and what else happens until it is heard of. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bringBack } from '../../electron/engine/library/bring-back.ts';
import { removeObject } from '../../electron/engine/library/objects.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { createRules } from '../../electron/engine/queue/rules.ts';
import { createReturns } from '../../electron/engine/library/returns.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { removalStore } from '../../electron/engine/store/returns.ts';
import { assertWatchable } from '../../electron/engine/watch/watchable.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import { DAY_MS } from '../../shared/time.ts';
import { AppError } from '../../shared/errors.ts';
import {
  bioClass,
  countingServer,
  keysOf,
  openRemote,
  openTestEngine,
  type TestEngine,
} from '../support/engine.ts';
import { openKept } from '../support/kept.ts';
import { tempDir } from '../support/temp-dir.ts';

const signal = () => AbortSignal.timeout(30_000);
const patient = { timeout: 20_000 };

test('a storage that once does not show what it has is not believed to have deleted it', async () => {
  let isHidden = false;
  await using kept = await openKept((remote) => ({
    ...remote,
    async deleteObject() {
      isHidden = true;
      throw new AppError('offline', 'The line was lost before it was asked');
    },
    async head(...asked) {
      if (!isHidden) return remote.head(...asked);
      isHidden = false;
      return undefined;
    },
  }));
  const { remote, ledger, key } = kept;
  const removing = removeObject(remote, ledger, key, Date.now(), signal());
  await expect(removing).rejects.toMatchObject({ code: 'offline' });
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
});

test('what was brought back after such a deletion, and is gone later, was not deleted by that', async () => {
  await using kept = await openKept();
  const { engine, database, remote, ledger, key } = kept;
  ledger.removals.begin(key, remote.place, Date.now());
  await bringBack(remote, ledger, key, signal());
  await kept.s3.damage.remove(key);
  const options = { database, remote, nowMs: Date.now, log: () => {} };
  const returns = createReturns(options, engine.jobs, () => {});
  await returns.settle();
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
  await returns.stop();
});

test('a deletion that is asked for after the way back is not forgotten when that is noted', async () => {
  await using kept = await openKept();
  const { engine, remote, ledger, key } = kept;
  ledger.returns.begin(key, remote.place, Date.now() - 1_000);
  ledger.removals.begin(key, remote.place, Date.now());
  engine.start();
  await expect.poll(() => ledger.returns.open(remote.place), patient).toEqual([]);
  expect(ledger.removals.open(remote.place)).toMatchObject([{ key }]);
});

const refused = () => Promise.reject(new AppError('access-denied'));

/** A recording whose upload nobody heard of, and that another process has deleted since, which this one is to hear. */
async function openUnheard() {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const dir = stack.use(await tempDir());
  const { path: from } = stack.use(await tempDir());
  const { path: to } = stack.use(await tempDir());
  await writeFile(join(from, 'a.mp3'), 'sound');
  let isLost = true;
  let isAway = false;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putObject(...asked) {
      const answer = await remote.putObject(...asked);
      if (!isLost) return answer;
      [isLost, isAway] = [false, true];
      throw new AppError('offline', 'The answer was lost');
    },
    head: (...asked) => (isAway ? Promise.reject(new AppError('offline')) : remote.head(...asked)),
  });
  const { engine, remote, home } = stack.use(openTestEngine(s3, dir.path, { quietMs: 100, wrap }));
  await engine.addFolder(from, bioClass);
  engine.start();
  await expect.poll(() => isAway, patient).toBe(true);
  await expect.poll(() => engine.jobs.list('queued', 1), patient).toHaveLength(1);
  engine.queue.setPaused(true);
  const { id, key } = engine.jobs.list('queued', 1)[0]!;
  const elsewhere = stack.use(openRemote(s3));
  await elsewhere.deleteObject(key!, signal());
  const { database } = home;
  const removals = removalStore(database);
  return {
    engine,
    remote,
    database,
    from,
    to,
    id,
    key: key!,
    removals,
    async isHeardOf(goByRule?: (job: Job) => void, answers: Partial<Remote> = {}) {
      const asked = { ...elsewhere, ...answers };
      const options = { database, remote: asked, goByRule, nowMs: Date.now, log: () => {} };
      const returns = createReturns(options, engine.jobs, () => {});
      await returns.settle();
      await returns.stop();
    },
    goOn() {
      isAway = false;
      engine.queue.tryNow();
      engine.queue.setPaused(false);
      return engine.syncOnce(signal());
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Meanwhile = (
  engine: TestEngine['engine'],
  from: string,
  to: string,
  isHeardOf: () => Promise<void>,
) => Promise<unknown>;

const chem = { ...bioClass, classId: 'chem-7' };
/** Another one is recorded over it. */
const isReplaced = async (engine: TestEngine['engine'], from: string, to: string) => {
  await rename(join(from, 'a.mp3'), join(to, 'a.mp3'));
  await writeFile(join(from, 'a.mp3'), 'another sound');
  await expect.poll(() => engine.jobs.list('dropped', 1), patient).toHaveLength(1);
};
const isBack = (from: string, to: string) => rename(join(to, 'a.mp3'), join(from, 'a.mp3'));
const getsAnotherClass: Meanwhile = (engine, from) => engine.addFolder(from, chem);
const isMoved: Meanwhile = async (engine, from, to) => {
  await engine.addFolder(to, chem);
  await rename(join(from, 'a.mp3'), join(to, 'a.mp3'));
};

test.each([
  ['its folder gets another class', getsAnotherClass],
  ['it is moved to another class', isMoved],
  [
    'a newer version gives way to it again and its folder gets another class',
    async (engine, from, to) => {
      await isReplaced(engine, from, to);
      await engine.addFolder(from, chem);
      await isBack(from, to);
    },
  ],
  [
    'a newer version gives way to it again in another class',
    async (engine, from, to) => {
      await isReplaced(engine, from, to);
      await engine.addFolder(to, chem);
      await rm(join(from, 'a.mp3'));
    },
  ],
  [
    'a newer version gives way to it again after the deletion was heard of',
    async (engine, from, to, isHeardOf) => {
      await isReplaced(engine, from, to);
      await isHeardOf();
      await isBack(from, to);
    },
  ],
])(
  'what is deleted so is not sent again, nor to another class, when %s meanwhile',
  async (_how, meanwhile) => {
    await using app = await openUnheard();
    const { engine, remote, id, key, from, to, removals } = app;
    removals.begin(key, remote.place, Date.now());
    await meanwhile(engine, from, to, () => app.isHeardOf());
    await app.goOn();
    expect(await keysOf(remote)).toEqual([]);
    expect(engine.jobs.get(id)?.state).toEqual({ kind: 'dropped', why: 'deleted' });
  },
);

const LONG_AGO_MS = Date.now() - 8 * DAY_MS;

test.each([
  ['was asked for long ago, and nothing shows that it was done', undefined, LONG_AGO_MS],
  ['was asked for in another storage', 'a bucket of before', Date.now()],
])(
  'what waits goes to the class that its folder has by now when its deletion %s',
  async (_why, place, atMs) => {
    await using app = await openUnheard();
    const { engine, remote, id, key, from, removals } = app;
    removals.begin(key, place ?? remote.place, atMs);
    await engine.addFolder(from, chem);
    await app.goOn();
    expect(await keysOf(remote)).toEqual([expect.stringMatching(/^audio\/chem-7\//)]);
    expect(engine.jobs.get(id)?.state.kind).toBe('verified');
  },
);

test('a rule that was given while no storage was known is applied once it is known to be another one', async () => {
  await using app = await openUnheard();
  const { engine, remote, database, id, key, from, removals } = app;
  removals.begin(key, 'a bucket of before', Date.now());
  const { jobs } = engine;
  const folders = folderStore(database, Date.now);
  const rulesAt = (place?: string) =>
    createRules({ jobs, folders, intake: createIntake(jobs, Date.now, undefined, place) });
  await rulesAt().put(await assertWatchable(from, folders, app.to), chem);
  expect(jobs.get(id)?.destination).toMatchObject({ classId: 'bio-101' });
  await app.isHeardOf(rulesAt(remote.place).again);
  expect(jobs.get(id)?.destination).toMatchObject({ classId: 'chem-7' });
  // It may yet turn out to be done there.
  expect(removals.begunAtMs(key, 'a bucket of before')).toBeDefined();
});

test('what nobody may look at, a week after its deletion was asked for, goes there, too', async () => {
  await using app = await openUnheard();
  const { engine, remote, database, id, key, from, removals } = app;
  removals.begin(key, remote.place, LONG_AGO_MS);
  await engine.addFolder(from, chem);
  const folders = folderStore(database, Date.now);
  const intake = createIntake(engine.jobs, Date.now);
  const rules = createRules({ jobs: engine.jobs, folders, intake });
  await app.isHeardOf(rules.again, { head: refused });
  expect(engine.jobs.get(id)?.destination).toMatchObject({ classId: 'chem-7' });
});
