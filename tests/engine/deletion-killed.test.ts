/** @file A kill while an object is being deleted in the storage: the next start finds out what became of it. */
import { expect, test } from 'vitest';
import { removeObject } from '../../electron/engine/library/objects.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { put } from '../remote/port.ts';
import { openKept } from '../support/kept.ts';

const signal = () => AbortSignal.timeout(30_000);
const patient = { timeout: 20_000 };

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
  await expect.poll(kept.state, patient).toEqual({ kind: 'dropped', why: 'deleted' });
  await expect.poll(() => ledger.objects.get(key), patient).toBeUndefined();
  expect([kept.linkState(), ledger.removals.open(remote.place)]).toEqual(['dead', []]);
});

test('what was not deleted stays verified, and is asked for at each start of a day', async () => {
  await using kept = await openKept();
  const { engine, ledger, key } = kept;
  const { remote, asked } = unheard(kept.remote, false);
  void removeObject(remote, ledger, key, Date.now(), signal());
  await asked;
  const old = 'audio/bio-101/of-old.mp3';
  await put(kept.remote, old, Buffer.from('sound'));
  ledger.removals.begin(old, remote.place, 0);
  engine.start();
  await expect.poll(() => ledger.removals.open(remote.place), patient).toMatchObject([{ key }]);
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
});

const deleteObject = () => Promise.reject(new AppError('delete-denied'));

test('a deletion that is refused leaves nothing to be asked for', async () => {
  await using kept = await openKept();
  const { ledger, key } = kept;
  const remote = { ...kept.remote, deleteObject };
  const removing = removeObject(remote, ledger, key, 0, signal());
  await expect(removing).rejects.toMatchObject({ code: 'delete-denied' });
  expect([kept.state()?.kind, ledger.removals.open(kept.remote.place)]).toEqual(['verified', []]);
});
