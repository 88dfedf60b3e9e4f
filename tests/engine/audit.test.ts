import { mkdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { runAudit } from '../../electron/engine/audit/audit-run.ts';
import { settleGone } from '../../electron/engine/audit/gone.ts';
import { auditStore } from '../../electron/engine/store/audits.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { auditAlarm, auditReasons } from '../../shared/audit.ts';
import { AppError } from '../../shared/errors.ts';
import { look, withUploads } from '../support/audited.ts';
import { randomFile } from '../support/engine.ts';
import { openHungShare, whyNoHungShare } from '../support/hung-share.ts';
import { tempDir } from '../support/temp-dir.ts';

const soon = () => AbortSignal.timeout(60_000);

test('each kind of difference between disk, ledger and bucket gets its own verdict', async () => {
  const names = ['same', 'gone-there', 'gone-here', 'gone', 'edited', 'damaged', 'rerecorded'];
  await using t = await withUploads(names.map((name) => `${name}.mp4`));
  const { app, folder, keyOf } = t;
  for (const name of ['gone-there.mp4', 'gone.mp4'])
    await app.remote.deleteObject(keyOf(name), soon());
  for (const name of ['gone-here.mp4', 'gone.mp4']) await rm(join(folder, name));
  await randomFile(join(folder, 'rerecorded.mp4'), 30_000);
  await app.engine.syncOnce(soon());
  await truncate(join(folder, 'edited.mp4'), 10_000);
  // The same size and name, other bytes: only its checksum and token tell.
  const headers = { contentType: 'video/mp4', metadata: {} };
  await app.remote.deleteObject(keyOf('damaged.mp4'), soon());
  const put = (key: string, bytes: Buffer) =>
    app.remote.putObject(key, bytes, crc32(bytes), headers, soon());
  await put(keyOf('damaged.mp4'), Buffer.alloc(20_000));
  await randomFile(join(folder, 'new.mp4'), 5_000);
  await put('elsewhere/theirs.bin', Buffer.from('x'));

  // The listing alone sees sizes, and says no more than that.
  expect((await look(app, 'list')).byName).toMatchObject({
    'damaged.mp4': 'equal',
    'gone-there.mp4': 'missing-in-bucket',
  });
  const { byName, totals } = await look(app, 'head');
  expect(byName).toMatchObject({
    'same.mp4': 'equal',
    'gone-there.mp4': 'missing-in-bucket',
    'gone-here.mp4': 'missing-on-disk',
    'gone.mp4': 'missing-everywhere',
    'edited.mp4': 'changed-on-disk',
    'damaged.mp4': 'differs-in-bucket',
    'new.mp4': 'not-in-ledger',
    'theirs.bin': 'only-in-bucket',
  });
  expect(totals).toMatchObject({ equal: 2, 'older-version': 1 });
}, 120_000);

test('bytes that changed under the same size and time are found by reading, and only then', async () => {
  await using t = await withUploads(['a.mp4']);
  const path = join(t.folder, 'a.mp4');
  const { atime, mtime } = await stat(path);
  await writeFile(path, Buffer.alloc(20_000, 7));
  await utimes(path, atime, mtime);
  // Times are kept to the nanosecond, which `utimes` cannot put back: the ledger is told the new one.
  const now = await stat(path, { bigint: true });
  t.app.home.database.prepare('UPDATE jobs SET mtime_ns = ?').run(String(now.mtimeNs));
  expect((await look(t.app, 'head')).byName).toEqual({ 'a.mp4': 'equal' });
  expect((await look(t.app, 'full')).byName).toEqual({ 'a.mp4': 'changed-on-disk' });
});

test('a folder that is away is "not connected", never missing', async () => {
  await using t = await withUploads(['a.mp4', 'b.mp4']);
  await rename(t.folder, `${t.folder}-away`);
  const { totals } = await look(t.app, 'head');
  expect(totals).toEqual({ 'not-connected': 3 });
});

test('what cannot be listed is an error, what a listing leaves out is asked for: neither is "missing"', async () => {
  await using t = await withUploads(['a.mp4', 'b.mp4']);
  const { remote } = t.app;
  const refused = {
    ...remote,
    bucket: remote.bucket,
    list: () => Promise.reject(new AppError('list-denied')),
  };
  const before = await look(t.app, 'head');
  await expect(look(t.app, 'head', refused)).rejects.toMatchObject({ code: 'list-denied' });
  // What the last whole audit found is still there.
  expect(auditStore(t.app.home.database).last()).toMatchObject({ totals: before.totals });
  const empty = {
    ...remote,
    bucket: remote.bucket,
    list: () => Promise.resolve({ objects: [], next: undefined }),
  };
  for (const level of ['list', 'head'] as const)
    expect((await look(t.app, level, empty)).totals).toEqual({ equal: 2 });
  const hidden = new Set(['a.mp4', 'b.mp4'].map(t.keyOf));
  const late: Remote = {
    ...empty,
    head: (key, ...asked) =>
      hidden.delete(key) ? Promise.resolve(undefined) : remote.head(key, ...asked),
  };
  expect((await look(t.app, 'list', late)).totals).toEqual({ equal: 2 });
  const cut = {
    ...remote,
    bucket: remote.bucket,
    head: () => Promise.reject(new AppError('offline')),
  };
  await expect(look(t.app, 'head', cut)).rejects.toMatchObject({ code: 'offline' });
});

test('a bucket that was emptied raises an alarm; one lost file among many does not', async () => {
  await using t = await withUploads(['a.mp4', 'b.mp4', 'c.mp4']);
  await t.app.remote.deleteObject(t.keyOf('a.mp4'), soon());
  expect(auditAlarm((await look(t.app, 'head')).totals)).toBeUndefined();
  for (const name of ['b.mp4', 'c.mp4']) await t.app.remote.deleteObject(t.keyOf(name), soon());
  expect(auditAlarm((await look(t.app, 'head')).totals)).toMatch(
    /^3 stored recordings are no longer in the storage\. Delete nothing/,
  );
  expect(auditAlarm({ 'missing-in-bucket': 57, equal: 4_000 })).toMatch(/^57 stored recordings/);
});

const numbered = (n: number) =>
  `audio/bio-101/01900000-0000-7000-8000-${String(n).padStart(12, '0')}.mp4`;

test('30,000 recordings are compared a page at a time', async () => {
  await using dir = await tempDir();
  const database = openDatabase(join(dir.path, 'ledger.db'));
  const count = 30_000;
  const insert = database.prepare(
    `INSERT INTO jobs (path, size_bytes, mtime_ns, name, content_type, destination, key, token, state, kind, created_at_ms, updated_at_ms)
     VALUES (?, 1, '1', 'n', 't', '{"kind":"audio","classId":"bio-101","userId":"u"}', ?, 't', ?, 'verified', 1, 1)`,
  );
  const verified = JSON.stringify({ kind: 'verified', proof: 'checksum', verifiedAtMs: 1 });
  await mkdir(join(dir.path, 'r'));
  database.transaction(() => {
    for (let n = 0; n < count; n += 1)
      insert.run(join(dir.path, 'r', `${n}`), numbered(n), verified);
  })();
  let held = 0;
  let most = 0;
  const remote = {
    list: async (_prefix: string, maxKeys: number, next: string | undefined) => {
      const from = Number(next ?? 0);
      const objects = Array.from({ length: Math.min(maxKeys, count - from) }, (_, n) => ({
        key: numbered(from + n),
        sizeBytes: 1,
        lastModifiedMs: 1,
        storageClass: null,
      }));
      held += objects.length;
      most = Math.max(most, held);
      return { objects, next: from + maxKeys < count ? String(from + maxKeys) : undefined };
    },
  } as unknown as Remote;
  let looked = 0;
  const { totals } = await runAudit(
    { database, remote, jobs: jobStore(database, Date.now), folders: [] },
    'list',
    Date.now,
    () => {
      looked += 1;
      held -= 1;
    },
    soon(),
  );
  expect({ totals, looked }).toEqual({ totals: { 'missing-on-disk': count }, looked: count });
  expect(most).toBeLessThanOrEqual(3_000);
  database.close();
}, 120_000);

test('what is gone is settled as far as the storage answers: the first trouble is told, and no more is asked for', async () => {
  await using t = await withUploads(['a.mp4', 'b.mp4']);
  const { database } = t.app.home;
  const { jobs, queue } = t.app.engine;
  queue.setPaused(true); // What is to be sent again is seen before it is.
  const [a, b] = [t.keyOf('a.mp4'), t.keyOf('b.mp4')];
  for (const key of [a, b]) await t.app.remote.deleteObject(key, soon());
  const asked: string[] = [];
  const failing: Remote = {
    ...t.app.remote,
    async head(key, signal) {
      asked.push(key);
      if (key === b) throw new AppError('offline');
      return t.app.remote.head(key, signal);
    },
  };
  const settle = (remote: Remote, keys: readonly string[]) =>
    settleGone(
      {
        remote,
        jobs,
        links: linkStore(database),
        objects: objectIndex(database),
        nowMs: Date.now,
      },
      keys,
      'missing-in-bucket',
      true,
      soon(),
    );
  const kindOf = (key: string) => jobs.ofObject(key).map(({ state }) => state.kind);
  const others = Array.from({ length: 40 }, (_, n) => numbered(n));
  await expect(settle(failing, [a, b, ...others])).rejects.toMatchObject({ code: 'offline' });
  expect(asked.length).toBeLessThan(others.length);
  expect([kindOf(a), kindOf(b)]).toEqual([[], ['verified']]);
  expect(jobs.list('queued', 5)).toMatchObject([{ name: 'a.mp4' }]);
  expect(await settle(t.app.remote, [b])).toEqual({ settled: 1, there: 0 });
  expect(jobs.list('queued', 5)).toHaveLength(2);
});

test('what is on a share that stops answering is not connected, and keeps nothing else from it', async ({
  skip,
}) => {
  const missing = whyNoHungShare();
  skip(missing !== undefined, missing);
  const away = [1, 2, 3, 4, 5].map((n) => `${n}.mp4`);
  await using t = await withUploads([...away, '6.mp4']);
  await using share = await openHungShare();
  for (const name of away) await rm(join(t.folder, name));
  t.app.home.database
    .prepare(`UPDATE jobs SET device = 'share', path = ? || name WHERE name <> '6.mp4'`)
    .run(`${share.path}/`);
  const { byName } = await look(t.app, 'list');
  const unseen = Object.fromEntries(away.map((name) => [name, 'not-connected']));
  expect(byName).toEqual({ ...unseen, '6.mp4': 'equal' });
});

test('every reason has its mark, its title and what to do', () => {
  const { equal, ...others } = auditReasons;
  expect(equal).toMatchObject({ verdict: '=', todo: '' });
  for (const { title, todo } of Object.values(others))
    expect([title, todo]).toEqual([expect.stringMatching(/^[A-Z]/), expect.stringMatching(/\.$/)]);
});
