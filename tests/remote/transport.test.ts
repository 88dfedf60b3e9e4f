import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { createServer as createHttpsServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { CheckingAgent } from '../../electron/engine/s3/certificates.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { MIB } from '../../shared/parts.ts';
import { openServer } from '../support/s3-servers.ts';
import { countingServer, settingsFor } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { certificate, openProxy, STORAGE_NAME, tlsFront } from '../support/tls-front.ts';

/** The embedded S3 as https://storage.example, which only a proxy can reach. */
async function storageBehind(password?: string, authority?: string) {
  const stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir());
  const s3 = stack.use(await countingServer());
  const keys = await certificate(dir.path, authority);
  const front = stack.use(await tlsFront(keys, Number(new URL(s3.endpoint).port)));
  const proxy = stack.use(await openProxy(front.port, password));
  const login = password === undefined ? '' : `${password}@`;
  const settings: StorageSettings = {
    ...settingsFor(s3),
    endpoint: `https://${STORAGE_NAME}`,
    ca: keys.ca,
    proxyEnv: { HTTPS_PROXY: `http://${login}127.0.0.1:${proxy.port}` },
  };
  const { requests } = s3;
  return {
    settings,
    keys,
    proxy,
    front,
    requests,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What the first question to the storage ends in: `found nothing`, or the trouble's code. */
async function ask(settings: StorageSettings): Promise<string> {
  const remote = openStorage(settings);
  try {
    const found = await remote.head('audio/BIO-101/none.mp3', AbortSignal.timeout(50_000));
    return found === undefined ? 'found nothing' : 'found something';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    remote.close();
  }
}

test('a private authority’s file is believed, and nothing else that the system does not know', async () => {
  await using storage = await storageBehind();
  expect(await ask(storage.settings)).toBe('found nothing');
  expect(await ask({ ...storage.settings, ca: undefined })).toBe('untrusted-connection');
});

/** What the details say of a certificate that was refused. */
async function issuerTold(settings: StorageSettings): Promise<string> {
  const remote = openStorage(settings);
  const error = await remote.head('k', AbortSignal.timeout(50_000)).catch((why: unknown) => why);
  remote.close();
  expect(error).toMatchObject({ code: 'untrusted-connection' });
  return (error as Error).message;
}

test('who issued a certificate that was refused is told, directly and through a proxy, and nothing is sent to it', async () => {
  await using inspected = await storageBehind(undefined, 'A School Filter');
  await using alone = await storageBehind();
  const { settings, front } = inspected;
  const direct = { ...settings, proxyEnv: {}, endpoint: `https://127.0.0.1:${front.port}` };
  const inspects =
    'The certificate was issued by A School Filter; your school’s network may inspect connections (SELF_SIGNED_CERT_IN_CHAIN)';
  for (const seen of [settings, direct])
    expect(await issuerTold({ ...seen, ca: undefined })).toBe(inspects);
  expect(await issuerTold({ ...alone.settings, ca: undefined })).toBe(
    'The certificate was issued by A Storage to itself (DEPTH_ZERO_SELF_SIGNED_CERT)',
  );
  expect([inspected.requests, alone.requests]).toEqual([[], []]);
  expect(await ask(direct)).toBe('found nothing');
});

test('a certificate goes unchecked only while that was asked for and has not ended', async () => {
  await using storage = await storageBehind();
  const unchecked = { ...storage.settings, ca: undefined, verifyTls: false };
  const until = (ms: number) => ask({ ...unchecked, unverifiedUntilMs: Date.now() + ms });
  expect(await until(60_000)).toBe('found nothing');
  expect(await until(-1)).toBe('untrusted-connection');
  expect(await ask(unchecked)).toBe('untrusted-connection');
});

test('a running program looks again when the time is over, on a connection of its own', async () => {
  await using storage = await storageBehind();
  const settings = {
    ...storage.settings,
    ca: undefined,
    verifyTls: false,
    unverifiedUntilMs: Date.now() + 3_000,
  };
  const remote = openStorage(settings);
  const head = () => remote.head('audio/BIO-101/none.mp3', AbortSignal.timeout(50_000));
  await expect(head()).resolves.toBeUndefined();
  await expect
    .poll(() => head().catch((error: { code: string }) => error.code))
    .toBe('untrusted-connection');
  remote.close();
});

test('a connection that was opened unchecked is not used again, also when it is answered after the time', async () => {
  await using storage = await storageBehind();
  const { keys, settings } = storage;
  const unverifiedUntilMs = Date.now() + 2_000;
  const sleepMs = () => Math.max(0, unverifiedUntilMs + 50 - Date.now());
  const server = createHttpsServer(keys, (_request, response) => {
    setTimeout(() => response.end(), sleepMs());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const unchecked = { ...settings, ca: undefined, verifyTls: false, unverifiedUntilMs };
  const agent = new CheckingAgent(unchecked, { keepAlive: true });
  const answer = async () => {
    const asked = get({ agent, port, host: '127.0.0.1' });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
  };
  await answer();
  await new Promise(setImmediate); // The agent takes it back.
  await expect(answer()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  agent.destroy();
  server.close();
});

test('the proxy of the environment is used, with its password', async () => {
  await using storage = await storageBehind('amira:pass word');
  const { settings, proxy } = storage;
  const proxyEnv = { https_proxy: `http://amira:pass%20word@127.0.0.1:${proxy.port}` };
  expect(await ask({ ...settings, proxyEnv })).toBe('found nothing');
  expect(proxy.asked).toContain(`CONNECT ${STORAGE_NAME}:443`);
});

test('a proxy that wants a password, or is not there, is named as such and never as wrong keys', async () => {
  await using storage = await storageBehind('amira:secret');
  const { settings, proxy } = storage;
  const without = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  expect(await ask({ ...settings, proxyEnv: without })).toBe('proxy-refused');
  const plain = { HTTP_PROXY: without.HTTPS_PROXY };
  const http = { ...settings, endpoint: `http://${STORAGE_NAME}`, proxyEnv: plain };
  expect(await ask(http)).toBe('proxy-refused');
  await proxy[Symbol.asyncDispose]();
  expect(await ask({ ...settings, proxyEnv: without })).toBe('offline');
});

test('NO_PROXY goes straight, and so does a storage on this computer', async () => {
  await using storage = await storageBehind();
  const { settings, proxy } = storage;
  const excluded = { ...settings, proxyEnv: { ...settings.proxyEnv, NO_PROXY: STORAGE_NAME } };
  expect(await ask(excluded)).toBe('offline'); // The name resolves nowhere but at the proxy.
  await using local = await openServer('embedded');
  const proxyEnv = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
  expect(await ask({ ...settingsFor(local), proxyEnv })).toBe('found nothing');
  expect(proxy.asked).toEqual([]);
});

/** Requests that this process begins from now on. */
function requestsBegun() {
  const begun: ClientRequest[] = [];
  const hear = (message: unknown) =>
    void begun.push((message as { request: ClientRequest }).request);
  subscribe('http.client.request.created', hear);
  return { begun, [Symbol.dispose]: () => void unsubscribe('http.client.request.created', hear) };
}

test('of a part that a storage does not take, little is encrypted ahead; one that it takes arrives whole', async () => {
  await using storage = await storageBehind();
  using requests = requestsBegun();
  const body = Buffer.alloc(32 * MIB, 'part');
  const send = (port: number, signal: AbortSignal) => {
    const endpoint = `https://127.0.0.1:${port}`;
    const remote = openStorage({ ...storage.settings, endpoint, proxyEnv: {} });
    const headers = { contentType: 'video/mp4', metadata: {} };
    return remote
      .putObject('k', body, crc32(body), headers, signal)
      .then(() => remote.head('k', signal))
      .finally(() => remote.close());
  };
  const stored = await send(storage.front.port, AbortSignal.timeout(50_000));
  expect(stored?.crc32).toBe(crc32(body));

  const deaf = createServer(storage.keys, (socket) => void socket.pause().on('error', () => {}));
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const stop = new AbortController();
  const stuck = send((deaf.address() as AddressInfo).port, stop.signal);
  // Of the whole body the kernel holds a few MiB.
  await expect.poll(() => requests.begun.at(-1)?.socket?.writableLength).toBeGreaterThan(MIB / 2);
  expect(requests.begun.at(-1)?.socket?.writableLength).toBeLessThan(2 * MIB);
  stop.abort();
  await expect(stuck).rejects.toThrow(/abort/i);
  deaf.close();
});
