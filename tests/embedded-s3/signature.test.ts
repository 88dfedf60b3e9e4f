import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { openEmbedded, type Fixture } from './fixture.ts';
import { exchange, pathOf, presign, send, sign, type RawRequest } from './raw-client.ts';

const minute = 60_000;
let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
  await s3.ask('PUT', 'a key', { body: 'content' });
});
afterAll(() => s3[Symbol.asyncDispose]());

const get = (): RawRequest => ({ method: 'GET', path: pathOf(s3.bucket, 'a key') });

describe('a request signed in its header', () => {
  test('is served when the signature holds', async () => {
    const { status, text } = await send(s3, get());
    expect([status, text]).toEqual([200, 'content']);
  });

  test('is refused when the secret key is wrong', async () => {
    const response = await send({ ...s3, secretAccessKey: 'wrong' }, get());
    expect([response.status, response.code]).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('is refused when the access key is unknown', async () => {
    const response = await send({ ...s3, accessKeyId: 'NOBODY' }, get());
    expect([response.status, response.code]).toEqual([403, 'InvalidAccessKeyId']);
  });

  test.each([
    ['its path', (url: string) => url.replace('a%20key', 'b%20key'), {}],
    ['its query', (url: string) => `${url}?versionId=1`, {}],
    ['a signed header', (url: string) => url, { 'x-amz-date': '20200101T000000Z' }],
    ['the hash of its payload', (url: string) => url, { 'x-amz-content-sha256': 'e'.repeat(64) }],
  ])('is refused when %s was changed on the way', async (_what, change, headers) => {
    const signed = sign(s3, get());
    const atMs = Date.parse('2020-01-01T00:00:00Z');
    const dated = 'x-amz-date' in headers ? sign(s3, { ...get(), atMs: atMs + minute }) : signed;
    const response = await exchange(change(dated.url), {
      headers: { ...dated.headers, ...headers },
    });
    expect(response.status).toBe(403);
    expect(['SignatureDoesNotMatch', 'RequestTimeTooSkewed']).toContain(response.code);
  });

  test('is refused when an x-amz- header came along unsigned', async () => {
    const { url, headers } = sign(s3, get());
    const response = await exchange(url, { headers: { ...headers, 'x-amz-acl': 'private' } });
    expect([response.status, response.code]).toEqual([403, 'AccessDenied']);
    expect(response.text).toContain('<HeadersNotSigned>x-amz-acl</HeadersNotSigned>');
  });

  test.each([-14, 14])('may be signed by a clock %i minutes off', async (minutes) => {
    const response = await send(s3, { ...get(), atMs: Date.now() + minutes * minute });
    expect(response.status).toBe(200);
  });

  test.each([-16, 16])('is refused when the clock is %i minutes off', async (minutes) => {
    const response = await send(s3, { ...get(), atMs: Date.now() + minutes * minute });
    expect([response.status, response.code]).toEqual([403, 'RequestTimeTooSkewed']);
    expect(response.text).toContain('<ServerTime>');
    expect(Math.abs(Date.parse(response.headers.date ?? '') - Date.now())).toBeLessThan(minute);
  });

  test('is refused for another region, and told which one is right', async () => {
    const response = await send({ ...s3, region: 'eu-central-1' }, get());
    expect([response.status, response.code]).toEqual([400, 'AuthorizationHeaderMalformed']);
    expect(response.text).toContain('<Region>us-east-1</Region>');
    expect(response.headers['x-amz-bucket-region']).toBe('us-east-1');
  });

  test('needs x-amz-content-sha256', async () => {
    const { url, headers } = sign(s3, get());
    const { 'x-amz-content-sha256': _dropped, ...others } = headers;
    expect((await exchange(url, { headers: others })).code).toBe('InvalidRequest');
  });

  test.each([
    ['AWS key:signature', 'InvalidRequest'],
    ['AWS4-HMAC-SHA256 Credential=nonsense', 'AuthorizationHeaderMalformed'],
    ['AWS4-HMAC-SHA256', 'InvalidRequest'],
  ])('is refused when its Authorization is "%s"', async (authorization, code) => {
    const { url, headers } = sign(s3, get());
    const response = await exchange(url, { headers: { ...headers, authorization } });
    expect([response.status, response.code]).toEqual([400, code]);
  });

  test('is refused with a session token nobody issued', async () => {
    const response = await send(s3, { ...get(), headers: { 'x-amz-security-token': 'token' } });
    expect([response.status, response.code]).toEqual([400, 'InvalidToken']);
  });
});

describe('a link signed in its query', () => {
  test('is served until it expires', async () => {
    expect((await exchange(presign(s3, get(), 60))).text).toBe('content');
    const old = presign(s3, { ...get(), atMs: Date.now() - 61_000 }, 60);
    const response = await exchange(old);
    expect([response.status, response.code]).toEqual([403, 'AccessDenied']);
    expect(response.text).toContain('<Message>Request has expired</Message>');
  });

  test('may live for seven days and no longer', async () => {
    const week = 7 * 24 * 3600;
    const old = { ...get(), atMs: Date.now() - (week - 60) * 1000 };
    expect((await exchange(presign(s3, old, week))).status).toBe(200);
    const response = await exchange(presign(s3, get(), week + 1));
    expect([response.status, response.code]).toEqual([400, 'AuthorizationQueryParametersError']);
  });

  test('is not valid yet when it was signed in the future', async () => {
    const response = await exchange(presign(s3, { ...get(), atMs: Date.now() + 16 * minute }));
    expect(response.text).toContain('Request is not yet valid');
  });

  test('is refused when a letter of it was changed', async () => {
    const url = presign(s3, { ...get(), query: { 'response-content-type': 'text/plain' } });
    const response = await exchange(url.replace('text%2Fplain', 'text%2Fhtml'));
    expect([response.status, response.code]).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('is refused for another region or access key', async () => {
    const elsewhere = await exchange(presign({ ...s3, region: 'eu-west-1' }, get()));
    expect([elsewhere.status, elsewhere.code]).toEqual([400, 'AuthorizationQueryParametersError']);
    expect(elsewhere.text).toContain('<Region>us-east-1</Region>');
    const stranger = await exchange(presign({ ...s3, accessKeyId: 'NOBODY' }, get()));
    expect([stranger.status, stranger.code]).toEqual([403, 'InvalidAccessKeyId']);
  });

  test('takes metadata that a presigning client moved into the query', async () => {
    const path = pathOf(s3.bucket, 'from query');
    const query = { 'x-amz-meta-class': '4b' };
    const url = presign(s3, { method: 'PUT', path, query });
    expect((await exchange(url, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect((await s3.ask('HEAD', 'from query')).headers['x-amz-meta-class']).toBe('4b');
  });

  test('cannot be used together with an Authorization header', async () => {
    const { headers } = sign(s3, get());
    const response = await exchange(presign(s3, get()), { headers });
    expect([response.status, response.code]).toEqual([400, 'InvalidArgument']);
  });
});

describe('a request without a signature', () => {
  test('is refused, also with response headers it would like to set', async () => {
    const url = `${s3.endpoint}${pathOf(s3.bucket, 'a key')}`;
    for (const query of ['', '?response-content-type=text/html']) {
      const response = await exchange(url + query);
      expect([response.status, response.code]).toEqual([403, 'AccessDenied']);
    }
  });
});

test('every answer names its request', async () => {
  const ok = await send(s3, get());
  const refused = await exchange(s3.endpoint);
  const ids = [ok, refused].map(({ headers }) => headers['x-amz-request-id']);
  expect(ids).toEqual([
    expect.stringMatching(/^[0-9A-F]{16}$/u),
    expect.stringMatching(/^[0-9A-F]{16}$/u),
  ]);
  expect(refused.text).toContain(`<RequestId>${String(ids[1])}</RequestId>`);
});
