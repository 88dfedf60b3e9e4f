import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded, textOf, texts, type Fixture } from './fixture.ts';
import { completeUpload, createUpload, PART_BYTES, putPart, putParts } from './multipart-steps.ts';

const large = Buffer.alloc(PART_BYTES, 'large part ');
const small = Buffer.from('small part');

const md5 = (data: Uint8Array): Buffer => createHash('md5').update(data).digest();

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

test('parts become one object, in the order of their numbers, whichever came first', async () => {
  const uploadId = await createUpload(s3, 'm', { 'content-type': 'video/mp4' });
  const last = await putPart(s3, 'm', { uploadId, number: 7, body: small });
  const first = await putPart(s3, 'm', { uploadId, number: 2, body: large });
  const parts = [
    { number: 2, etag: first.headers.etag },
    { number: 7, etag: last.headers.etag },
  ];
  expect((await s3.ask('HEAD', 'm')).status).toBe(404);
  const completed = await completeUpload(s3, 'm', { uploadId, parts });
  const etag = `"${md5(Buffer.concat([md5(large), md5(small)])).toString('hex')}-2"`;
  expect(textOf(completed.text, 'ETag')).toBe(etag.replaceAll('"', '&quot;'));
  const got = await s3.ask('GET', 'm');
  expect(got.body.equals(Buffer.concat([large, small]))).toBe(true);
  expect([got.headers.etag, got.headers['content-type']]).toEqual([etag, 'video/mp4']);
  const second = await s3.ask('GET', 'm', { query: { partNumber: '2' } });
  expect([second.status, second.text]).toEqual([206, 'small part']);
  expect(second.headers['x-amz-mp-parts-count']).toBe('2');
});

test('a second Complete answers as the first did, even after the object is gone', async () => {
  const uploadId = await createUpload(s3, 'twice');
  const parts = await putParts(s3, 'twice', uploadId, [small]);
  const first = await completeUpload(s3, 'twice', { uploadId, parts });
  expect((await completeUpload(s3, 'twice', { uploadId, parts })).text).toBe(first.text);
  await s3.ask('DELETE', 'twice');
  expect((await completeUpload(s3, 'twice', { uploadId, parts })).text).toBe(first.text);
  expect((await s3.ask('HEAD', 'twice')).status).toBe(404);
});

describe('Complete refuses', () => {
  let uploadId: string;
  let etags: (string | undefined)[];
  beforeAll(async () => {
    uploadId = await createUpload(s3, 'refused');
    const parts = await putParts(s3, 'refused', uploadId, [small, small, large]);
    etags = parts.map(({ etag }) => etag);
  });
  const complete = async (numbers: readonly number[], headers = {}) => {
    const parts = numbers.map((number) => ({ number, etag: etags[number - 1] ?? '"none"' }));
    const { status, code } = await completeUpload(s3, 'refused', { uploadId, parts }, headers);
    return [status, code];
  };

  test('a part it does not have', async () => {
    expect(await complete([4])).toEqual([400, 'InvalidPart']);
  });

  test('a part with another ETag', async () => {
    const parts = [{ number: 1, etag: etags[2] }];
    const { code } = await completeUpload(s3, 'refused', { uploadId, parts });
    expect(code).toBe('InvalidPart');
  });

  test('parts out of order, or one of them twice', async () => {
    expect(await complete([3, 1])).toEqual([400, 'InvalidPartOrder']);
    expect(await complete([1, 1])).toEqual([400, 'InvalidPartOrder']);
  });

  test('a part under 5 MiB that is not the last', async () => {
    expect(await complete([1, 3])).toEqual([400, 'EntityTooSmall']);
  });

  test('a list of no parts', async () => {
    expect(await complete([])).toEqual([400, 'MalformedXML']);
  });

  test('a size other than the sum of the parts', async () => {
    const wrong = { 'x-amz-mp-object-size': String(PART_BYTES + small.length + 1) };
    expect(await complete([3], wrong)).toEqual([400, 'InvalidRequest']);
  });

  test('nothing more once the right size is given', async () => {
    const right = { 'x-amz-mp-object-size': String(PART_BYTES) };
    expect(await complete([3], right)).toEqual([200, undefined]);
  });
});

