import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import {
  countingServer,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  toBio,
  type TestEngine,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const large = 12 * MIB;

async function upload(app: TestEngine, path: string): Promise<Job> {
  const [job] = await app.engine.uploadNow([path], toBio, AbortSignal.timeout(30_000));
  if (!job || job instanceof Error) throw new Error('Not uploaded', { cause: job });
  return job;
}

/** Opens an engine on a fresh server, with something between them, and a file to send. */
async function stage(sizeBytes: number, wrap?: (remote: Remote) => Partial<Remote>) {
  const s3 = await countingServer();
  const dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, sizeBytes);
  const app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({ ...remote, ...wrap?.(remote) }),
  });
  return {
    s3,
    app,
    path,
    bytes,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

const operations = (s3: { requests: { operation: string; status: number }[] }) =>
  s3.requests.map(({ operation, status }) => `${operation} ${status}`);

test('a small file is proven by the checksum in the answer to its upload', async () => {
  await using on = await stage(100_000);
  expect(await upload(on.app, on.path)).toMatchObject({
    state: { kind: 'verified', proof: 'checksum' },
  });
  expect(operations(on.s3)).toEqual(['HeadObject 404', 'PutObject 200']);
});

test.each([undefined, 1])(
  'an answer with the checksum %s proves nothing: the object is looked at',
  async (told) => {
    await using on = await stage(100_000, (remote) => ({
      putObject: (...args) => remote.putObject(...args).then(() => told),
    }));
    expect(await upload(on.app, on.path)).toMatchObject({
      state: { kind: 'verified', proof: 'checksum' },
    });
    expect(operations(on.s3)).toEqual(['HeadObject 404', 'PutObject 200', 'HeadObject 200']);
  },
);

test('a large file is proven by a look at the object after its completion', async () => {
  await using on = await stage(large);
  expect(await upload(on.app, on.path)).toMatchObject({
    state: { kind: 'verified', proof: 'checksum' },
  });
  expect(operations(on.s3)).toEqual([
    'HeadObject 404',
    'CreateMultipartUpload 200',
    'UploadPart 200',
    'UploadPart 200',
    'HeadObject 404',
    'CompleteMultipartUpload 200',
    'HeadObject 200',
  ]);
});

test('a copy with another checksum is damaged: the file is sent again under a new key', async () => {
  const seen: string[] = [];
  await using on = await stage(large, (remote) => ({
    async head(key, signal) {
      const info = await remote.head(key, signal);
      if (info && !seen.includes(key)) seen.push(key);
      return info && key === seen[0] ? { ...info, crc32: info.crc32! ^ 1 } : info;
    },
  }));
  const job = await upload(on.app, on.path);
  expect(job.state.kind).toBe('verified');
  expect(await keysOf(on.app.remote)).toEqual(seen);
  expect([seen.length, job.key]).toEqual([2, seen[1]]);
  expect((await objectBytes(on.app.remote, job.key!)).equals(on.bytes)).toBe(true);
});

/** Puts other bytes in the place of the first completed object, under the same metadata. */
function swapping(remote: Remote): Partial<Remote> {
  let isSwapped = false;
  return {
    async completeUpload(...args) {
      await remote.completeUpload(...args);
      if (isSwapped) return;
      isSwapped = true;
      const [key, , , { sizeBytes }, signal] = args;
      const { metadata } = (await remote.head(key, signal))!;
      await remote.deleteObject(key, signal);
      const other = Buffer.alloc(sizeBytes, 7);
      await remote.putObject(
        key,
        other,
        crc32(other),
        { contentType: 'video/mp4', metadata },
        signal,
      );
    },
  };
}

test.each([
  ['its checksum', (): Partial<Remote> => ({})],
  [
    'reading it back, where the storage keeps no checksum',
    (remote: Remote): Partial<Remote> => ({
      async head(key, signal) {
        const info = await remote.head(key, signal);
        return info && { ...info, crc32: undefined };
      },
    }),
  ],
] as const)('an object whose bytes were swapped is found out by %s', async (_, hide) => {
  await using on = await stage(large, (remote) => ({ ...swapping(remote), ...hide(remote) }));
  const job = await upload(on.app, on.path);
  expect(job.state.kind).toBe('verified');
  expect(await keysOf(on.app.remote)).toHaveLength(2);
  expect((await objectBytes(on.app.remote, job.key!)).equals(on.bytes)).toBe(true);
});

test('where the storage keeps no checksum the object is read back, and a reading that breaks off is repeated', async () => {
  let reads = 0;
  await using on = await stage(large, (remote) => ({
    async head(key, signal) {
      const info = await remote.head(key, signal);
      return info && { ...info, crc32: undefined };
    },
    async read(...args) {
      reads += 1;
      if (reads === 1) return Readable.from([Buffer.alloc(10)]);
      if (reads === 2) throw new AppError('offline');
      return remote.read(...args);
    },
  }));
  const job = await upload(on.app, on.path);
  expect(job.state).toMatchObject({ kind: 'verified', proof: 'read-back' });
  expect([reads, on.s3.count('CompleteMultipartUpload')]).toEqual([3, 1]);
  expect(await keysOf(on.app.remote)).toEqual([job.key]);
});

test('an account that may not look is told so; when it may, the same object is verified and not sent again', async () => {
  let isDenied = true;
  await using on = await stage(large, (remote) => ({
    head: (...args) =>
      isDenied ? Promise.reject(new AppError('read-denied', 'no GetObject')) : remote.head(...args),
  }));
  const job = await upload(on.app, on.path);
  expect(job.state).toMatchObject({ kind: 'failed', code: 'cannot-verify', stored: true });
  isDenied = false;
  on.app.engine.jobs.apply(job.id, [{ type: 'retried', atMs: Date.now() }]);
  on.app.engine.queue.pump();
  await expect.poll(() => on.app.engine.jobs.get(job.id)?.state.kind).toBe('verified');
  expect([on.s3.count('CompleteMultipartUpload'), on.s3.count('PutObject')]).toEqual([1, 0]);
  expect(await keysOf(on.app.remote)).toEqual([job.key]);
});

test('a storage that is slow to show what it took is asked again, and nothing is sent twice', async () => {
  let denials = 0;
  await using on = await stage(large, (remote) => ({
    async head(key, signal) {
      const info = await remote.head(key, signal);
      if (info === undefined || denials >= 5) return info;
      denials += 1;
      return undefined;
    },
  }));
  const job = await upload(on.app, on.path);
  expect(job.state).toMatchObject({ kind: 'verified', proof: 'checksum' });
  const sent = ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'];
  expect([denials, ...sent.map(on.s3.count)]).toEqual([5, 1, 2, 1]);
});

test('an object that names another SHA-256 than the file’s is not called verified', async () => {
  let isFirst = true;
  await using on = await stage(100_000, (remote) => ({
    async putObject(key, body, crc, headers, signal) {
      const sha256 = isFirst ? 'f'.repeat(64) : headers.metadata['sha256']!;
      isFirst = false;
      const metadata = { ...headers.metadata, sha256 };
      await remote.putObject(key, body, crc, { ...headers, metadata }, signal);
      return undefined;
    },
  }));
  const job = await upload(on.app, on.path);
  expect(job.state.kind).toBe('verified');
  expect(await keysOf(on.app.remote)).toHaveLength(2);
  const info = await on.app.remote.head(job.key!, AbortSignal.timeout(50_000));
  expect(info?.metadata['sha256']).toBe(job.fingerprint?.sha256);
});

test('an object that is gone before it could be verified is sent again under its key', async () => {
  let isGone = false;
  await using on = await stage(large, (remote) => ({
    async completeUpload(...args) {
      await remote.completeUpload(...args);
      if (!isGone) await remote.deleteObject(args[0], args[4]);
      isGone = true;
    },
  }));
  const job = await upload(on.app, on.path);
  expect(job.state.kind).toBe('verified');
  expect(await keysOf(on.app.remote)).toEqual([job.key]);
  expect(on.s3.count('CompleteMultipartUpload')).toBe(2);
});
