/** @file What happens meanwhile to the way back from a deletion, and what was brought back by somebody else. */
import { copyFile, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { bringBack } from '../../electron/engine/library/bring-back.ts';
import { deletedObject, keepsVersions } from '../../electron/engine/library/deleted.ts';
import { createReturns } from '../../electron/engine/library/returns.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { put } from '../remote/port.ts';
import { keysOf, objectBytes, openRemote, signal, toBio } from '../support/engine.ts';
import { openKept } from '../support/kept.ts';

const deleted = { kind: 'dropped', why: 'deleted' };

/** An admin does it, in the storage's console. */
async function bringBackElsewhere(remote: Remote, key: string): Promise<void> {
  const { markerId } = (await deletedObject(remote, key, signal()))!;
  await remote.removeMarker(key, markerId, signal());
}

test('an end that comes when its marker is gone comes too late: what is back is noted as such', async () => {
  const ending = new AbortController();
  await using kept = await openKept((remote) => ({
    ...remote,
    async removeMarker(...asked) {
      await remote.removeMarker(...asked);
      ending.abort(new Error('The library closes'));
    },
  }));
  await kept.remove();
  await bringBack(kept.remote, kept.ledger, kept.key, ending.signal);
  expect([kept.state()?.kind, kept.linkState()]).toEqual(['verified', 'live']);
  expect(kept.ledger.returns.open(kept.remote.place)).toEqual([]);
  expect(kept.told()[0]).toBe('returned');
});

test('an end that comes before leaves its marker where it is', async () => {
  const ending = new AbortController();
  await using kept = await openKept((remote) => ({
    ...remote,
    async listVersions(...asked) {
      ending.abort(new Error('The library closes'));
      return remote.listVersions(...asked);
    },
  }));
  await kept.remove();
  const back = bringBack(kept.remote, kept.ledger, kept.key, ending.signal);
  await expect(back).rejects.toThrow('The library closes');
  expect([await keysOf(kept.remote), kept.state(), kept.linkState()]).toEqual([
    [],
    deleted,
    'dead',
  ]);
});

test.each([
  'it is looked at',
  'its marker’s removal is answered',
  'another marker below is looked for',
])('where the line is lost before %s, no link that works is called dead', async (when) => {
  let isAway = false;
  const orAway = <T>(work: () => Promise<T>) =>
    isAway ? Promise.reject(new AppError('offline')) : work();
  await using kept = await openKept((remote) => ({
    ...remote,
    async removeMarker(...asked) {
      await remote.removeMarker(...asked);
      isAway = true;
      if (when === 'its marker’s removal is answered') throw new AppError('offline');
    },
    listVersions: (...asked) => {
      // The look after the removal shows that no other marker is there.
      const isLater = when === 'it is looked at';
      return isLater ? remote.listVersions(...asked) : orAway(() => remote.listVersions(...asked));
    },
    head: (...asked) => orAway(() => remote.head(...asked)),
  }));
  await kept.remove();
  await expect(bringBack(kept.remote, kept.ledger, kept.key, signal())).rejects.toMatchObject({
    code: 'offline',
  });
  expect(kept.linkState()).toBe('live');
  isAway = false;
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect(kept.state()).toMatchObject({ kind: 'verified' });
});

test('what a kill has left unsaid when its marker was gone is noted at the next start', async () => {
  const killed = Promise.withResolvers<void>();
  await using kept = await openKept((remote) => ({
    ...remote,
    async removeMarker(...asked) {
      await remote.removeMarker(...asked);
      killed.resolve();
      return new Promise<never>(() => {});
    },
  }));
  const { engine, remote, ledger, key } = kept;
  await kept.remove();
  void bringBack(remote, ledger, key, signal());
  await killed.promise;
  expect([kept.state(), kept.linkState()]).toEqual([deleted, 'dead']);
  // Of one whose marker is still there nobody knows how its bringing back will end.
  ledger.returns.begin('audio/bio-101/other.mp3', remote.place, Date.now());
  ledger.returns.begin('audio/bio-101/of-old.mp3', remote.place, 0);
  engine.start();
  await expect.poll(kept.state).toMatchObject({ kind: 'verified' });
  await expect
    .poll(() => ledger.returns.open(remote.place))
    .toMatchObject([{ key: 'audio/bio-101/other.mp3' }]);
  expect([kept.linkState(), kept.told()[0], ledger.objects.get(key)?.name]).toEqual([
    'live',
    'returned',
    'Cells.mp3',
  ]);
});

test('what was left unsaid is noted once there is a network, also where there was none at the start', async () => {
  let failures = 0;
  await using kept = await openKept((remote) => ({
    ...remote,
    async head(...asked) {
      if ((failures -= 1) >= 0) throw new AppError('offline');
      return remote.head(...asked);
    },
  }));
  const { engine, database, remote, ledger, key } = kept;
  await kept.remove();
  ledger.returns.begin(key, remote.place, Date.now());
  await bringBackElsewhere(remote, key);
  failures = 2;
  const said: string[] = [];
  const log = (_level: string, message: string) => void said.push(message);
  const options = { database, remote, nowMs: Date.now, log, againMs: 20 };
  const returns = createReturns(options, engine.jobs, () => {});
  // Whoever waits for it does not wait for the network.
  await returns.settle();
  expect([kept.state(), failures]).toEqual([deleted, 1]);
  await expect.poll(kept.state).toMatchObject({ kind: 'verified' });
  expect([kept.linkState(), said]).toEqual([
    'live',
    ['What was deleted or brought back is asked for later'],
  ]);
  await returns.stop();
});

test('a storage that shows it a little later is asked again', async () => {
  let isLate = true;
  await using kept = await openKept((remote) => ({
    ...remote,
    async head(...asked) {
      if (!isLate) return remote.head(...asked);
      isLate = false;
      return undefined;
    },
  }));
  await kept.remove();
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect(kept.state()).toMatchObject({ kind: 'verified' });
});

/** A storage that keeps no checksum of the whole. */
const withoutChecksum = (remote: Remote): Remote => ({
  ...remote,
  async head(...asked) {
    const info = await remote.head(...asked);
    return info && { ...info, crc32: undefined };
  },
});

test.each([
  ['once its checksum shows it', (remote: Remote) => remote],
  ['once it was read back', withoutChecksum],
])(
  'a file with the same bytes, for which nothing was sent, is stored again with it %s',
  async (_, wrap) => {
    await using kept = await openKept(wrap);
    const { engine, key, path } = kept;
    const copy = path.replace('Cells', 'Copy');
    await copyFile(path, copy);
    await engine.uploadNow([copy], toBio, signal());
    const shared = () =>
      engine.jobs.ofPath(copy).map((job) => ({ state: job.state, key: job.key }));
    const asBefore = [{ state: { proof: 'same-bytes', sameAs: key }, key }];
    expect(shared()).toMatchObject(asBefore);
    await kept.remove();
    expect(shared()).toEqual([{ state: deleted, key: undefined }]);
    kept.s3.requests.length = 0;
    await bringBack(kept.remote, kept.ledger, key, signal());
    engine.queue.pump();
    await expect.poll(shared).toMatchObject(asBefore);
    expect(kept.s3.count('PutObject')).toBe(0);
  },
);

test.each([
  ['at once', (remote: Remote) => remote],
  ['by the queue', withoutChecksum],
])('what comes back damaged, as is seen %s, is sent again from its file', async (_, wrap) => {
  await using kept = await openKept(wrap);
  const { engine, remote, key, path } = kept;
  await kept.client.damage(key);
  await kept.remove();
  await bringBack(remote, kept.ledger, key, signal());
  engine.queue.pump();
  await expect.poll(kept.state).toMatchObject({ kind: 'verified' });
  const { key: again } = kept.job()!;
  expect(again).not.toBe(key);
  expect(await objectBytes(remote, again!)).toEqual(await readFile(path));
  // What was brought back stays as it is.
  expect(await objectBytes(remote, key)).toEqual(Buffer.alloc(100_000));
});

test('what somebody deletes once more before it was looked at is left to a person, and not sent again', async () => {
  await using kept = await openKept(withoutChecksum);
  const { engine, remote, key, s3 } = kept;
  await kept.remove();
  engine.queue.setPaused(true);
  await bringBack(remote, kept.ledger, key, signal());
  expect(kept.state()).toMatchObject({ kind: 'uploaded' });
  await remote.deleteObject(key, signal());
  s3.requests.length = 0;
  engine.queue.setPaused(false);
  await expect.poll(kept.state, { timeout: 25_000 }).toMatchObject({
    kind: 'failed',
    code: 'object-missing',
    stored: false,
  });
  expect(s3.count('PutObject')).toBe(0);
});

test('what was brought back elsewhere is not sent a second time when its file is handed over', async () => {
  await using kept = await openKept();
  const { engine, remote, key, path, s3 } = kept;
  await kept.remove();
  await bringBackElsewhere(remote, key);
  s3.requests.length = 0;
  expect(await engine.uploadNow([path], toBio, signal())).toMatchObject([
    { key, state: { kind: 'verified' } },
  ]);
  expect([await keysOf(remote), s3.count('PutObject'), kept.linkState()]).toEqual([
    [key],
    0,
    'live',
  ]);
});

test('what may not be looked at is back all the same, and is told of', async () => {
  await using kept = await openKept((remote) => ({
    ...remote,
    head: () => Promise.reject(new AppError('read-denied')),
  }));
  await kept.remove();
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect([kept.linkState(), kept.told()[0]]).toEqual(['live', 'returned']);
  expect(kept.ledger.objects.get(kept.key)).toMatchObject({ sizeBytes: 100_000 });
  // Whether it is what was sent, nobody has seen.
  expect(kept.state()).toEqual(deleted);
});

test('what has another object at its key by now is sent again when its file is handed over', async () => {
  await using kept = await openKept();
  const { engine, remote, key, path } = kept;
  await kept.remove();
  await put(remote, key, Buffer.from('of somebody else'));
  const [again] = await engine.uploadNow([path], toBio, signal());
  if (!again || again instanceof Error) throw new Error(`Not uploaded: ${String(again)}`);
  expect(again.key).not.toBe(key);
  expect([again.state.kind, kept.linkState()]).toEqual(['verified', 'dead']);
});

test('what is deleted still is sent again when its file is handed over', async () => {
  await using kept = await openKept();
  const { engine, remote, key, path } = kept;
  await kept.remove();
  const [again] = await engine.uploadNow([path], toBio, signal());
  if (!again || again instanceof Error) throw new Error(`Not uploaded: ${String(again)}`);
  expect(again.state).toMatchObject({ kind: 'verified' });
  expect(await keysOf(remote)).toEqual([again.key]);
  expect(again.key).not.toBe(key);
  expect(kept.linkState()).toBe('dead');
});

test('a storage that does not tell whether it keeps versions may all the same', async () => {
  await using kept = await openKept();
  kept.s3.switches.missing = ['GetBucketVersioning'];
  using remote = openRemote(kept.s3);
  expect(await keepsVersions(remote, signal())).toBe('unknown');
});
