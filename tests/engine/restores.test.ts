import { writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { holderFile, tellHolder } from '../../electron/engine/home/news.ts';
import { mustHead } from '../../electron/engine/library/objects.ts';
import { restoreObject, whenReadable } from '../../electron/engine/library/restore.ts';
import { createRestores } from '../../electron/engine/library/restores.ts';
import { historyStore } from '../../electron/engine/store/history.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { restoreStore } from '../../electron/engine/store/restores.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { countingServer, openRemote, signal } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const KEY = 'audio/bio-101/0198a5c0-0000-7000-8000-000000000000.mp3';
const NEVER_MS = 1e9;
const failing = (code: ErrorCode) => () => Promise.reject(new AppError(code));

async function open() {
  const s3 = await countingServer({ restoreMs: NEVER_MS });
  const remote = openRemote(s3);
  const db = openDatabase(':memory:');
  const restores = restoreStore(db);
  const home = await tempDir();
  await writeFile(holderFile(home.path), '');
  const body = Buffer.from('sound');
  const metadata = { original_filename: 'Cells.mp3' };
  const headers = { contentType: 'audio/mpeg', metadata, storageClass: 'GLACIER' } as const;
  await remote.putObject(KEY, body, crc32(body), headers, signal());
  const order = (
    speed: 'bulk' | 'standard' | 'expedited',
    from: Remote = remote,
    ending = signal(),
    days = 1,
  ) =>
    restoreObject({ remote: from, restores, nowMs: Date.now }, { key: KEY, days, speed }, ending);
  return {
    s3,
    remote,
    restores,
    order,
    /** Made readable at once, by somebody else. */
    async comeBack() {
      s3.switches.restoreMs = 0;
      await remote.restoreObject(KEY, { days: 1, speed: 'expedited' }, signal());
    },
    told: () =>
      historyStore(db, Date.now)
        .page(null, 0, 10)
        .map(({ kind, names }) => `${kind} ${names.join()}`),
    /** Another process has written to the ledger. */
    tell: () => tellHolder(home.path),
    watch(from: Remote = remote, nowMs = Date.now) {
      let changes = 0;
      const restored = createRestores({
        remote: from,
        store: restores,
        homePath: home.path,
        nowMs,
        everyMs: () => 20,
        onChange: () => (changes += 1),
        onUnexpected: (error) => {
          throw error;
        },
      });
      restored.start();
      return {
        changes: () => changes,
        restored: restored.restored,
        [Symbol.asyncDispose]: () => restored.stop(),
      };
    },
    [Symbol.asyncDispose]: async () => {
      db.close();
      remote.close();
      await s3[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

test('what was asked for is looked for until it can be read, across a restart and a storage that is away; then it is told', async () => {
  await using on = await open();
  expect(await on.order('bulk')).toEqual({ kind: 'restoring', archive: 'GLACIER' });
  expect(on.restores.open(on.remote.place)).toMatchObject([{ key: KEY, name: 'Cells.mp3' }]);
  expect(on.restores.open('another storage')).toEqual([]);
  {
    await using before = on.watch();
    const looks = on.s3.count('HeadObject');
    await expect.poll(() => on.s3.count('HeadObject')).toBeGreaterThan(looks + 1);
    expect([before.changes(), before.restored()]).toEqual([0, undefined]);
  }
  let failures = 2;
  const head: Remote['head'] = async (...asked) => {
    if ((failures -= 1) >= 0) throw new AppError('offline');
    return on.remote.head(...asked);
  };
  await on.comeBack();
  await using after = on.watch({ ...on.remote, head });
  await expect.poll(after.changes).toBe(1);
  expect(on.told()).toEqual(['restored Cells.mp3']);
  expect(after.restored()).toEqual({ files: 1, name: 'Cells.mp3' });
  expect(on.restores.open(on.remote.place)).toEqual([]);
  const { readability } = await mustHead(on.remote, KEY, signal());
  expect(readability).toMatchObject({ untilMs: on.restores.get(KEY, on.remote.place)?.untilMs });
});

test('to keep it readable for longer is no news; only the end of its copy is another', async () => {
  await using on = await open();
  const { place } = on.remote;
  const longer = (days: number) => on.order('standard', on.remote, signal(), days);
  await on.order('bulk');
  await on.comeBack();
  // Readable by now, but nobody was told: that is still to come.
  await longer(2);
  expect(on.restores.open(place)).toHaveLength(1);
  await using watched = on.watch();
  await expect.poll(watched.restored).toEqual({ files: 1, name: 'Cells.mp3' });
  const before = on.restores.get(KEY, place)!.untilMs!;
  const after = await longer(9);
  expect(on.restores.open(place)).toEqual([]);
  expect(on.restores.get(KEY, place)).toMatchObject({
    untilMs: after.kind === 'restored' && after.untilMs,
  });
  expect(on.restores.get(KEY, place)!.untilMs).toBeGreaterThan(before);
  expect(on.told()).toEqual(['restored Cells.mp3']);
});

test('those that end together are told of together, by the name of the last', async () => {
  await using on = await open();
  await on.order('bulk');
  const other = { key: KEY.replace('000.mp3', '001.mp3'), place: on.remote.place };
  on.restores.begun({ ...other, name: 'Roots.mp3', speed: 'bulk', askedAtMs: Date.now() + 1 });
  await on.comeBack();
  const head: Remote['head'] = (_key, abort) => on.remote.head(KEY, abort);
  await using watched = on.watch({ ...on.remote, head });
  await expect.poll(watched.restored).toEqual({ files: 2, name: 'Roots.mp3' });
  await expect.poll(watched.changes).toBe(1);
  expect(on.restores.open(on.remote.place)).toEqual([]);
});

test('one that somebody else has begun is waited for, too; one that is gone is not, any more', async () => {
  await using on = await open();
  await on.remote.restoreObject(KEY, { days: 1, speed: 'standard' }, signal());
  await expect(on.order('bulk')).rejects.toMatchObject({ code: 'object-restoring' });
  expect(on.restores.open(on.remote.place)).toHaveLength(1);
  await on.remote.deleteObject(KEY, signal());
  await using watched = on.watch();
  await expect.poll(watched.changes).toBe(1);
  expect([on.restores.get(KEY, on.remote.place), on.told()]).toEqual([undefined, []]);
  expect(watched.restored()).toBe(undefined);
});

test('one that may not be looked at keeps no other waiting, and is given up after a week', async () => {
  await using on = await open();
  const refused = { key: 'audio/bio-101/refused.mp3', place: on.remote.place, name: 'Refused.mp3' };
  on.restores.begun({ ...refused, speed: 'standard', askedAtMs: 1 });
  await on.order('bulk');
  await on.comeBack();
  const head: Remote['head'] = (key, abort) =>
    key === refused.key
      ? Promise.reject(new AppError('read-denied', key))
      : on.remote.head(key, abort);
  const isRefusedOpen = () => on.restores.get(refused.key, refused.place) !== undefined;
  {
    await using watched = on.watch({ ...on.remote, head }, () => 2);
    await expect.poll(watched.changes).toBe(1);
    expect(isRefusedOpen()).toBe(true);
  }
  expect(on.told()).toEqual(['restored Cells.mp3']);
  await using _ = on.watch({ ...on.remote, head });
  await expect.poll(isRefusedOpen).toBe(false);
});

test('what another process asks for is followed without a restart', async () => {
  await using on = await open();
  await using watched = on.watch();
  expect(on.s3.count('HeadObject')).toBe(0);
  await on.order('standard');
  await on.comeBack();
  on.tell();
  await expect.poll(watched.changes).toBe(1);
  expect(on.told()).toEqual(['restored Cells.mp3']);
});

test('what was asked for and not answered is waited for, since it is paid for', async () => {
  await using on = await open();
  const restoreLost: Remote['restoreObject'] = async (...asked) => {
    await on.remote.restoreObject(...asked);
    throw new AppError('offline');
  };
  await expect(
    on.order('standard', { ...on.remote, restoreObject: restoreLost }),
  ).rejects.toMatchObject({ code: 'offline' });
  expect(on.restores.open(on.remote.place)).toMatchObject([{ key: KEY }]);
});

test('what was asked for and not waited for any more is on record, since it is paid for', async () => {
  await using on = await open();
  const ending = new AbortController();
  const restoreEnded: Remote['restoreObject'] = async (...asked) => {
    await on.remote.restoreObject(...asked);
    ending.abort(new Error('The library closes'));
    throw ending.signal.reason;
  };
  const from = { ...on.remote, restoreObject: restoreEnded };
  await expect(on.order('standard', from, ending.signal)).rejects.toThrow('The library closes');
  expect(on.restores.open(on.remote.place)).toMatchObject([{ key: KEY }]);
});

test('a storage that does not say at once that it has begun is given ten minutes', async () => {
  await using on = await open();
  const { place } = on.remote;
  const isOpen = () => on.restores.get(KEY, place) !== undefined;
  on.restores.begun({ key: KEY, place, name: 'Cells.mp3', speed: 'bulk', askedAtMs: Date.now() });
  {
    await using _ = on.watch();
    await expect.poll(() => on.s3.count('HeadObject')).toBeGreaterThan(2);
    expect(isOpen()).toBe(true);
  }
  await using _ = on.watch(on.remote, () => Date.now() + 11 * 60_000);
  await expect.poll(isOpen).toBe(false);
  expect(on.told()).toEqual([]);
});

test('one whose copy has ended is forgotten', async () => {
  await using on = await open();
  const { place } = on.remote;
  await on.order('bulk');
  const [restore] = on.restores.open(place);
  on.restores.readable(restore!, Date.now() + 60_000, Date.now());
  {
    await using _ = on.watch();
    expect(on.restores.get(KEY, place)).toBeDefined();
  }
  await using _ = on.watch(on.remote, () => Date.now() + 120_000);
  await expect.poll(() => on.restores.get(KEY, place)).toBeUndefined();
});

test('trouble of the storage is not taken for a recording that can be read', async () => {
  await using on = await open();
  await expect(
    on.order('standard', { ...on.remote, read: failing('offline') }),
  ).rejects.toMatchObject({
    code: 'offline',
  });
  expect(await on.order('standard', { ...on.remote, read: failing('read-denied') })).toMatchObject({
    kind: 'restoring',
  });
});

test('who waits for it at the command line hears when it can be read, or that it cannot', async () => {
  await using on = await open();
  await expect(whenReadable(on.remote, KEY, 20, signal())).rejects.toMatchObject({
    code: 'object-archived',
  });
  await on.order('standard');
  const waiting = whenReadable(on.remote, KEY, 20, signal());
  const looks = on.s3.count('HeadObject');
  await expect.poll(() => on.s3.count('HeadObject')).toBeGreaterThan(looks + 1);
  await on.comeBack();
  expect(await waiting).toMatchObject({ kind: 'restored' });
  // A storage that does not say at once that it has begun.
  let isLate = true;
  const head: Remote['head'] = async (...asked) => {
    const info = await on.remote.head(...asked);
    if (!isLate || info === undefined) return info;
    isLate = false;
    return { ...info, readability: { kind: 'archived', archive: 'GLACIER' } };
  };
  expect(await whenReadable({ ...on.remote, head }, KEY, 20, signal())).toMatchObject({
    kind: 'restored',
  });
});
