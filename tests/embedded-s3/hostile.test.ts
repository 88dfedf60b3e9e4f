import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { filesIn, openEmbedded, type Fixture } from './fixture.ts';
import { exchange, pathOf, sign, type RawRequest } from './raw-client.ts';

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
  await s3.ask('PUT', 'still alive', { body: 'x' });
});
afterAll(() => s3[Symbol.asyncDispose]());

afterEach(async () => {
  const { status } = await s3.ask('PUT', 'still alive', { body: 'x' });
  if (status !== 200) throw new Error(`The server has not survived: it answers ${status}`);
});

/** Sends `text` over a bare socket and returns all that comes back. */
async function rawExchange(text: string): Promise<string> {
  const { hostname, port } = new URL(s3.endpoint);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}); // A refused client may find its connection gone.
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

describe('XML is refused', () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "${'x'.repeat(100)}"><!ENTITY b "&a;&a;&a;">]><Tagging>&b;</Tagging>`;
  test.each([
    ['with a document type', bomb],
    ['with an entity of its own', '<Tagging>&a;</Tagging>'],
    ['with a character that does not exist', '<Tagging>&#x110000;</Tagging>'],
    ['that never ends', '<Tagging><TagSet>'],
    ['that closes what it did not open', '<Tagging></TagSet></Tagging>'],
    ['with two roots', '<Tagging/><Tagging/>'],
    ['with a root of another name', '<Delete/>'],
    ['that is empty', ''],
    ['that is no XML', 'hello'],
    ['that nests a thousand deep', `${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}`],
    ['that is not UTF-8', new Uint8Array([0x3c, 0xff, 0x3e])],
  ])('%s', async (_what, body) => {
    const { status, code } = await s3.ask('PUT', 'still alive', { query: { tagging: '' }, body });
    expect([status, code]).toEqual([400, 'MalformedXML']);
  });

  test('past 2 MiB', async () => {
    const body = `<Tagging>${' '.repeat(2 * 1024 * 1024)}</Tagging>`;
    const { status, code } = await s3.ask('PUT', 'still alive', { query: { tagging: '' }, body });
    expect([status, code]).toEqual([400, 'MaxMessageLengthExceeded']);
  });
});

describe('HTTP is refused', () => {
  test('when it is none', async () => {
    expect(await rawExchange('HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /u);
  });

  test('with headers past 32 KiB', async () => {
    const header = `x-long: ${'x'.repeat(40_000)}`;
    const answer = await rawExchange(`GET / HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
    expect(answer).toContain('RequestHeaderSectionTooLarge');
    expect(answer).toMatch(/x-amz-request-id: [0-9A-F]{16}/u);
  });

  test('with a whole URL for a path', async () => {
    const answer = await rawExchange(
      'GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('<Code>InvalidURI</Code>');
  });
});

const put = (more: Partial<RawRequest> = {}): RawRequest => ({
  method: 'PUT',
  path: pathOf(s3.bucket, 'refused'),
  payload: 'UNSIGNED-PAYLOAD',
  ...more,
});

describe('a body', () => {
  test('without a length is refused', async () => {
    const { url, headers } = sign(s3, put({ headers: { 'transfer-encoding': 'chunked' } }));
    const response = await exchange(url, { method: 'PUT', headers, body: 'x' });
    expect([response.status, response.code]).toEqual([501, 'NotImplemented']);
  });

  test.each([
    ['over 5 GiB', { 'content-length': String(5 * 1024 ** 3 + 1) }, 400, 'EntityTooLarge'],
    ['nobody signed for', { authorization: 'AWS4-HMAC-SHA256 Credential=a' }, 400, undefined],
  ])('%s is refused before it is sent', async (_what, headers, status, code) => {
    const signed = sign(
      s3,
      put({ headers: { 'content-length': '1000', ...headers, expect: '100-continue' } }),
    );
    const sent = request(signed.url, { method: 'PUT', headers: { ...signed.headers, ...headers } });
    let isAskedFor = false;
    sent.on('continue', () => (isAskedFor = true));
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    sent.destroy();
    expect([isAskedFor, response.statusCode]).toEqual([false, status]);
    expect(text).toContain(code ?? '<Code>AuthorizationHeaderMalformed</Code>');
  });

  test('that waits to be asked for is asked for once the request is good', async () => {
    const headers = { 'content-length': '5', expect: '100-continue' };
    const signed = sign(s3, put({ path: pathOf(s3.bucket, 'asked'), headers }));
    const sent = request(signed.url, { method: 'PUT', headers: signed.headers });
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.end('hello');
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect((await s3.ask('GET', 'asked')).text).toBe('hello');
  });
});

describe('a request is not understood', () => {
  test.each([
    ['PATCH', 'x', {}, 405, 'MethodNotAllowed'],
    ['POST', 'x', {}, 405, 'MethodNotAllowed'],
    ['GET', 'x', { torrent: '' }, 501, 'NotImplemented'],
    ['PUT', '', { cors: '' }, 501, 'NotImplemented'],
    ['PUT', '', { lifecycle: '' }, 400, 'InvalidRequest'],
    ['PUT', '', { policy: '' }, 501, 'NotImplemented'],
    ['POST', 'x', { select: '', 'select-type': '2' }, 501, 'NotImplemented'],
  ])('%s %j %j', async (method, key, query, status, code) => {
    const response = await s3.ask(method, key, { query });
    expect([response.status, response.code]).toEqual([status, code]);
  });
});

test('nothing of all this was stored', async () => {
  expect((await filesIn(s3.dataDir)).tmp).toEqual([]);
  expect((await s3.ask('HEAD', 'refused')).status).toBe(404);
});
