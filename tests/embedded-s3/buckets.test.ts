import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesIn, openEmbedded, textOf, texts, type Fixture } from './fixture.ts';
import { createUpload, putParts } from './multipart-steps.ts';
import { pathOf, send } from './raw-client.ts';

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

const ask = async (method: string, bucket: string, query: Record<string, string> = {}) => {
  const { status, code } = await send(s3, { method, path: pathOf(bucket), query });
  return [status, code];
};

test('a bucket is created once, listed, and deleted when it is empty', async () => {
  expect(await ask('PUT', 'second')).toEqual([200, undefined]);
  expect(await ask('PUT', 'second')).toEqual([409, 'BucketAlreadyOwnedByYou']);
  const { text } = await send(s3, { method: 'GET', path: '/' });
  expect(texts(text, 'Name')).toEqual(['pansea-demo', 'second']);
  await send(s3, { method: 'PUT', path: pathOf('second', 'x'), body: 'x' });
  expect(await ask('DELETE', 'second')).toEqual([409, 'BucketNotEmpty']);
  await send(s3, { method: 'DELETE', path: pathOf('second', 'x') });
  expect(await ask('DELETE', 'second')).toEqual([204, undefined]);
  expect(await ask('HEAD', 'second')).toEqual([404, undefined]);
});

test('open uploads go with their bucket', async () => {
  await using own = await openEmbedded();
  const uploadId = await createUpload(own, 'x');
  await putParts(own, 'x', uploadId, ['part']);
  expect((await own.ask('DELETE')).status).toBe(204);
  expect((await own.ask('PUT')).status).toBe(200);
  expect(texts((await own.ask('GET', '', { query: { uploads: '' } })).text, 'Key')).toEqual([]);
  await expect.poll(async () => (await filesIn(own.dataDir)).data).toEqual([]);
});

test.each(['ab', 'Upper', 'under_score', '-x-', 'a..b', 'x'.repeat(64)])(
  'a bucket cannot be called %s',
  async (name) => {
    expect(await ask('PUT', name)).toEqual([400, 'InvalidBucketName']);
  },
);

test('nothing can be done in a bucket that is not there', async () => {
  const requests: [string, string][] = [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', 'x'],
    ['PUT', 'x'],
    ['DELETE', 'x'],
  ];
  for (const [method, key] of requests) {
    const { status, code } = await send(s3, { method, path: pathOf('absent', key) });
    expect([method, status, code]).toEqual([method, 404, 'NoSuchBucket']);
  }
});

/** What the bucket answers about one of its settings. */
const get = (subresource: string) => s3.ask('GET', '', { query: { [subresource]: '' } });

describe('a bucket says of itself', () => {
  test('that nothing in it is public', async () => {
    const { text } = await get('publicAccessBlock');
    expect(text.match(/>true</gu)).toHaveLength(4);
  });

  test('that it encrypts', async () => {
    expect(textOf((await get('encryption')).text, 'SSEAlgorithm')).toBe('AES256');
  });

  test('where it is', async () => {
    expect((await get('location')).text).toMatch(/<LocationConstraint xmlns="[^"]+"><\//u);
    expect((await s3.ask('HEAD')).headers['x-amz-bucket-region']).toBe('us-east-1');
    await using other = await openEmbedded({ region: 'eu-central-1' });
    expect((await other.ask('GET', '', { query: { location: '' } })).text).toContain(
      '>eu-central-1<',
    );
  });

  test.each([
    ['lifecycle', 'NoSuchLifecycleConfiguration'],
    ['replication', 'ReplicationConfigurationNotFoundError'],
    ['policy', 'NoSuchBucketPolicy'],
    ['policyStatus', 'NoSuchBucketPolicy'],
    ['tagging', 'NoSuchTagSet'],
    ['cors', 'NoSuchCORSConfiguration'],
    ['website', 'NoSuchWebsiteConfiguration'],
    ['object-lock', 'ObjectLockConfigurationNotFoundError'],
  ])('that it has no %s', async (subresource, code) => {
    const response = await get(subresource);
    expect([response.status, response.code]).toEqual([404, code]);
  });

  test.each(['acl', 'ownershipControls', 'logging', 'notification', 'versioning'])(
    'what its %s is',
    async (subresource) => {
      expect((await get(subresource)).status).toBe(200);
    },
  );
});
