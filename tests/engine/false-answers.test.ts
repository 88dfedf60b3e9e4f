/** @file What is not a proof is not believed: each request of an upload gets, once, an answer that says nothing. */
import { crc32 } from 'node:zlib';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UploadPartCommand } from '@aws-sdk/client-s3';
import { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import type { Action } from '../support/fault-actions.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import {
  countingServer,
  keysOf,
  objectBytes,
  openRemote,
  openTestEngine,
  randomFile,
  toBio,
  unfinishedUploads,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openSdk } from '../support/sdk-client.ts';

const signal = () => AbortSignal.timeout(40_000);
const xml = { 'content-type': 'application/xml', 'x-amz-request-id': 'R1' };
const failure = '<?xml version="1.0"?><Error><Code>InternalError</Code></Error>\n';

const answers: Record<string, Action> = {
  'a sign-in page': {
    kind: 'replaceResponse',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html>Welcome</html>',
  },
  'a sign-in page with an ETag': {
    kind: 'replaceResponse',
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', etag: '"5f3c-61"' },
    body: '<html>Welcome</html>',
  },
  'a page that is not found': {
    kind: 'replaceResponse',
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: '<html>Not here</html>',
  },
  'an empty success': { kind: 'replaceResponse', status: 200, headers: xml, body: '' },
  'a success that carries an error and a line’s end': {
    kind: 'replaceResponse',
    status: 200,
    headers: xml,
    body: failure,
  },
  'the same after the storage acted': {
    kind: 'replaceResponse',
    status: 200,
    headers: xml,
    body: failure,
    forward: true,
  },
  'an answer that breaks off': { kind: 'resetAfter', bytes: 0, of: 'response' },
  'a failure of the storage after it acted': {
    kind: 'replaceResponse',
    status: 500,
    headers: xml,
    body: failure,
    forward: true,
  },
};
const requests = [
  ['HeadObject', 1, 10_000],
  ['PutObject', 1, 10_000],
  ['CreateMultipartUpload', 1, 9 * MIB],
  ['UploadPart', 1, 9 * MIB],
  ['HeadObject', 2, 9 * MIB],
  ['CompleteMultipartUpload', 1, 9 * MIB],
  ['HeadObject', 3, 9 * MIB],
] as const;

describe.each(Object.keys(answers))('%s', (name) => {
  test.each(requests)(
    'to %s number %i of a file of %i bytes is believed by nobody, and costs neither object nor upload',
    async (operation, nth, sizeBytes) => {
      await using s3 = await countingServer();
      await using dir = await tempDir();
      const path = join(dir.path, 'a.mp4');
      const bytes = await randomFile(path, sizeBytes);
      await using net = await openFaultProxy(s3);
      const rule = net.add({ match: operation, nth, action: answers[name]! });
      await using app = openTestEngine(net.access, dir.path, { quietMs: 30, random: () => 0 });
      const [job] = await app.engine.uploadNow([path], toBio, signal());
      if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
      expect([rule.hits, job.state]).toMatchObject([1, { kind: 'verified', proof: 'checksum' }]);
      expect(await keysOf(app.remote)).toEqual([job.key]);
      expect((await objectBytes(app.remote, job.key!)).equals(bytes)).toBe(true);
      await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
    },
  );
});

test('parts that somebody else put into our upload do not get into the object', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp4');
  const bytes = await randomFile(path, 20 * MIB);
  using client = openSdk(s3);
  let isPlanted = false;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    random: () => 0,
    wrap: (remote) => ({
      ...remote,
      async completeUpload(...args) {
        const [Key, UploadId] = args;
        if (!isPlanted) {
          isPlanted = true;
          // One of our size in the place of ours, and one too many; then the connection is lost.
          for (const [PartNumber, Body] of [
            [2, Buffer.alloc(8 * MIB, 7)],
            [9, Buffer.from('extra')],
          ] as const)
            await client.send(
              new UploadPartCommand({ Bucket: s3.bucket, Key, UploadId, PartNumber, Body }),
            );
          throw new AppError('offline');
        }
        return remote.completeUpload(...args);
      },
    }),
  });
  const [job] = await app.engine.uploadNow([path], toBio, signal());
  if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
  expect(job.state.kind).toBe('verified');
  expect((await objectBytes(app.remote, job.key!)).equals(bytes)).toBe(true);
  expect([isPlanted, s3.count('CreateMultipartUpload')]).toEqual([true, 1]);
  // Three of ours, two of theirs, and the one of ours again.
  expect(s3.count('UploadPart')).toBe(6);
});

test('the parts of an upload are listed to the end, beyond the first thousand', async () => {
  await using s3 = await countingServer();
  using remote = openRemote(s3);
  const headers = { contentType: 'video/mp4', metadata: {} };
  const id = await remote.createUpload('k', headers, signal());
  const body = Buffer.from('p');
  const numbers = Array.from({ length: 1_003 }, (_, i) => i + 1);
  for (let at = 0; at < numbers.length; at += 50)
    await Promise.all(
      numbers
        .slice(at, at + 50)
        .map((number) => remote.putPart('k', id, number, body, crc32(body), signal())),
    );
  s3.requests.length = 0;
  expect([...(await remote.listParts('k', id, signal()))!.keys()]).toEqual(numbers);
  expect(s3.count('ListParts')).toBe(2);
});
