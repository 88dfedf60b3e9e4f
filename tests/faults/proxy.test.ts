/** @file The fault proxy itself: what it is told to do to the line happens, and nothing else. */
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Action } from '../support/fault-actions.ts';
import { openFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { countingServer, openRemote } from '../support/engine.ts';
import type { S3Access } from '../support/s3-servers.ts';

/** Answers each request with its own body, and keeps what arrived. */
async function openEcho() {
  const arrived: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      arrived.push(`${request.method} ${body.toString('latin1')}`);
      response.writeHead(200, { 'content-length': body.length }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server has an AddressInfo.
  const behind = { endpoint: `http://127.0.0.1:${port}` } as S3Access; // The proxy looks at nothing else.
  const proxy = await openFaultProxy(behind);
  return {
    arrived,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const send = (proxy: FaultProxy, body = 'hello', url = '/bucket/key') =>
  fetch(proxy.access.endpoint + url, { method: 'PUT', body })
    .then(async (answer) => `${answer.status} ${await answer.text()}`)
    .catch(() => 'broken off');

test.each<[action: Action, heard: string, arrived: string[]]>([
  [{ kind: 'latency', ms: 5, jitterMs: 5 }, '200 hello', ['PUT hello']],
  [{ kind: 'rate', bytesPerSecond: 500 }, '200 hello', ['PUT hello']],
  [{ kind: 'slice', bytes: 1 }, '200 hello', ['PUT hello']],
  [{ kind: 'resetAfter', bytes: 2 }, 'broken off', []],
  [{ kind: 'resetAfter', bytes: 2, of: 'response' }, 'broken off', ['PUT hello']],
  [{ kind: 'dropResponse' }, 'broken off', ['PUT hello']],
  [{ kind: 'replaceResponse', status: 403, body: 'no' }, '403 no', []],
  [{ kind: 'replaceResponse', status: 200, body: 'yes', forward: true }, '200 yes', ['PUT hello']],
  [{ kind: 'appendBody', text: '\n' }, '200 hello\n', ['PUT hello']],
  [{ kind: 'flipBit', at: 0 }, '200 iello', ['PUT iello']],
  [{ kind: 'flipBit', at: 4, of: 'response' }, '200 helln', ['PUT hello']],
  [{ kind: 'duplicateRequest' }, '200 hello', ['PUT hello', 'PUT hello']],
  [{ kind: 'closeIdle' }, '200 hello', ['PUT hello']],
  [{ kind: 'interim', status: 103 }, '200 hello', ['PUT hello']],
])('the second request meets %o, and those around it nothing', async (action, heard, arrived) => {
  await using echo = await openEcho();
  const { proxy } = echo;
  const rule = proxy.add({ match: 'PutObject', nth: 2, action });
  expect(await send(proxy)).toBe('200 hello');
  expect(echo.arrived).toEqual(['PUT hello']);
  expect(await send(proxy)).toBe(heard);
  expect(echo.arrived.slice(1)).toEqual(arrived);
  expect(await send(proxy)).toBe('200 hello');
  expect(rule.hits).toBe(1);
  expect(proxy.log.map(({ operation, actions }) => [operation, actions])).toEqual([
    ['PutObject', []],
    ['PutObject', [action.kind]],
    ['PutObject', []],
  ]);
  expect(proxy.log[1]!.forwarded).toBe(arrived.length > 0);
});

test('a stalled line says nothing until the network is healed, and is then broken', async () => {
  await using echo = await openEcho();
  const { proxy } = echo;
  const rule = proxy.add({ action: { kind: 'stallAfter', bytes: 3 } });
  let heard: string | undefined;
  const sent = send(proxy).then((answer) => (heard = answer));
  await expect.poll(() => rule.hits).toBe(1);
  await expect.poll(() => proxy.log[0]!.bytesIn).toBe(5);
  expect(heard).toBeUndefined();
  proxy.heal();
  expect(await sent).toBe('broken off');
  expect(echo.arrived).toEqual([]);
  expect(await send(proxy)).toBe('200 hello');
});

test('a call comes when its bytes have passed, and the copy of a request can come late', async () => {
  await using echo = await openEcho();
  const { proxy } = echo;
  const order: string[] = [];
  const note = (text: string) => () => void order.push(`${text}, ${echo.arrived.length} there`);
  proxy.add({
    nth: 1,
    action: [
      { kind: 'call', bytes: 2, run: note('on the way') },
      { kind: 'call', bytes: 0, of: 'response', run: note('answered') },
    ],
  });
  proxy.add({ nth: 1, action: { kind: 'duplicateRequest', laterMs: 50 } });
  expect(await send(proxy)).toBe('200 hello');
  expect(order).toEqual(['on the way, 0 there', 'answered, 1 there']);
  await expect.poll(() => echo.arrived).toEqual(['PUT hello', 'PUT hello']);
});

test('a connection that the storage has left is closed to the client, too', async () => {
  await using echo = await openEcho();
  const socket = connect(Number(new URL(echo.proxy.access.endpoint).port), '127.0.0.1');
  echo.proxy.add({ action: { kind: 'closeIdle' } });
  socket.write('PUT /b/k HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nok');
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await new Promise((resolve) => socket.once('close', resolve));
  expect(heard).toContain('200 OK');
  await expect.poll(() => echo.proxy.sockets()).toBe(0);
});

test('a storage behind it is the same storage: signatures, HEADs and large bodies pass unchanged', async () => {
  await using s3 = await countingServer();
  await using proxy = await openFaultProxy(s3);
  using remote = openRemote(proxy.access);
  const signal = AbortSignal.timeout(30_000);
  const headers = { contentType: 'audio/mpeg', metadata: { user_id: 'a' } };

  const body = Buffer.alloc(3_000_000, 'x');
  await remote.putObject('k', body, crc32(body), headers, signal);
  expect(await remote.head('k', signal)).toMatchObject({
    sizeBytes: 3_000_000,
    crc32: crc32(body),
  });
  expect((await remote.list('', 10, undefined, signal)).objects).toHaveLength(1);
  await remote.deleteObject('k', signal);
  expect(proxy.log.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
    'PutObject 200',
    'HeadObject 200',
    'ListObjectsV2 200',
    'DeleteObject 204',
  ]);
});
