import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import {
  countingServer,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  signal,
  toBio,
  unfinishedUploads,
} from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { openServer, unavailable } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const small = 100_000;
const large = 12 * MIB;

/** Lets a call be done and then loses its first answer: what is heard instead is `code`. */
function losing(
  method: 'putObject' | 'completeUpload',
  code: 'offline' | 'key-taken' | 'upload-gone',
) {
  return (remote: Remote): Remote => {
    let isLost = false;
    const lossy = async (...args: unknown[]) => {
      const answer = await (remote[method] as (...all: unknown[]) => Promise<unknown>)(...args);
      if (isLost) return answer;
      isLost = true;
      throw new AppError(code, 'The answer was lost');
    };
    return { ...remote, [method]: lossy };
  };
}

test.each([
  ['of a small file breaks off', small, 'putObject', 'offline'],
  ['of a small file is lost and the retry hears "taken"', small, 'putObject', 'key-taken'],
  ['that completes a large one breaks off', large, 'completeUpload', 'offline'],
  ['is lost and the retry hears "no such upload"', large, 'completeUpload', 'upload-gone'],
  ['is lost and the retry hears "taken"', large, 'completeUpload', 'key-taken'],
] as const)(
  'when the answer %s, the object is found by its token: one object, sent once',
  async (_, sizeBytes, method, code) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    const bytes = await randomFile(path, sizeBytes);
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 30,
      random: () => 0,
      wrap: losing(method, code),
    });
    const [job] = await app.engine.uploadNow([path], toBio, signal());
    if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
    expect(job.state).toMatchObject({ kind: 'verified', proof: 'checksum' });
    expect(await keysOf(app.remote)).toEqual([job.key]);
    expect((await objectBytes(app.remote, job.key!)).equals(bytes)).toBe(true);
    const sent = ['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'];
    expect(sent.map(s3.count)).toEqual(sizeBytes === small ? [1, 0, 0, 0] : [0, 1, 2, 1]);
    expect(await unfinishedUploads(s3)).toEqual([]);
  },
);

/** Puts an object of somebody else at a key, once; it carries no metadata at all. */
function planter() {
  const bytes = Buffer.from('somebody else’s');
  let planted = '';
  return {
    bytes,
    get key() {
      return planted;
    },
    async plant(remote: Remote, key: string, stop: AbortSignal): Promise<void> {
      const headers = { contentType: 'text/plain', metadata: {} };
      if (planted === '')
        await remote.putObject((planted = key), bytes, crc32(bytes), headers, stop);
    },
  };
}

const servers = ['embedded', 'rgw', 'swift'] as const;

describe.each(servers)('an object of somebody else on %s', (name) => {
  test.skipIf(unavailable(name)).each([
    ['small', small],
    ['large', large],
  ])(
    'at the key of a %s file stays as it is, and the file goes under a new key',
    async (_, sizeBytes) => {
      await using s3 = await openServer(name);
      await using dir = await tempDir();
      const path = join(dir.path, 'a.mp4');
      const bytes = await randomFile(path, sizeBytes);
      const foreign = planter();
      await using app = openTestEngine(s3, dir.path, {
        quietMs: 30,
        random: () => 0,
        wrap: (remote) => ({
          ...remote,
          async head(key, stop) {
            // It is there before the engine looks for the first time.
            await foreign.plant(remote, key, stop);
            return remote.head(key, stop);
          },
        }),
      });
      const [job] = await app.engine.uploadNow([path], toBio, signal());
      if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
      expect(job.state.kind).toBe('verified');
      expect(job.key).not.toBe(foreign.key);
      expect(new Set(await keysOf(app.remote))).toEqual(new Set([foreign.key, job.key]));
      expect((await objectBytes(app.remote, foreign.key)).equals(foreign.bytes)).toBe(true);
      expect((await objectBytes(app.remote, job.key!)).equals(bytes)).toBe(true);
    },
  );
});

// Ceph's gateway knows no conditional completion, Swift no conditional write: there the look before has to do.
describe.each([
  ['embedded', 'small', small],
  ['embedded', 'large', large],
  ['rgw', 'small', small],
] as const)('an object that appears meanwhile on %s', (name, kind, sizeBytes) => {
  test.skipIf(unavailable(name))(
    `at the key of a ${kind} file is not overwritten either, and no unfinished upload stays behind`,
    async () => {
      await using s3 = await openServer(name);
      await using dir = await tempDir();
      const path = join(dir.path, 'a.mp4');
      await randomFile(path, sizeBytes);
      const foreign = planter();
      await using app = openTestEngine(s3, dir.path, {
        quietMs: 30,
        random: () => 0,
        wrap: (remote) => ({
          ...remote,
          async head(key, stop) {
            const info = await remote.head(key, stop);
            await foreign.plant(remote, key, stop);
            return info;
          },
        }),
      });
      const [job] = await app.engine.uploadNow([path], toBio, signal());
      expect(job).toMatchObject({ state: { kind: 'verified' } });
      expect((await objectBytes(app.remote, foreign.key)).equals(foreign.bytes)).toBe(true);
      expect(await keysOf(app.remote)).toHaveLength(2);
      await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
    },
  );
});

