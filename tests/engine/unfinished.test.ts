import { CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { endOwed, listUnfinished } from '../../electron/engine/upload/unfinished.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { uploadStore } from '../../electron/engine/store/uploads.ts';
import { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import {
  bioClass,
  countingServer,
  hang,
  openTestEngine,
  randomFile,
  signal,
  toBio,
  unfinishedUploads,
  type TestEngine,
} from '../support/engine.ts';
import { openServer, unavailable, type S3Access } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openSdk } from '../support/sdk-client.ts';

/** An upload that somebody else has open, with one part. */
async function plant(access: S3Access, key: string): Promise<string> {
  using client = openSdk(access);
  const at = { Bucket: access.bucket, Key: key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'theirs' }));
  return UploadId!;
}

const partsOf = (app: TestEngine) => ({
  remote: app.remote,
  jobs: app.engine.jobs,
  uploads: uploadStore(app.home.database, Date.now),
});
const owed = (app: TestEngine, nowMs = Date.now) => ({
  ...partsOf(app),
  uploads: uploadStore(app.home.database, nowMs),
  nowMs,
  log: () => {},
});

/** An engine whose one large file has two of its parts on record, stopped there. */
async function interrupted(s3: S3Access, homePath: string, path: string): Promise<void> {
  await randomFile(path, 20 * MIB);
  await using app = openTestEngine(s3, homePath, {
    quietMs: 30,
    wrap: (remote) => ({
      ...remote,
      putPart: (...args) => (args[2] === 3 ? hang(args[5]) : remote.putPart(...args)),
    }),
  });
  app.engine.uploadNow([path], toBio, signal()).catch(() => {});
  const sent = () =>
    app.engine.jobs
      .list('uploading', 1)
      .map(({ state }) => 'sentBytes' in state && state.sentBytes);
  await expect.poll(sent).toEqual([16 * MIB]);
}

describe.each(['embedded', 'rgw', 'swift'] as const)('on %s', (name) => {
  test.skipIf(unavailable(name))(
    'an upload whose name was never heard is found by its key and ended; those of others stay',
    async () => {
      await using s3 = await openServer(name);
      await using dir = await tempDir();
      const path = join(dir.path, 'a.mp4');
      await randomFile(path, 12 * MIB);
      const theirs = await plant(s3, 'audio/bio-101/theirs.mp4');
      let isLost = false;
      await using app = openTestEngine(s3, dir.path, {
        quietMs: 30,
        random: () => 0,
        wrap: (remote) => ({
          ...remote,
          async createUpload(key, headers, stop) {
            const id = await remote.createUpload(key, headers, stop);
            if (isLost) return id;
            isLost = true;
            // Somebody’s key begins with ours: it is not ours.
            await plant(s3, `${key}.bak`);
            throw new AppError('offline', 'The answer was lost');
          },
        }),
      });
      const [job] = await app.engine.uploadNow([path], toBio, signal());
      if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
      expect(job.state.kind).toBe('verified');
      const others = [`${job.key}.bak`, 'audio/bio-101/theirs.mp4'].toSorted();
      const left = async () => (await unfinishedUploads(s3)).toSorted();
      await expect.poll(left).toEqual(others);
      const { uploads } = await listUnfinished(partsOf(app), signal());
      expect(uploads.filter(({ ours }) => ours)).toEqual([]);
      expect(uploads.map(({ key }) => key).toSorted()).toEqual(others);
      expect(uploads.map(({ uploadId }) => uploadId)).toContain(theirs);
    },
  );
});

test('an upload that could not be ended is owed, shown, and ended by itself when the storage lets us', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'a.mp4');
  await randomFile(path, 12 * MIB);
  let isDenied = true;
  let isChanged = false;
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    abortUpload: (...args) =>
      isDenied
        ? Promise.reject(new AppError('end-denied', 'no AbortMultipartUpload'))
        : remote.abortUpload(...args),
    async putPart(...args) {
      if (!isChanged) await appendFile(path, 'more');
      isChanged = true;
      return remote.putPart(...args);
    },
  });
  {
    await using app = openTestEngine(s3, dir.path, { quietMs: 50, random: () => 0, wrap });
    await app.engine.addFolder(folder.path, bioClass);
    expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 1 });
    expect(await unfinishedUploads(s3)).toHaveLength(1);
    const { uploads } = await listUnfinished(partsOf(app), signal());
    expect(uploads).toMatchObject([{ ours: true, isNeeded: false }]);
    expect(uploadStore(app.home.database, Date.now).rows()).toMatchObject([
      { isOwed: true, code: 'end-denied' },
    ]);
  }
  isDenied = false;
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, wrap });
  app.engine.start();
  await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
  const seen = await listUnfinished(partsOf(app), signal());
  expect(seen.uploads).toEqual([]);
});

