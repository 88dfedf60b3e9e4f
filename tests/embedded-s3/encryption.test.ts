import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbedded, type Fixture } from './fixture.ts';
import { completeUpload, createUpload, PART_BYTES, putParts } from './multipart-steps.ts';
import { pathOf } from './raw-client.ts';

const kms = {
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': 'alias/school',
};
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

test('the encryption that was asked for is told with each answer, and under a key the ETag is no MD5', async () => {
  const plain = { 'x-amz-server-side-encryption': 'AES256' };
  const put = await s3.ask('PUT', 'aes', { body: 'x', headers: plain });
  expect(put.headers).toMatchObject({ ...plain, etag: `"${md5('x')}"` });
  const sealed = await s3.ask('PUT', 'kms', { body: 'x', headers: kms });
  expect(sealed.headers).toMatchObject(kms);
  const head = await s3.ask('HEAD', 'kms');
  expect(head.headers).toMatchObject({ ...kms, etag: sealed.headers['etag'] });
  expect(sealed.headers['etag']).not.toBe(`"${md5('x')}"`);
  expect((await s3.ask('GET', 'kms')).text).toBe('x');
  const none = await s3.ask('PUT', 'none', { body: 'x' });
  expect(none.headers).not.toHaveProperty('x-amz-server-side-encryption');
});

test('an upload in parts is encrypted as it was begun', async () => {
  const uploadId = await createUpload(s3, 'parts', kms);
  const bodies = ['a'.repeat(PART_BYTES), 'b'];
  const parts = await putParts(s3, 'parts', uploadId, bodies);
  expect(parts[1]?.etag).not.toBe(`"${md5('b')}"`);
  const whole = await completeUpload(s3, 'parts', { uploadId, parts });
  expect(whole.headers).toMatchObject(kms);
  expect((await s3.ask('HEAD', 'parts')).headers).toMatchObject(kms);
});

test('a copy is encrypted as it asks for itself, not as its source', async () => {
  await s3.ask('PUT', 'source', { body: 'x', headers: kms });
  await s3.ask('PUT', 'copy', { headers: { 'x-amz-copy-source': pathOf(s3.bucket, 'source') } });
  const { headers } = await s3.ask('HEAD', 'copy');
  expect(headers).not.toHaveProperty('x-amz-server-side-encryption');
});

test.each([
  ['an algorithm nobody knows', { 'x-amz-server-side-encryption': 'ROT13' }, 501, 'NotImplemented'],
  [
    'a key without aws:kms',
    { 'x-amz-server-side-encryption-aws-kms-key-id': 'alias/school' },
    400,
    'InvalidArgument',
  ],
])('%s is refused', async (_what, headers, status, code) => {
  const response = await s3.ask('PUT', 'refused', { body: 'x', headers });
  expect([response.status, response.code]).toEqual([status, code]);
  expect((await s3.ask('HEAD', 'refused')).status).toBe(404);
});
