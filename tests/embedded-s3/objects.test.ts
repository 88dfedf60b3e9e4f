import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded, textOf, texts, type Fixture } from './fixture.ts';
import { exchange, pathOf, presign, type RawResponse } from './raw-client.ts';

const digits = '0123456789';

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
  await s3.ask('PUT', 'digits', { body: digits });
});
afterAll(() => s3[Symbol.asyncDispose]());

const getRange = async (range: string) => {
  const { status, text, headers } = await s3.ask('GET', 'digits', { headers: { range } });
  return [status, text, headers['content-range']];
};

/** Copies `source`, a path, to `key`. */
const copy = (key: string, source: string, headers: Record<string, string> = {}) =>
  s3.ask('PUT', key, { headers: { 'x-amz-copy-source': source, ...headers } });
const statusAndCode = ({ status, code }: RawResponse) => [status, code];
const source = () => pathOf(s3.bucket, 'söurce +1');

describe('a range', () => {
  test.each([
    ['bytes=0-0', '0', '0-0'],
    ['bytes=3-5', '345', '3-5'],
    ['bytes=8-', '89', '8-9'],
    ['bytes=8-99', '89', '8-9'],
    ['bytes=-3', '789', '7-9'],
    ['bytes=-99', digits, '0-9'],
  ])('of %s gives %s', async (range, text, bytes) => {
    expect(await getRange(range)).toEqual([206, text, `bytes ${bytes}/10`]);
  });

  test.each(['bytes=5-3', 'bytes=a-b', 'items=0-1', 'bytes=0-1,3-4', 'bytes=-'])(
    'of %s counts as none',
    async (range) => {
      expect(await getRange(range)).toEqual([200, digits, undefined]);
    },
  );

  test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('of %s is refused', async (range) => {
    const response = await s3.ask('GET', 'digits', { headers: { range } });
    expect([response.status, response.code]).toEqual([416, 'InvalidRange']);
    expect(response.headers['content-range']).toBe('bytes */10');
  });

  test('of an empty object does not exist', async () => {
    await s3.ask('PUT', 'empty', { body: '' });
    expect((await s3.ask('GET', 'empty')).status).toBe(200);
    expect((await s3.ask('GET', 'empty', { headers: { range: 'bytes=0-' } })).status).toBe(416);
  });
});

describe('what a client says about an object', () => {
  const headers = {
    'content-type': 'audio/mp4',
    'cache-control': 'no-store',
    'content-disposition': 'attachment; filename="a.m4a"',
    'content-language': 'de',
    expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
    'x-amz-meta-class': '4b',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-tagging': 'school=north%20wing&year=2026',
  };

  test('comes back with it', async () => {
    await s3.ask('PUT', 'meta', { body: 'x', headers });
    const { 'x-amz-tagging': _tags, ...returned } = headers;
    const head = await s3.ask('HEAD', 'meta');
    expect(head.headers).toMatchObject({ ...returned, 'x-amz-tagging-count': '2' });
    expect(head.headers['content-length']).toBe('1');
    const tags = await s3.ask('GET', 'meta', { query: { tagging: '' } });
    expect([texts(tags.text, 'Key'), texts(tags.text, 'Value')]).toEqual([
      ['school', 'year'],
      ['north wing', '2026'],
    ]);
  });

  test('is replaced in the answer by what a signed link asks for', async () => {
    const query = {
      'response-content-type': 'text/plain',
      'response-content-disposition': 'inline',
      'response-cache-control': 'private',
    };
    const path = pathOf(s3.bucket, 'digits');
    const answer = await exchange(presign(s3, { method: 'GET', path, query }));
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-disposition': 'inline',
      'cache-control': 'private',
    });
  });

  test('cannot be replaced by what no header can carry', async () => {
    const path = pathOf(s3.bucket, 'digits');
    for (const value of ['😀', 'a\r\nb: c']) {
      const query = { 'response-content-disposition': value };
      const { status, code } = await exchange(presign(s3, { method: 'GET', path, query }));
      expect([status, code]).toEqual([400, 'InvalidArgument']);
    }
  });

  test.each([
    ['metadata over 2 KB', { 'x-amz-meta-a': 'x'.repeat(2048) }, 'MetadataTooLarge'],
    ['a storage class nobody has', { 'x-amz-storage-class': 'CHEAP' }, 'InvalidStorageClass'],
    ['eleven tags', { 'x-amz-tagging': 'a&b&c&d&e&f&g&h&i&j&k' }, 'InvalidTag'],
    ['a tag twice', { 'x-amz-tagging': 'a=1&a=2' }, 'InvalidTag'],
    ['an ACL', { 'x-amz-acl': 'public-read' }, 'AccessControlListNotSupported'],
  ])('is refused when it is %s', async (_what, wrong, code) => {
    const response = await s3.ask('PUT', 'refused', { body: 'x', headers: wrong });
    expect([response.status, response.code]).toEqual([400, code]);
    expect((await s3.ask('HEAD', 'refused')).status).toBe(404);
  });

  test('may be 2,048 bytes of metadata, names included', async () => {
    const exact = { 'x-amz-meta-a': 'x'.repeat(2047) };
    expect((await s3.ask('PUT', 'exact', { body: '', headers: exact })).status).toBe(200);
  });

  test('must be ASCII', async () => {
    // A body of bytes lets Node write the header as latin1, so that the signature holds.
    const response = await s3.ask('PUT', 'refused', {
      body: Buffer.from('x'),
      headers: { 'x-amz-meta-a': 'Économie' },
    });
    expect([response.status, response.code]).toEqual([400, 'InvalidArgument']);
    expect((await s3.ask('HEAD', 'refused')).status).toBe(404);
  });
});

