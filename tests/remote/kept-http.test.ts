import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Request } from '../../electron/engine/s3/light-http.ts';
import { openTransport } from '../../electron/engine/s3/transport.ts';
import { tempDir } from '../support/temp-dir.ts';
import { certificate } from '../support/tls-front.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const PATIENCE_MS = 30_000;

type Open = Readonly<{ socket: Socket; heard: () => string }>;

/** A storage by hand: `answer` hears all that came over a connection so far. @param keys Over TLS, with these. */
async function open(
  answer: (connection: Open, number: number) => void,
  keys?: Awaited<ReturnType<typeof certificate>>,
) {
  const sockets: Socket[] = [];
  const take = (socket: Socket) => {
    const number = sockets.push(socket);
    let heard = '';
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      heard += piece.toString('latin1');
      answer({ socket, heard: () => heard }, number);
    });
  };
  const server: Server = keys ? createTlsServer(keys, take) : createServer(take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(
    `${keys ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  const settings = { endpoint: url.href, region: 'r', bucket: 'b', credentials: undefined };
  const { route, handler } = openTransport({
    ...settings,
    profile: undefined,
    verifyTls: true,
    ca: keys?.ca,
    proxyEnv: {},
  });
  const send = (
    given: Partial<Request> = {},
    signal = AbortSignal.timeout(PATIENCE_MS),
    waitMs = PATIENCE_MS,
  ) =>
    route.kept!.exchange(
      { url, method: 'PUT', path: '/b/k', headers: { host: url.host }, ...given },
      signal,
      waitMs,
    );
  return {
    send,
    connections: () => sockets.length,
    sockets,
    async [Symbol.asyncDispose]() {
      handler.destroy();
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const requestsIn = (text: string) => text.split('PUT /b/k HTTP/1.1\r\n').length - 1;

/** As the kernel writes the end of a connection. */
const at = (port = 0) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;

test('a request is written as it was given, with its body behind it', async () => {
  let heard = '';
  await using storage = await open((connection) => {
    heard = connection.heard();
    if (heard.endsWith('body')) connection.socket.write(OK);
  });
  const headers = { host: 'h', 'x-amz-meta-a': 'b c', 'content-length': '4' };
  const answer = await storage.send({
    path: '/b/k%20%C3%A9?x=y',
    headers,
    body: Buffer.from('body'),
  });
  expect(answer).toEqual({ status: 200, headers: { 'content-length': '0' }, body: '' });
  expect(heard).toBe(
    'PUT /b/k%20%C3%A9?x=y HTTP/1.1\r\nhost: h\r\nx-amz-meta-a: b c\r\ncontent-length: 4\r\nconnection: keep-alive\r\n\r\nbody',
  );
});

describe('a connection', () => {
  test('is used again, and by one request at a time', async () => {
    await using storage = await open(({ socket }) => void socket.write(OK));
    await Promise.all([storage.send(), storage.send()]);
    expect(storage.connections()).toBe(2);
    for (let i = 0; i < 3; i += 1) await storage.send();
    expect(storage.connections()).toBe(2);
  });

  test.each([
    ['the storage closes it', OK.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')],
    ['more came than was asked for', `${OK}HTTP/1.1 200 OK\r\n`],
    ['it is kept for a second only', OK.replace('\r\n\r\n', '\r\nkeep-alive: timeout=1\r\n\r\n')],
  ])('is not used again where %s', async (_name, text) => {
    await using storage = await open(({ socket }) => void socket.write(text));
    expect((await storage.send()).status).toBe(200);
    expect((await storage.send()).status).toBe(200);
    expect(storage.connections()).toBe(2);
  });

  test('is probed while nothing is asked over it', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux shows the timers of a connection');
    await using storage = await open(({ socket }) => void socket.write(OK));
    await storage.send();
    const { localPort, remotePort } = storage.sockets[0]!;
    // proc(5), /proc/net/tcp: behind the addresses, the state and the queues, a timer and its hundredths of a second.
    const timer = async () => {
      const lines = (await readFile('/proc/self/net/tcp', 'utf8')).split('\n');
      const fields = lines.map((line) => line.trim().split(/\s+/));
      // By both ends: one that is over may have gone from the same port to another one.
      const own = fields.find(([, near, far]) => near === at(remotePort) && far === at(localPort));
      const [kind, hundredths = ''] = own?.[5]?.split(':') ?? [];
      return { isOfProbes: kind === '02', isSoon: Number.parseInt(hundredths, 16) < 1_000 };
    };
    await expect.poll(timer).toEqual({ isOfProbes: true, isSoon: true });
  });

  test('over TLS goes on with what was agreed on over the one before', async () => {
    await using dir = await tempDir();
    const keys = await certificate(dir.path);
    const closing = OK.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
    const reused: boolean[] = [];
    await using storage = await open(({ socket }) => {
      reused.push((socket as TLSSocket).isSessionReused());
      socket.end(closing);
    }, keys);
    for (let i = 0; i < 3; i += 1) expect((await storage.send()).status).toBe(200);
    expect(reused).toEqual([false, true, true]);
  });

  test('that the storage has let go is not asked', async () => {
    await using storage = await open(({ socket }) => void socket.write(OK));
    await storage.send();
    const [first] = storage.sockets;
    first!.end();
    await once(first!, 'close');
    expect((await storage.send()).status).toBe(200);
    expect(storage.connections()).toBe(2);
  });

  test('that breaks before its answer is told as broken, and what was answered is not asked for again', async () => {
    await using storage = await open(({ socket, heard }) => {
      if (requestsIn(heard()) === 1) socket.write(OK);
      else socket.destroy();
    });
    await storage.send();
    await expect(storage.send()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await storage.send()).status).toBe(200);
    expect(storage.connections()).toBe(2);
  });

  test('that ends within an answer is told as broken', async () => {
    const half = 'HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: 5\r\n\r\nfi';
    await using storage = await open(({ socket }) => void socket.end(half));
    await expect(storage.send()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('on which nothing moves is given up', async () => {
    await using storage = await open(() => {});
    const silent = storage.send({}, undefined, 50);
    await expect(silent).rejects.toMatchObject({ name: 'TimeoutError', isConnecting: false });
    await expect.poll(() => storage.sockets[0]!.destroyed).toBe(true);
  });

  test('is closed when nobody waits for its answer any more', async () => {
    const stop = new AbortController();
    await using storage = await open(() => stop.abort());
    await expect(storage.send({}, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => storage.sockets[0]!.destroyed).toBe(true);
    await expect(storage.send({}, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

test('what was called off before it is asked is not sent', async () => {
  let heard = '';
  await using storage = await open((connection) => {
    heard = connection.heard();
    connection.socket.write(OK);
  });
  await storage.send();
  const before = heard;
  const calledOff = storage.send({ path: '/b/other' }, AbortSignal.abort());
  await expect(calledOff).rejects.toThrow('aborted');
  await storage.send();
  expect(storage.connections()).toBe(1);
  expect(heard).toBe(before + before);
});

test('a refusal before all was sent is heard, and nothing more is sent', async () => {
  await using storage = await open(({ socket }) => {
    socket.pause(); // Nothing more of it is taken.
    socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno');
  });
  const body = Buffer.alloc(64 * 1024 * 1024);
  const headers = { host: 'h', 'content-length': String(body.length) };
  expect(await storage.send({ headers, body })).toMatchObject({ status: 403, body: 'no' });
  const [first] = storage.sockets;
  first!.resume();
  await expect.poll(() => first!.destroyed).toBe(true);
  expect(first!.bytesRead).toBeLessThan(body.length);
});

test.each([
  ['a header that would begin another one', { headers: { host: 'h', a: 'b\r\nc: d' } }],
  ['a sign that no header has', { headers: { host: 'h', a: 'Ł' } }],
  ['a path that would begin another line', { path: '/b/k HTTP/1.1\r\nc: d' }],
])('%s is not sent', async (_name, given) => {
  await using storage = await open(({ socket }) => void socket.write(OK));
  await expect(storage.send(given)).rejects.toThrow(TypeError);
  expect(storage.connections()).toBe(0);
});

test('what is no answer is not taken for one', async () => {
  await using storage = await open(({ socket }) => void socket.write('SSH-2.0-OpenSSH\r\n'));
  await expect(storage.send()).rejects.toThrow(SyntaxError);
});
