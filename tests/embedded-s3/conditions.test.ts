import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesIn, openEmbedded, texts, type Fixture } from './fixture.ts';
import { completeUpload, createUpload, putParts } from './multipart-steps.ts';
import { pathOf, sign, type RawResponse } from './raw-client.ts';

const isNew = { 'if-none-match': '*' };

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

const statusAndCode = ({ status, code }: RawResponse) => [status, code];

describe('a PUT that must be the first', () => {
  test('succeeds once', async () => {
    const first = await s3.ask('PUT', 'once', { body: 'first', headers: isNew });
    const second = await s3.ask('PUT', 'once', { body: 'second', headers: isNew });
    expect([first.status, ...statusAndCode(second)]).toEqual([200, 412, 'PreconditionFailed']);
    expect((await s3.ask('GET', 'once')).text).toBe('first');
  });

  test('succeeds for exactly one of many at the same time', async () => {
    const bodies = Array.from({ length: 12 }, (_, index) => `body ${index}`);
    const all = await Promise.all(
      bodies.map((body) => s3.ask('PUT', 'race', { body, headers: isNew })),
    );
    const winners = bodies.filter((_, index) => all[index]?.status === 200);
    expect(winners).toHaveLength(1);
    expect(all.filter(({ status }) => status !== 200).map(({ status }) => status)).toEqual(
      Array.from({ length: 11 }, () => 412),
    );
    expect((await s3.ask('GET', 'race')).text).toBe(winners[0]);
  });

  test('answers 409 when the key came and went while it was on its way', async () => {
    const path = pathOf(s3.bucket, 'conflict');
    const headers = { ...isNew, 'content-length': '4' };
    const signed = sign(s3, { method: 'PUT', path, headers, payload: 'UNSIGNED-PAYLOAD' });
    const put = request(signed.url, { method: 'PUT', headers: signed.headers });
    const answered = new Promise<{ statusCode?: number }>((resolve) => put.on('response', resolve));
    put.write('ab');
    await expect.poll(async () => (await filesIn(s3.dataDir)).tmp).toHaveLength(1);
    await s3.ask('PUT', 'conflict', { body: 'other' });
    await s3.ask('DELETE', 'conflict');
    put.end('cd');
    expect((await answered).statusCode).toBe(409);
    expect((await s3.ask('HEAD', 'conflict')).status).toBe(404);
  });

  test('takes no ETag', async () => {
    const response = await s3.ask('PUT', 'x', { body: '', headers: { 'if-none-match': '"abc"' } });
    expect(statusAndCode(response)).toEqual([501, 'NotImplemented']);
  });
});

test('a PUT that must replace a certain object replaces that one only', async () => {
  const { headers } = await s3.ask('PUT', 'replace', { body: '1' });
  const ifMatch = { 'if-match': headers.etag ?? '' };
  expect((await s3.ask('PUT', 'replace', { body: '2', headers: ifMatch })).status).toBe(200);
  const second = await s3.ask('PUT', 'replace', { body: '3', headers: ifMatch });
  expect(statusAndCode(second)).toEqual([412, 'PreconditionFailed']);
  const absent = await s3.ask('PUT', 'absent', { body: '3', headers: ifMatch });
  expect(statusAndCode(absent)).toEqual([404, 'NoSuchKey']);
});

test('a Complete that must be the first fails, but can still be done without the condition', async () => {
  const uploadId = await createUpload(s3, 'complete');
  const parts = await putParts(s3, 'complete', uploadId, ['part']);
  await s3.ask('PUT', 'complete', { body: 'other' });
  const refused = await completeUpload(s3, 'complete', { uploadId, parts }, isNew);
  expect(statusAndCode(refused)).toEqual([412, 'PreconditionFailed']);
  expect((await s3.ask('GET', 'complete')).text).toBe('other');
  await completeUpload(s3, 'complete', { uploadId, parts });
  expect((await s3.ask('GET', 'complete')).text).toBe('part');
});

