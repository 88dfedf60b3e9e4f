import { createHash } from 'node:crypto';
import { open, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { jobStore, type Job } from '../../electron/engine/store/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import {
  countingServer,
  hang,
  keysOf,
  objectBytes,
  openRemote,
  openTestEngine,
  randomFile,
  toBio,
  unfinishedUploads,
  type Counted,
} from '../support/engine.ts';
import { openServer, unavailable, type S3Access } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const FILE_BYTES = 20 * MIB; // Three parts: 8 + 8 + 4 MiB.

/** Parts from this number on never arrive: a power cut after the others did. */
const cutBefore = (number: number) => (remote: Remote) => ({
  ...remote,
  putPart: (...args: Parameters<Remote['putPart']>) =>
    args[2] >= number ? hang(args[5]) : remote.putPart(...args),
});

/** Uploads until two parts of the file are on record, then stops. */
async function uploadInterrupted(s3: S3Access, homePath: string, path: string): Promise<Job> {
  await using app = openTestEngine(s3, homePath, { quietMs: 30, wrap: cutBefore(3) });
  const stopped = AbortSignal.timeout(50_000);
  app.engine.uploadNow([path], toBio, stopped).catch(() => {});
  const job = () => app.engine.jobs.list(undefined, 1)[0];
  const sent = () => {
    const state = job()?.state;
    return state?.kind === 'uploading' ? state.sentBytes : 0;
  };
  await expect.poll(sent).toBe(16 * MIB);
  await app.engine.stop();
  expect(job()?.state).toMatchObject({
    kind: 'queued',
    attempts: 0,
    upload: { partBytes: 8 * MIB },
  });
  return job()!;
}

/** Opens a new engine on the same home and waits until the file is verified. */
async function finish(
  s3: S3Access & Partial<Counted>,
  homePath: string,
  wrap?: (remote: Remote) => Remote,
): Promise<{ job: Job; bytes: Buffer; keys: string[] }> {
  s3.requests?.splice(0);
  await using app = openTestEngine(s3, homePath, { random: () => 0, ...(wrap ? { wrap } : {}) });
  app.engine.queue.start();
  const job = () => app.engine.jobs.list('verified', 1)[0];
  await expect.poll(job).toBeDefined();
  return {
    job: job()!,
    bytes: await objectBytes(app.remote, job()!.key!),
    keys: await keysOf(app.remote),
  };
}

test('a resumed upload sends only the parts that the storage does not hold, and the bytes match', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, FILE_BYTES);
  const before = await uploadInterrupted(s3, dir.path, path);
  const after = await finish(s3, dir.path);
  expect(after.bytes.equals(bytes)).toBe(true);
  expect({ key: after.job.key, token: after.job.token }).toEqual({
    key: before.key,
    token: before.token,
  });
  expect(after.keys).toEqual([before.key]);
  expect([s3.count('CreateMultipartUpload'), s3.count('UploadPart')]).toEqual([0, 1]);
});

test('a file whose bytes have changed is sent anew, although size and time are the same: its metadata names the new hash', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, FILE_BYTES);
  const past = new Date('2026-01-02T03:04:05Z');
  await utimes(path, past, past);
  await uploadInterrupted(s3, dir.path, path);
  bytes.write('other bytes', 9 * MIB);
  const file = await open(path, 'r+');
  await file.write('other bytes', 9 * MIB);
  await file.close();
  await utimes(path, past, past);
  const after = await finish(s3, dir.path);
  expect(after.bytes.equals(bytes)).toBe(true);
  expect([s3.count('CreateMultipartUpload'), s3.count('UploadPart')]).toEqual([1, 3]);
  using remote = openRemote(s3);
  const info = await remote.head(after.job.key!, AbortSignal.timeout(50_000));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect([info?.metadata['sha256'], after.job.fingerprint?.sha256]).toEqual([sha256, sha256]);
});

