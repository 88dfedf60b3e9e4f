/** @file A kill while an object is being deleted in the storage: the next start finds out what became of it. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeObject } from '../../electron/engine/library/objects.ts';
import { createDeletions } from '../../electron/engine/library/deletions.ts';
import { createReturns } from '../../electron/engine/library/returns.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { removalStore } from '../../electron/engine/store/returns.ts';
import { AppError } from '../../shared/errors.ts';
import { put } from '../remote/port.ts';
import {
  countingServer,
  hang,
  keysOf,
  openTestEngine,
  randomFile,
  signal,
  toBio,
} from '../support/engine.ts';
import { openKept } from '../support/kept.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A storage from whose deletion nobody hears any more, as after a kill. */
function unheard(remote: Remote, isDone: boolean) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wrapped: Remote = {
    ...remote,
    async deleteObject(...asked) {
      if (isDone) await remote.deleteObject(...asked);
      resolve();
      return new Promise<never>(() => {});
    },
  };
  return { remote: wrapped, asked: promise };
}

test('what a kill has left unsaid of a deletion that is done is noted at the next start', async () => {
  await using kept = await openKept();
  const { engine, ledger, key } = kept;
  const { remote, asked } = unheard(kept.remote, true);
  void removeObject(remote, ledger, key, Date.now(), signal());
  await asked;
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
  engine.start();
  await expect.poll(kept.state).toEqual({ kind: 'dropped', why: 'deleted' });
  await expect.poll(() => ledger.objects.get(key)).toBeUndefined();
  expect([kept.linkState(), ledger.removals.open(remote.place)]).toEqual(['dead', []]);
});

test('what was not deleted stays verified, and is asked for at each start of a week', async () => {
  await using kept = await openKept();
  const { engine, ledger, key } = kept;
  const { remote, asked } = unheard(kept.remote, false);
  void removeObject(remote, ledger, key, Date.now(), signal());
  await asked;
  const old = 'audio/bio-101/of-old.mp3';
  await put(kept.remote, old, Buffer.from('sound'));
  ledger.removals.begin(old, remote.place, 0);
  engine.start();
  await expect.poll(() => ledger.removals.open(remote.place)).toMatchObject([{ key }]);
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
});

test('a deletion that nobody heard of is asked for while the program runs, not only at its next start', async () => {
  let isAway = false;
  const orAway = <T>(work: () => Promise<T>) =>
    isAway ? Promise.reject(new AppError('offline')) : work();
  await using kept = await openKept((remote) => ({
    ...remote,
    async deleteObject(...asked) {
      await remote.deleteObject(...asked);
      isAway = true;
      throw new AppError('offline');
    },
    head: (...asked) => orAway(() => remote.head(...asked)),
  }));
  const { engine, database, remote, ledger, key } = kept;
  const options = { database, remote, nowMs: Date.now, log: () => {}, againMs: 20 };
  const returns = createReturns(options, engine.jobs, () => {});
  await returns.settle();
  const deletions = createDeletions(returns.again);
  const removing = deletions.run((ending) => removeObject(remote, ledger, key, Date.now(), ending));
  await expect(removing).rejects.toMatchObject({ code: 'offline' });
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
  isAway = false;
  await expect.poll(kept.state).toEqual({ kind: 'dropped', why: 'deleted' });
  expect(kept.linkState()).toBe('dead');
  await returns.stop();
});