// RGW overlooks the condition of a completion: there the look before it has to do.
describe.each(servers)('an object that appears while the parts are sent on %s', (name) => {
  test.skipIf(unavailable(name))('is not overwritten by their completion', async () => {
    await using s3 =
      name === 'embedded'
        ? await countingServer({ conditions: 'ignored' })
        : await openServer(name);
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    const bytes = await randomFile(path, large);
    const foreign = planter();
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 30,
      random: () => 0,
      wrap: (remote) => ({
        ...remote,
        async putPart(...args) {
          await foreign.plant(remote, args[0], args[5]);
          return remote.putPart(...args);
        },
      }),
    });
    const [job] = await app.engine.uploadNow([path], toBio, signal());
    if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
    expect(job.state.kind).toBe('verified');
    expect((await objectBytes(app.remote, foreign.key)).equals(foreign.bytes)).toBe(true);
    expect((await objectBytes(app.remote, job.key!)).equals(bytes)).toBe(true);
    await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
  });
});

test('a completion that met another write to its key is begun anew with all its parts, as S3 asks for', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, large);
  await using net = await openFaultProxy(s3);
  const body = '<Error><Code>ConditionalRequestConflict</Code><RequestId>R1</RequestId></Error>';
  const headers = { 'content-type': 'application/xml' };
  net.add({
    match: 'CompleteMultipartUpload',
    nth: 1,
    action: { kind: 'replaceResponse', status: 409, headers, body },
  });
  await using app = openTestEngine(net.access, dir.path, { quietMs: 30, random: () => 0 });
  const [job] = await app.engine.uploadNow([path], toBio, signal());
  expect(job).toMatchObject({ state: { kind: 'verified' } });
  expect((await objectBytes(app.remote, (await keysOf(app.remote))[0]!)).equals(bytes)).toBe(true);
  const sent = ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'];
  expect(sent.map(s3.count)).toEqual([2, 4, 1]);
  await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
});

test('a network’s sign-in page that carries an ETag is trouble with the network: the key is kept', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  await randomFile(path, small);
  await using net = await openFaultProxy(s3);
  const headers = { 'content-type': 'text/html', etag: '"5f3c-61"' };
  const body = '<html>Welcome</html>';
  net.add({ action: { kind: 'replaceResponse', status: 200, headers, body } });
  await using app = openTestEngine(net.access, dir.path, { quietMs: 30, random: () => 0 });
  const uploaded = app.engine.uploadNow([path], toBio, signal()).catch(() => []);
  const trouble = () => app.engine.queue.trouble?.code;
  await expect.poll(trouble).toBe('not-storage');
  const [waiting] = app.engine.jobs.list(undefined, 1);
  net.heal();
  app.engine.queue.tryNow();
  await uploaded;
  const verified = () => app.engine.jobs.list('verified', 1);
  await expect.poll(verified).toHaveLength(1);
  expect(verified()[0]?.key).toBe(waiting?.key);
});

// The whole way, over a wire on which the answer to a request is lost after the storage acted.
test.each([
  ['HeadObject', large],
  ['CreateMultipartUpload', large],
  ['UploadPart', large],
  ['CompleteMultipartUpload', large],
  ['PutObject', small],
] as const)(
  'a lost answer to %s costs no duplicate, no orphan and no attempt at the recording',
  async (operation, sizeBytes) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    const bytes = await randomFile(path, sizeBytes);
    await using net = await openFaultProxy(s3);
    // Both tries of the SDK's inner loop.
    const rule = net.add({ match: operation, nth: [1, 2], action: { kind: 'dropResponse' } });
    await using app = openTestEngine(net.access, dir.path, { quietMs: 30, random: () => 0 });
    const [job] = await app.engine.uploadNow([path], toBio, signal());
    expect(job).toMatchObject({ state: { kind: 'verified', proof: 'checksum' } });
    expect(rule.hits).toBeGreaterThan(0);
    const keys = await keysOf(app.remote);
    expect(keys).toHaveLength(1);
    expect((await objectBytes(app.remote, keys[0]!)).equals(bytes)).toBe(true);
    const begun = sizeBytes === small ? 0 : operation === 'CreateMultipartUpload' ? 3 : 1;
    expect(s3.count('CreateMultipartUpload')).toBe(begun);
    await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
  },
);