test('an upload that the storage dropped starts over under the same key', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, FILE_BYTES);
  const before = await uploadInterrupted(s3, dir.path, path);
  let isDropped = false;
  const after = await finish(s3, dir.path, (remote) => ({
    ...remote,
    async listParts(key, uploadId, signal) {
      if (!isDropped) await remote.abortUpload(key, uploadId, signal);
      isDropped = true;
      return remote.listParts(key, uploadId, signal);
    },
  }));
  expect(after.bytes.equals(bytes)).toBe(true);
  expect(after.keys).toEqual([before.key]);
  expect([s3.count('CreateMultipartUpload'), s3.count('UploadPart')]).toEqual([1, 3]);
  expect(await unfinishedUploads(s3)).toEqual([]);
});

describe.each(['embedded', 'rgw', 'swift'] as const)('on %s', (name) => {
  test.skipIf(unavailable(name))(
    'an upload that was called off while the app was closed starts over',
    async () => {
      await using s3 = await openServer(name);
      await using dir = await tempDir();
      const path = join(dir.path, 'a.mp4');
      const bytes = await randomFile(path, FILE_BYTES);
      const { key, state } = await uploadInterrupted(s3, dir.path, path);
      const upload = 'upload' in state ? state.upload : null;
      using remote = openRemote(s3);
      await remote.abortUpload(key!, upload!.id, AbortSignal.timeout(50_000));
      const after = await finish(s3, dir.path);
      expect([after.bytes.equals(bytes), after.keys]).toEqual([true, [key]]);
    },
  );
});

test('where the account may not list parts, the ledger’s own list has to do', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, FILE_BYTES);
  await uploadInterrupted(s3, dir.path, path);
  const after = await finish(s3, dir.path, (remote) => ({
    ...remote,
    listParts: () => Promise.resolve(undefined),
  }));
  expect(after.bytes.equals(bytes)).toBe(true);
  expect([s3.count('CreateMultipartUpload'), s3.count('UploadPart')]).toEqual([0, 1]);
});

test('a part that the storage has lost, or holds in another form, is sent again', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, FILE_BYTES);
  await uploadInterrupted(s3, dir.path, path);
  const after = await finish(s3, dir.path, (remote) => ({
    ...remote,
    async listParts(...args) {
      const parts = new Map(await remote.listParts(...args));
      expect([...parts.keys()]).toEqual([1, 2]);
      parts.delete(1);
      return parts.set(2, { ...parts.get(2)!, etag: 'somebody-else-s', crc32: 1 });
    },
  }));
  expect(after.bytes.equals(bytes)).toBe(true);
  expect([s3.count('CreateMultipartUpload'), s3.count('UploadPart')]).toEqual([0, 3]);
});

test('the number of the upload is in the ledger before the first part leaves', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await randomFile(path, FILE_BYTES);
  const seen: boolean[] = [];
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    wrap: (remote) => ({
      ...remote,
      putPart(...args) {
        // Another connection sees only what is committed.
        const home = openHome({ path: join(dir.path, 'home') });
        const [job] = jobStore(home.database, Date.now).list('uploading', 1);
        const upload = job?.state.kind === 'uploading' ? job.state.upload : null;
        seen.push(upload?.id === args[1] && job?.key === args[0]);
        home.close();
        return remote.putPart(...args);
      },
    }),
  });
  const signal = AbortSignal.timeout(50_000);
  expect(await app.engine.uploadNow([path], toBio, signal)).toMatchObject([
    { state: { kind: 'verified', proof: 'checksum' } },
  ]);
  expect(seen).toEqual([true, true, true]);
});

test('a part whose answer was lost is not sent again when the storage lists it with the checksum of our bytes', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, FILE_BYTES);
  let isLost = false;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      async putPart(...args) {
        const etag = await remote.putPart(...args);
        if (args[2] !== 2 || isLost) return etag;
        isLost = true;
        throw new AppError('offline');
      },
    }),
  });
  const [job] = await app.engine.uploadNow([path], toBio, AbortSignal.timeout(50_000));
  expect(job).toMatchObject({ state: { kind: 'verified' } });
  const [key] = await keysOf(app.remote);
  expect((await objectBytes(app.remote, key!)).equals(bytes)).toBe(true);
  expect([s3.count('CreateMultipartUpload'), s3.count('UploadPart')]).toEqual([1, 3]);
});