test.each(['0', '10001', '-1', 'x', ''])('there is no part number %j', async (partNumber) => {
  const uploadId = await createUpload(s3, 'numbers');
  const query = { partNumber, uploadId };
  const response = await s3.ask('PUT', 'numbers', { query, body: 'x' });
  expect([response.status, response.code]).toEqual([400, 'InvalidArgument']);
  const last = await putPart(s3, 'numbers', { uploadId, number: 10_000, body: 'x' });
  expect(last.status).toBe(200);
});

test('an upload is gone after Abort, and unknown under another key', async () => {
  const uploadId = await createUpload(s3, 'abort');
  const parts = await putParts(s3, 'abort', uploadId, [small]);
  expect((await s3.ask('GET', 'other', { query: { uploadId } })).code).toBe('NoSuchUpload');
  expect((await s3.ask('DELETE', 'abort', { query: { uploadId } })).status).toBe(204);
  const after = await Promise.all([
    s3.ask('DELETE', 'abort', { query: { uploadId } }),
    s3.ask('GET', 'abort', { query: { uploadId } }),
    putPart(s3, 'abort', { uploadId, number: 1, body: 'x' }),
    completeUpload(s3, 'abort', { uploadId, parts }),
  ]);
  for (const { status, code } of after) expect([status, code]).toEqual([404, 'NoSuchUpload']);
});

test('of Complete and Abort at the same time, one wins and the other finds no upload', async () => {
  for (let round = 0; round < 20; round += 1) {
    const key = `race ${round}`;
    const uploadId = await createUpload(s3, key);
    const parts = await putParts(s3, key, uploadId, [small]);
    const [completed, aborted] = await Promise.all([
      completeUpload(s3, key, { uploadId, parts }),
      s3.ask('DELETE', key, { query: { uploadId } }),
    ]);
    const { status } = await s3.ask('HEAD', key);
    const outcome = [completed.status, aborted.status, status];
    expect([
      [200, 404, 200],
      [404, 204, 404],
    ]).toContainEqual(outcome);
  }
});

test('the parts of an upload are listed on pages', async () => {
  const uploadId = await createUpload(s3, 'parts');
  await putParts(s3, 'parts', uploadId, ['1', '22', '333']);
  const page = async (marker: string) => {
    const query = { uploadId, 'max-parts': '2', 'part-number-marker': marker };
    return (await s3.ask('GET', 'parts', { query })).text;
  };
  const first = await page('0');
  expect([texts(first, 'Size'), textOf(first, 'IsTruncated')]).toEqual([['1', '2'], 'true']);
  const second = await page(textOf(first, 'NextPartNumberMarker'));
  expect([texts(second, 'Size'), textOf(second, 'IsTruncated')]).toEqual([['3'], 'false']);
});

test('open uploads are listed on pages, completed and aborted ones are not', async () => {
  await using own = await openEmbedded();
  const ids: string[] = [];
  for (const key of ['a', 'a', 'b', 'c/1', 'c/2']) ids.push(await createUpload(own, key));
  await own.ask('DELETE', 'b', { query: { uploadId: ids[2] ?? '' } });
  const found: string[] = [];
  let marker: Record<string, string> = {};
  for (let more = true; more;) {
    const query = { uploads: '', 'max-uploads': '1', ...marker };
    const { text } = await own.ask('GET', '', { query });
    found.push(...texts(text, 'UploadId'));
    more = textOf(text, 'IsTruncated') === 'true';
    marker = {
      'key-marker': textOf(text, 'NextKeyMarker'),
      'upload-id-marker': textOf(text, 'NextUploadIdMarker'),
    };
  }
  expect(found.toSorted()).toEqual(ids.filter((_, index) => index !== 2).toSorted());
  const grouped = await own.ask('GET', '', { query: { uploads: '', delimiter: '/' } });
  expect(texts(grouped.text, 'Key')).toEqual(['a', 'a']);
  expect(grouped.text).toContain('<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>');
});

test('a part can be copied from an object', async () => {
  await s3.ask('PUT', 'source', { body: '0123456789' });
  const uploadId = await createUpload(s3, 'copied');
  const headers = {
    'x-amz-copy-source': `/${s3.bucket}/source`,
    'x-amz-copy-source-range': 'bytes=2-4',
  };
  const query = { partNumber: '1', uploadId };
  const copied = await s3.ask('PUT', 'copied', { query, headers });
  const etag = textOf(copied.text, 'ETag').replaceAll('&quot;', '"');
  await completeUpload(s3, 'copied', { uploadId, parts: [{ number: 1, etag }] });
  expect((await s3.ask('GET', 'copied')).text).toBe('234');
});
