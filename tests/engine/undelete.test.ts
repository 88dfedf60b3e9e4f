/** @file The way back from a deletion in a bucket that keeps versions. */
import { expect, test } from 'vitest';
import { bringAllBack, bringBack } from '../../electron/engine/library/bring-back.ts';
import { deletedNames, deletedPage, someDeleted } from '../../electron/engine/library/deleted.ts';
import type { Remote, VersionMark } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { put } from '../remote/port.ts';
import { countingServer, keysOf, objectBytes, openRemote, signal } from '../support/engine.ts';
import { clientOf, openKept } from '../support/kept.ts';

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

test('a deleted recording is listed as it was and comes back whole: in the index, the ledger, its links and the history', async () => {
  await using kept = await openKept();
  const { remote, key, ledger, engine, client, s3 } = kept;
  const before = await objectBytes(remote, key);
  const [version] = await client.versions();
  await kept.remove();
  expect([await keysOf(remote), kept.state(), kept.linkState()]).toEqual([
    [],
    { kind: 'dropped', why: 'deleted' },
    'dead',
  ]);
  const { deleted } = await deletedPage(remote, 'audio/bio-101/', undefined, signal());
  expect(deleted).toMatchObject([
    { key, sizeBytes: 100_000, storedAtMs: version!.LastModified!.getTime() },
  ]);
  expect(Math.abs(deleted[0]!.deletedAtMs - Date.now())).toBeLessThan(60_000);

  s3.requests.length = 0;
  await bringBack(remote, ledger, key, signal());
  expect((await objectBytes(remote, key)).equals(before)).toBe(true);
  expect((await client.versions()).map(({ VersionId }) => VersionId)).toEqual([version!.VersionId]);
  expect(kept.state()).toMatchObject({ kind: 'verified', proof: 'checksum' });
  expect(kept.linkState()).toBe('live');
  expect(ledger.objects.get(key)).toMatchObject({ sizeBytes: 100_000, name: 'Cells.mp3' });
  expect(kept.told().slice(0, 2)).toEqual(['returned', 'deleted']);
  expect((await deletedPage(remote, '', undefined, signal())).deleted).toEqual([]);
  await engine.syncOnce(signal());
  expect(s3.count('PutObject')).toBe(0);

  await bringBack(remote, ledger, key, signal());
  expect(kept.told().filter((kind) => kind === 'returned')).toHaveLength(1);
  expect(s3.count('DeleteObject')).toBe(1);
});

test('what was deleted twice lies below two markers, and comes back all the same', async () => {
  await using kept = await openKept();
  await kept.remove();
  await kept.remote.deleteObject(kept.key, signal());
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect(await keysOf(kept.remote)).toEqual([kept.key]);
});

test('what no checksum of the storage shows is looked at by the queue, and not sent', async () => {
  await using kept = await openKept((remote) => ({
    ...remote,
    head: async (...asked) => {
      const info = await remote.head(...asked);
      return info && { ...info, crc32: undefined };
    },
  }));
  await kept.remove();
  kept.engine.queue.setPaused(true);
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect(kept.state()).toMatchObject({ kind: 'uploaded' });
  kept.s3.requests.length = 0;
  kept.engine.queue.setPaused(false);
  await kept.engine.queue.idle(0, signal());
  expect(kept.state()).toMatchObject({ kind: 'verified' });
  expect(kept.s3.count('PutObject')).toBe(0);
});

test('an object that is not this job’s own brings no job back', async () => {
  await using kept = await openKept((remote) => ({
    ...remote,
    head: async (...asked) => {
      const info = await remote.head(...asked);
      return info && { ...info, metadata: { ...info.metadata, upload_token: 'another' } };
    },
  }));
  await kept.remove();
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect(kept.state()).toEqual({ kind: 'dropped', why: 'deleted' });
  expect(kept.told()[0]).toBe('returned');
});

test('a version that is written while its marker is taken away stays', async () => {
  await using kept = await openKept((remote) => ({
    ...remote,
    async removeMarker(key, versionId, abort) {
      await put(remote, key, Buffer.from('written meanwhile'));
      return remote.removeMarker(key, versionId, abort);
    },
  }));
  await kept.remove();
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect((await objectBytes(kept.remote, kept.key)).toString()).toBe('written meanwhile');
  expect(await kept.client.versions()).toHaveLength(2);
});

