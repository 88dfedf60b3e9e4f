/** @file A body whose memory is others' as soon as it has gone out: what is sent is never theirs. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { MIB } from '../../shared/parts.ts';
import { tempDir } from '../support/temp-dir.ts';
import { certificate } from '../support/tls-front.ts';

const whole = Buffer.from(Uint8Array.from({ length: 8 * MIB }, (_, i) => (i >> 8) ^ i));
const sum = crc32(whole);

/** What it does with a request for a part. */
const acts = {
  'refuses it in mid-body': async (request: IncomingMessage, response: ServerResponse) => {
    await once(request, 'readable');
    response.writeHead(503, { 'content-type': 'application/xml' });
    response.end('<Error><Code>SlowDown</Code></Error>');
  },
  // As it seems to the sender, who over TLS hears later that all has gone out.
  'answers before it has all': async (request: IncomingMessage, response: ServerResponse) => {
    await once(request, 'readable');
    response.writeHead(200, { etag: '"taken"' }).end();
    await buffer(request);
  },
  'fails at once in mid-body': async (request: IncomingMessage, response: ServerResponse) => {
    await once(request, 'readable');
    response.writeHead(500, { 'content-type': 'application/xml' });
    response.end('<Error><Code>InternalError</Code></Error>');
  },
  'breaks off in mid-body': async (request: IncomingMessage) => {
    await once(request, 'readable');
    request.socket.destroy();
  },
  'fails when it has all': async (request: IncomingMessage, response: ServerResponse) => {
    await buffer(request);
    response.writeHead(500).end('<Error><Code>InternalError</Code></Error>');
  },
};

async function openPartServer(isTls: boolean, act: (typeof acts)[keyof typeof acts]) {
  const stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir());
  const sums: number[] = [];
  const requests: IncomingMessage[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (requests.push(request) === 1 || act === acts['answers before it has all'])
      return act(request, response);
    sums.push(crc32(await buffer(request)));
    return response.writeHead(200, { etag: '"taken"' }).end();
  };
  const keys = isTls ? await certificate(dir.path) : undefined;
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response).catch(() => request.socket.destroy());
  const server = keys ? createTlsServer(keys, handle) : createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return {
    endpoint,
    ca: keys?.ca,
    sums,
    requests,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Storage = Awaited<ReturnType<typeof openPartServer>>;

const openWith = ({ endpoint, ca }: Storage, way: 'light' | 'sdk') =>
  openStorage({
    endpoint,
    ca,
    region: 'us-east-1',
    bucket: 'b',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    profile: undefined,
    verifyTls: true,
    proxyEnv: {},
    way,
  });

const table = (['light', 'sdk'] as const).flatMap((way) =>
  [false, true].flatMap((isTls) =>
    (Object.keys(acts) as (keyof typeof acts)[])
      .filter((name) => name !== 'answers before it has all')
      .map((name) => [way, isTls ? 'https' : 'http', name] as const),
  ),
);

test.each(table)('the %s way, over %s, from a storage that %s', async (way, scheme, name) => {
  await using storage = await openPartServer(scheme === 'https', acts[name]);
  const remote = openWith(storage, way);
  let memory: Buffer | undefined;
  let read = 0;
  const body = {
    byteLength: whole.length,
    async bytes() {
      if (memory === undefined) read += 1;
      return (memory ??= Buffer.from(whole));
    },
    // From now on it is somebody else's.
    gone: () => void (memory = void memory?.fill(0)),
  };
  const etag = await remote.putPart('k', 'u', 1, body, sum, AbortSignal.timeout(60_000));
  remote.close();
  expect(etag).toBe('taken');
  expect(storage.sums).toEqual([sum]);
  expect(storage.requests).toHaveLength(2);
  // The SDK holds it until it is answered.
  expect(read).toBe(way === 'light' && name === 'fails when it has all' ? 2 : 1);
});

test.each(['http', 'https'])(
  'over %s, parts that are taken leave their connections to others',
  async (scheme) => {
    await using storage = await openPartServer(
      scheme === 'https',
      acts['answers before it has all'],
    );
    const remote = openWith(storage, 'light');
    for (let number = 1; number <= 20; number += 1) {
      const body = { byteLength: whole.length, bytes: async () => whole, gone() {} };
      await remote.putPart('k', 'u', number, body, sum, AbortSignal.timeout(60_000));
    }
    remote.close();
    // The next one may begin before the last one has gone out.
    expect(new Set(storage.requests.map(({ socket }) => socket)).size).toBeLessThan(10);
  },
);