test('an upload that is on its way is stopped before the deletion of its object is noted', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await randomFile(path, 100_000);
  const { promise: isSending, resolve: sends } = Promise.withResolvers<void>();
  const { promise: isOver, resolve: goOn } = Promise.withResolvers<void>();
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putObject(...asked) {
      sends();
      await Promise.race([isOver, hang(asked[4])]);
      return remote.putObject(...asked);
    },
  });
  await using app = openTestEngine(s3, dir.path, { quietMs: 30, wrap });
  const { jobs, queue } = app.engine;
  const ended = app.engine.uploadNow([path], toBio, signal());
  await isSending;
  const [job] = jobs.list('uploading', 1);
  // Another process has deleted what an answer that was lost had stored, and has heard nothing of it.
  const { database } = app.home;
  const { remote } = app;
  removalStore(database).begin(job!.key!, remote.place, Date.now());
  const options = { database, remote, queue, nowMs: Date.now, log: () => {} };
  const returns = createReturns(options, jobs, () => {});
  await returns.settle();
  goOn();
  await ended;
  await queue.idle(0, signal());
  expect(jobs.get(job!.id)?.state).toEqual({ kind: 'dropped', why: 'deleted' });
  expect(await keysOf(remote)).toEqual([]);
  await returns.stop();
});

test('a deletion that the storage does not do for now is not one that may have been done later', async () => {
  await using kept = await openKept();
  const { ledger, key } = kept;
  const remote = { ...kept.remote, deleteObject: () => Promise.reject(new AppError('busy')) };
  const removing = removeObject(remote, ledger, key, Date.now(), signal());
  await expect(removing).rejects.toMatchObject({ code: 'busy' });
  expect([kept.state()?.kind, ledger.removals.open(remote.place)]).toEqual(['verified', []]);
});

test.each([
  ['fails inside the storage', new AppError('server-error')],
  ['is answered by something on the way', new AppError('not-storage')],
  ['ends in a way that nobody knows', new AppError('unexpected')],
  ['ends in a fault of the program', new TypeError('fetch failed')],
] as const)('a deletion that %s, and that is done all the same, is noted', async (_how, error) => {
  await using kept = await openKept();
  const { engine, ledger, key } = kept;
  const remote = { ...kept.remote, deleteObject: () => Promise.reject(error) };
  const removing = removeObject(remote, ledger, key, Date.now(), signal());
  await expect(removing).rejects.toBe(error);
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
  await kept.remote.deleteObject(key, signal());
  engine.start();
  await expect.poll(kept.state).toEqual({ kind: 'dropped', why: 'deleted' });
  expect(kept.linkState()).toBe('dead');
});

test.each([
  { how: 'without a marker', state: { kind: 'verified' } },
  { how: 'under a marker', state: { kind: 'dropped', why: 'deleted' } },
])(
  'what is gone long after its deletion was asked for ($how) was deleted only where that shows',
  async ({ how, state }) => {
    await using kept = await openKept();
    const { engine, ledger, key, remote } = kept;
    if (how === 'under a marker') await remote.deleteObject(key, signal());
    else await kept.s3.damage.remove(key);
    ledger.removals.begin(key, remote.place, 0);
    engine.start();
    await expect.poll(() => ledger.removals.open(remote.place)).toEqual([]);
    expect(kept.state()).toMatchObject(state);
  },
);

const deleteObject = () => Promise.reject(new AppError('delete-denied'));

test('a deletion that is refused leaves nothing to be asked for', async () => {
  await using kept = await openKept();
  const { ledger, key } = kept;
  const remote = { ...kept.remote, deleteObject };
  const removing = removeObject(remote, ledger, key, 0, signal());
  await expect(removing).rejects.toMatchObject({ code: 'delete-denied' });
  expect([kept.state()?.kind, ledger.removals.open(kept.remote.place)]).toEqual(['verified', []]);
});

test('a ledger that cannot be read ends nothing that goes on meanwhile', async () => {
  await using kept = await openKept();
  const { engine, remote } = kept;
  const closed = {
    prepare: () => {
      throw new Error('The database connection is not open');
    },
  };
  const said: string[] = [];
  const log = (_level: string, message: string) => void said.push(message);
  const options = { database: closed as never, remote, nowMs: Date.now, log };
  const returns = createReturns(options, engine.jobs, () => {});
  await returns.settle();
  expect(said).toEqual(['What was deleted or brought back is asked for later']);
  await returns.stop();
});