test('a Complete that must replace a certain object replaces that one only', async () => {
  const { headers } = await s3.ask('PUT', 'exchange', { body: 'old' });
  const uploadId = await createUpload(s3, 'exchange');
  const upload = { uploadId, parts: await putParts(s3, 'exchange', uploadId, ['new']) };
  const other = await completeUpload(s3, 'exchange', upload, { 'if-match': '"other"' });
  expect(statusAndCode(other)).toEqual([412, 'PreconditionFailed']);
  const done = await completeUpload(s3, 'exchange', upload, { 'if-match': headers.etag ?? '' });
  expect(done.status).toBe(200);
  expect((await s3.ask('GET', 'exchange')).text).toBe('new');
});

test('of two Completes that must both be the first, one fails', async () => {
  const uploads = await Promise.all(
    ['a', 'b'].map(async (body) => {
      const uploadId = await createUpload(s3, 'both');
      return { uploadId, parts: await putParts(s3, 'both', uploadId, [body]) };
    }),
  );
  const all = await Promise.all(uploads.map((upload) => completeUpload(s3, 'both', upload, isNew)));
  expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
});

test('a DELETE of a certain object deletes that one only', async () => {
  const { headers } = await s3.ask('PUT', 'delete', { body: '1' });
  const refused = await s3.ask('DELETE', 'delete', { headers: { 'if-match': '"other"' } });
  expect(statusAndCode(refused)).toEqual([412, 'PreconditionFailed']);
  const ifMatch = { 'if-match': headers.etag ?? '' };
  expect((await s3.ask('DELETE', 'delete', { headers: ifMatch })).status).toBe(204);
  const again = await s3.ask('DELETE', 'delete', { headers: ifMatch });
  expect(statusAndCode(again)).toEqual([404, 'NoSuchKey']);
});

test('DeleteObjects tells for each key whether its ETag still held', async () => {
  const { headers } = await s3.ask('PUT', 'd1', { body: '1' });
  await s3.ask('PUT', 'd2', { body: '2' });
  const objects = [
    `<Object><Key>d1</Key><ETag>${headers.etag}</ETag></Object>`,
    '<Object><Key>d2</Key><ETag>other</ETag></Object>',
  ];
  const body = `<Delete>${objects.join('')}</Delete>`;
  const sha = { 'x-amz-checksum-sha256': await sha256Base64(body) };
  const { text } = await s3.ask('POST', '', { query: { delete: '' }, body, headers: sha });
  expect([texts(text, 'Key'), texts(text, 'Code')]).toEqual([['d1', 'd2'], ['PreconditionFailed']]);
});

describe.each(['GET', 'HEAD'])('a %s', (method) => {
  const read = async (headers: Record<string, string>) =>
    (await s3.ask(method, 'read', { headers })).status;

  test('is answered only while its conditions hold', async () => {
    const put = await s3.ask('PUT', 'read', { body: 'x' });
    const etag = put.headers.etag ?? '';
    const past = 'Mon, 01 Jan 2001 00:00:00 GMT';
    const future = 'Fri, 01 Jan 2100 00:00:00 GMT';
    expect(await read({ 'if-match': etag })).toBe(200);
    expect(await read({ 'if-match': '"other"' })).toBe(412);
    expect(await read({ 'if-none-match': etag })).toBe(304);
    expect(await read({ 'if-none-match': '"other"' })).toBe(200);
    expect(await read({ 'if-modified-since': past })).toBe(200);
    expect(await read({ 'if-modified-since': future })).toBe(304);
    expect(await read({ 'if-unmodified-since': past })).toBe(412);
    expect(await read({ 'if-unmodified-since': future })).toBe(200);
    expect(await read({ 'if-match': etag, 'if-unmodified-since': past })).toBe(200);
    expect(await read({ 'if-none-match': etag, 'if-modified-since': past })).toBe(304);
  });
});

async function sha256Base64(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('base64');
}