test('an upload that a recording goes on with is listed with its bytes and is not ended, until no part was sent for 7 days', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await interrupted(s3, dir.path, path);
  await plant(s3, 'theirs.mp4');
  await using app = openTestEngine(s3, dir.path);
  const listed = () => listUnfinished(partsOf(app), signal());
  const ours = { ours: true, isNeeded: true, bytes: 16 * MIB };
  const theirs = { key: 'theirs.mp4', ours: false, isNeeded: false, bytes: null };
  expect(await endOwed(owed(app), signal())).toEqual({ ended: 0, trouble: undefined });
  expect((await listed()).uploads).toMatchObject([ours, theirs]);
  const sixDays = owed(app, () => Date.now() + 6 * DAY_MS);
  expect(await endOwed(sixDays, signal())).toMatchObject({ ended: 0 });
  const eightDays = owed(app, () => Date.now() + 8 * DAY_MS);
  expect(await endOwed(eightDays, signal())).toMatchObject({ ended: 1 });
  expect((await listed()).uploads).toMatchObject([theirs]);
  // The recording itself is not given up.
  app.engine.queue.start();
  const verified = () => app.engine.jobs.list('verified', 1).length;
  await expect.poll(verified).toBe(1);
  expect(await unfinishedUploads(s3)).toEqual(['theirs.mp4']);
});

test('a cancelled upload is owed even while the storage is away, and ended when it is back', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await interrupted(s3, dir.path, join(dir.path, 'a.mp4'));
  let isAway = true;
  await using app = openTestEngine(s3, dir.path, {
    wrap: (remote) => ({
      ...remote,
      abortUpload: (...args) =>
        isAway ? Promise.reject(new AppError('offline')) : remote.abortUpload(...args),
    }),
  });
  const [job] = app.engine.jobs.list('queued', 1);
  app.engine.jobs.apply(job!.id, [{ type: 'cancelled' }]);
  expect(await endOwed(owed(app), signal())).toMatchObject({
    ended: 0,
    trouble: { code: 'offline' },
  });
  expect(await unfinishedUploads(s3)).toHaveLength(1);
  isAway = false;
  expect(await endOwed(owed(app), signal())).toMatchObject({ ended: 1, trouble: undefined });
  expect(await unfinishedUploads(s3)).toEqual([]);
  // A part that was still on its way may have come after: it is ended once more, and then forgotten.
  const later = owed(app, () => Date.now() + 3_600_000);
  s3.requests.length = 0;
  expect(await endOwed(later, signal())).toMatchObject({ ended: 0 });
  expect(s3.requests.map(({ operation }) => operation)).toEqual(['AbortMultipartUpload']);
  expect(later.uploads.rows()).toEqual([]);
});

test('a list that is refused ends nothing and forgets nothing', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using app = openTestEngine(s3, dir.path, {
    wrap: (remote) => ({
      ...remote,
      listUploads: () => Promise.reject(new AppError('unfinished-denied', 'no list')),
    }),
  });
  const context = owed(app);
  context.uploads.release(context.uploads.opening('audio/bio-101/x.mp4', app.remote.place));
  const again = owed(app, () => Date.now() + DAY_MS);
  for (const parties of [context, again])
    expect(await endOwed(parties, signal())).toMatchObject({
      trouble: { code: 'unfinished-denied' },
    });
  expect(again.uploads.rows()).toMatchObject([{ uploadId: null, code: 'unfinished-denied' }]);
  const { uploads, trouble } = await listUnfinished(partsOf(app), signal());
  expect(uploads).toMatchObject([{ key: 'audio/bio-101/x.mp4', ours: true, isNeeded: false }]);
  expect(trouble?.code).toBe('unfinished-denied');
});

test('what the storage refuses to end once is ended soon after, with nobody asking', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await interrupted(s3, dir.path, join(dir.path, 'a.mp4'));
  let refusals = 0;
  await using app = openTestEngine(s3, dir.path, {
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      abortUpload: (...args) =>
        (refusals += 1) < 3
          ? Promise.reject(new AppError('server-error'))
          : remote.abortUpload(...args),
    }),
  });
  app.engine.queue.setPaused(true);
  app.engine.start();
  const [job] = app.engine.jobs.list('queued', 1);
  app.engine.jobs.apply(job!.id, [{ type: 'cancelled' }]);
  await expect.poll(() => unfinishedUploads(s3), { timeout: 30_000 }).toEqual([]);
  expect(refusals).toBe(3);
});

test('an upload in a bucket that the settings do not name any more is remembered, and ended when they do again', async () => {
  await using before = await countingServer();
  await using now = await countingServer();
  await using dir = await tempDir();
  await interrupted(before, dir.path, join(dir.path, 'a.mp4'));
  {
    await using app = openTestEngine(now, dir.path);
    app.engine.start();
    const verified = () => app.engine.jobs.list('verified', 1).length;
    await expect.poll(verified).toBe(1);
    const later = owed(app, () => Date.now() + DAY_MS);
    expect(await endOwed(later, signal())).toEqual({ ended: 0, trouble: undefined });
    const { uploads } = await listUnfinished(partsOf(app), signal());
    expect(uploads).toMatchObject([{ ours: true, isNeeded: false, bytes: null }]);
    expect(uploads[0]!.elsewhere).toBe(`${before.bucket} at ${before.endpoint}`);
  }
  expect(await unfinishedUploads(before)).toHaveLength(1);
  await using app = openTestEngine(before, dir.path);
  app.engine.start();
  await expect.poll(() => unfinishedUploads(before)).toEqual([]);
});

test('an upload that the storage said it had completed, and had not, is ended once its file is sent anew', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await randomFile(path, 12 * MIB);
  let isLying = true;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      completeUpload(...args) {
        if (!isLying) return remote.completeUpload(...args);
        isLying = false;
        return Promise.resolve();
      },
    }),
  });
  const [job] = await app.engine.uploadNow([path], toBio, signal());
  expect(job).toMatchObject({ state: { kind: 'verified' } });
  await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
});