test('a marker without a number of its own is left to an admin, since a recording may have that number', async () => {
  await using kept = await openKept();
  await kept.client.setVersioning('Suspended');
  await kept.remove();
  kept.s3.requests.length = 0;
  expect(await codeOf(bringBack(kept.remote, kept.ledger, kept.key, signal()))).toBe(
    'only-in-console',
  );
  await expect(kept.remote.removeMarker(kept.key, 'null', signal())).rejects.toThrow(/number/);
  await expect(kept.remote.removeMarker(kept.key, '', signal())).rejects.toThrow(/number/);
  expect(kept.s3.count('DeleteObject')).toBe(0);
  expect(await kept.client.versions()).toHaveLength(1);
  expect((await deletedPage(kept.remote, '', undefined, signal())).deleted).toHaveLength(1);
});

test('an answer that was lost does not hide that it is back', async () => {
  await using kept = await openKept();
  await kept.remove();
  kept.s3.switches.lost = ['DeleteObject'];
  await bringBack(kept.remote, kept.ledger, kept.key, signal());
  expect(kept.state()).toMatchObject({ kind: 'verified' });
});

test('what is refused is named, and nothing is told as back', async () => {
  await using kept = await openKept();
  const { remote, ledger, key, s3 } = kept;
  expect(await codeOf(bringBack(remote, ledger, 'audio/bio-101/none.mp3', signal()))).toBe(
    'nothing-kept',
  );
  await kept.remove();
  s3.switches.denied = ['ListObjectVersions'];
  expect(await codeOf(deletedPage(remote, '', undefined, signal()))).toBe('versions-denied');
  s3.switches.denied = ['DeleteObject'];
  expect(await codeOf(bringAllBack(remote, ledger, [key, 'other'], signal()))).toBe(
    'bring-back-denied',
  );
  s3.switches.denied = [];
  expect(ledger.returns.open(remote.place)).toEqual([]);
  expect([kept.state(), kept.linkState()]).toEqual([{ kind: 'dropped', why: 'deleted' }, 'dead']);
  expect(await bringAllBack(remote, ledger, [key, 'other'], signal())).toEqual({
    restored: [key],
    isAllowed: true,
    failed: [{ key: 'other', code: 'nothing-kept' }],
    left: [],
  });
  // It is there: nothing was to be taken away, which shows nothing of what this account may.
  expect(await bringAllBack(remote, ledger, [key], signal())).toMatchObject({
    restored: [key],
    isAllowed: false,
  });
  s3.switches.missing = ['ListObjectVersions'];
  expect(await codeOf(deletedPage(remote, '', undefined, signal()))).toBe('not-supported');
});

const keyOf = (n: number) => `audio/bio-101/${n}.mp3`;

/** Deleted ones among others, some with more than one version, and a marker with nothing below it. */
async function openMixed() {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const client = stack.use(clientOf(s3));
  const remote = stack.use(openRemote(s3));
  await client.setVersioning('Enabled');
  for (const n of [1, 2, 3, 4, 5]) await put(remote, keyOf(n), Buffer.alloc(n));
  for (const n of [2, 3, 5]) await remote.deleteObject(keyOf(n), signal());
  await put(remote, keyOf(3), Buffer.alloc(33));
  for (const n of [3, 3, 6]) await remote.deleteObject(keyOf(n), signal());
  return { s3, remote, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test.each([1, 2, 3, 4, 7, 1_000])(
  'with pages of %i each deleted object is found once, with its newest version',
  async (size) => {
    await using mixed = await openMixed();
    const remote: Remote = {
      ...mixed.remote,
      listVersions: (prefix, _max, from, abort) =>
        mixed.remote.listVersions(prefix, size, from, abort),
    };
    const found: string[] = [];
    let from: VersionMark | undefined;
    do {
      const page = await someDeleted(remote, 'audio/', from, { enough: 1, pages: 2 }, signal());
      found.push(...page.deleted.map(({ key, sizeBytes }) => `${key} ${sizeBytes}`));
      from = page.next;
    } while (from !== undefined);
    expect(found).toEqual([
      'audio/bio-101/2.mp3 2',
      'audio/bio-101/3.mp3 33',
      'audio/bio-101/5.mp3 5',
    ]);
    expect((await deletedPage(remote, 'audio/chem', undefined, signal())).deleted).toEqual([]);
  },
);

test('a name that the ledger does not know is the one that it was stored with, where that may be read', async () => {
  await using mixed = await openMixed();
  const { deleted } = await deletedPage(mixed.remote, '', undefined, signal());
  const names = (nameOf: (key: string) => string | null) =>
    deletedNames(mixed.remote, nameOf, deleted, signal());
  const [first, ...others] = deleted.map(({ key }) => key);
  expect([...(await names((key) => (key === first ? 'Ours.mp3' : null)))]).toEqual([
    [first, 'Ours.mp3'],
    ...others.map((key) => [key, 'Économie – week 1.mp3']),
  ]);
  mixed.s3.switches.denied = ['HeadObject', 'GetObject'];
  expect([...(await names(() => null))]).toEqual([]);
});