test('tags can be replaced and removed', async () => {
  await s3.ask('PUT', 'tagged', { body: 'x' });
  const query = { tagging: '' };
  const body = '<Tagging><TagSet><Tag><Key>a&amp;b</Key><Value>1</Value></Tag></TagSet></Tagging>';
  expect((await s3.ask('PUT', 'tagged', { query, body })).code).toBe('InvalidTag');
  await s3.ask('PUT', 'tagged', { query, body: body.replace('&amp;', '+') });
  const put = await s3.ask('GET', 'tagged', { query });
  expect(texts(put.text, 'Key')).toEqual(['a+b']);
  expect((await s3.ask('DELETE', 'tagged', { query })).status).toBe(204);
  expect(texts((await s3.ask('GET', 'tagged', { query })).text, 'Key')).toEqual([]);
});

describe('a copy', () => {
  beforeAll(async () => {
    const headers = { 'content-type': 'audio/mp4', 'x-amz-meta-a': '1' };
    await s3.ask('PUT', 'söurce +1', { body: digits, headers });
  });
  test('has the bytes and the metadata of its source', async () => {
    const { text } = await copy('copy', source());
    const md5 = createHash('md5').update(digits).digest('hex');
    expect(textOf(text, 'ETag')).toBe(`&quot;${md5}&quot;`);
    const got = await s3.ask('GET', 'copy');
    expect([got.text, got.headers['content-type'], got.headers['x-amz-meta-a']]).toEqual([
      digits,
      'audio/mp4',
      '1',
    ]);
  });

  test('has other metadata when told to replace it', async () => {
    const replace = { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-b': '2' };
    await copy('copy', source(), replace);
    const { headers } = await s3.ask('HEAD', 'copy');
    expect([headers['x-amz-meta-a'], headers['x-amz-meta-b']]).toEqual([undefined, '2']);
  });

  test('onto itself must change something', async () => {
    await copy('self', source());
    const self = pathOf(s3.bucket, 'self');
    expect(statusAndCode(await copy('self', self))).toEqual([400, 'InvalidRequest']);
    const replace = { 'x-amz-metadata-directive': 'REPLACE' };
    expect((await copy('self', self, replace)).status).toBe(200);
    expect((await s3.ask('GET', 'self')).text).toBe(digits);
  });

  test('needs a source that exists and still is what it was', async () => {
    const missing = await copy('x', pathOf(s3.bucket, 'none'));
    expect(statusAndCode(missing)).toEqual([404, 'NoSuchKey']);
    const changed = await copy('x', source(), { 'x-amz-copy-source-if-match': '"other"' });
    expect(statusAndCode(changed)).toEqual([412, 'PreconditionFailed']);
    expect(statusAndCode(await copy('x', '/%ZZ/'))).toEqual([400, 'InvalidArgument']);
  });
});

test('the attributes of an object are told without its bytes', async () => {
  const headers = { 'x-amz-object-attributes': 'ETag,Checksum,ObjectSize,StorageClass' };
  const { text } = await s3.ask('GET', 'digits', { query: { attributes: '' }, headers });
  expect([textOf(text, 'ObjectSize'), textOf(text, 'StorageClass')]).toEqual(['10', 'STANDARD']);
  expect(textOf(text, 'ETag')).toBe(createHash('md5').update(digits).digest('hex'));
  expect(textOf(text, 'ChecksumCRC64NVME')).toMatch(/^\S{11}=$/u);
});

test('what is not there is answered as S3 does', async () => {
  const missing = await s3.ask('GET', 'none <&>');
  expect([missing.status, missing.code]).toEqual([404, 'NoSuchKey']);
  expect(textOf(missing.text, 'Key')).toBe('none &lt;&amp;&gt;');
  const head = await s3.ask('HEAD', 'none');
  expect([head.status, head.text]).toEqual([404, '']);
  expect((await s3.ask('DELETE', 'none')).status).toBe(204);
});

test('DeleteObjects removes keys however they are written, and is silent when asked to be', async () => {
  const keys = ['a&b', 'c d', '"<\u00E9>"', 'plain'];
  for (const key of keys) await s3.ask('PUT', key, { body: 'x' });
  const names = ['a&amp;b', 'c&#x20;d', '&quot;&lt;&#233;&gt;&quot;', '<![CDATA[plain]]>'];
  const objects = names.map((name) => `<Object><Key>${name}</Key></Object>`).join('');
  const body = `<Delete><!-- all --><Quiet>true</Quiet>${objects}</Delete>`;
  const query = { delete: '' };
  const unsummed = await s3.ask('POST', '', { query, body });
  expect([unsummed.status, unsummed.code]).toEqual([400, 'InvalidRequest']);
  const md5 = createHash('md5').update(body).digest('base64');
  const { text } = await s3.ask('POST', '', { query, body, headers: { 'content-md5': md5 } });
  expect(texts(text, 'Key')).toEqual([]);
  for (const key of keys) expect((await s3.ask('HEAD', key)).status).toBe(404);
});

test('each answer is reported with its operation, status and size', async () => {
  await using own = await openEmbedded();
  await own.ask('PUT', 'a b', { body: 'hello' });
  await own.ask('GET', 'none', { query: { versionId: 'x' } });
  await exchange(own.endpoint);
  await expect
    .poll(() => own.answered)
    .toEqual([
      {
        method: 'PUT',
        path: `/${own.bucket}/a%20b`,
        operation: 'PutObject',
        status: 200,
        bytesIn: 5,
      },
      {
        method: 'GET',
        path: `/${own.bucket}/none`,
        operation: 'GetObject',
        status: 404,
        bytesIn: 0,
      },
      { method: 'GET', path: '/', operation: 'Unknown', status: 403, bytesIn: 0 },
    ]);
});
