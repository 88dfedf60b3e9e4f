import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formBytes, openServing, raw } from './serving.ts';

const FILES = '/api/v1/s3/files';

test('only a request for this host, from here, with the token in its header gets through', async () => {
  await using serving = await openServing();
  const { url, token } = serving;
  const { port } = new URL(url);
  const authorization = `Bearer ${token}`;
  const ask = async (headers: Record<string, string>, path = FILES) =>
    (await raw(url, { path, headers })).status;

  expect(await ask({ authorization })).toBe(200);
  expect(await ask({ authorization, host: `localhost:${port}` })).toBe(200);
  expect(await ask({ authorization, origin: url, 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await ask({ authorization, 'sec-fetch-site': 'none' })).toBe(200);

  expect(await ask({ authorization, host: 'evil.test' })).toBe(403);
  expect(await ask({ authorization, host: `evil.test:${port}` })).toBe(403);
  expect(await ask({ authorization, host: `127.0.0.1:${Number(port) + 1}` })).toBe(403);
  expect(await ask({ authorization, host: '127.0.0.1' })).toBe(403);
  expect(await ask({ authorization, origin: 'http://evil.test' })).toBe(403);
  expect(await ask({ authorization, origin: 'null' })).toBe(403);
  expect(await ask({ authorization, origin: `https://127.0.0.1:${port}` })).toBe(403);
  expect(await ask({ authorization, 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await ask({ authorization, 'sec-fetch-site': 'same-site' })).toBe(403);

  expect(await ask({})).toBe(403);
  expect(await ask({}, `${FILES}?token=${token}`)).toBe(403);
  expect(await ask({}, `${FILES}?access_token=${token}`)).toBe(403);
  expect(await ask({ cookie: `token=${token}` })).toBe(403);
  expect(await ask({ authorization: token })).toBe(403);
  expect(await ask({ authorization: `Bearer ${token}x` })).toBe(403);
  expect(await ask({ authorization: `bearer ${token.toLowerCase()}` })).toBe(403);
  expect(await ask({ authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` })).toBe(
    403,
  );
});

test('the window’s files need no token, its calls and events do, and other pages get neither', async () => {
  const page = new TextEncoder().encode('<!doctype html>');
  await using serving = await openServing({
    window: {
      serve: (name, input) => Promise.resolve({ ok: true, value: [name, input] }),
      onEvent: (listener) => {
        listener({ type: 'status' });
        return () => {};
      },
      preview: () => undefined,
      page: (path) =>
        Promise.resolve(path === '/index.html' ? { bytes: page, type: 'text/html' } : undefined),
    },
  });
  const { url, token, ask } = serving;
  const index = await fetch(url);
  expect([index.status, await index.text()]).toEqual([200, '<!doctype html>']);
  expect(index.headers.get('content-security-policy')).toContain(`default-src 'none'`);
  expect(index.headers.get('content-security-policy')).toContain(`frame-ancestors 'none'`);
  expect(index.headers.get('x-frame-options')).toBe('DENY');
  expect(index.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect((await raw(url, { path: '/', headers: { host: 'evil.test' } })).status).toBe(403);
  expect((await fetch(`${url}/favicon.ico`)).status).toBe(403);
  // The file that opens the window leads to it from no address; frames and scripts of others do not.
  const visit = async (dest: string, path = '/') => {
    const fetchSite = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    return (await raw(url, { path, headers: { ...fetchSite, 'sec-fetch-dest': dest } })).status;
  };
  expect(await visit('document')).toBe(200);
  expect(await visit('worker')).toBe(403);
  expect(await visit('document', FILES)).toBe(403);

  const call = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
  expect(await (await ask('/rpc/getStatus', call)).json()).toEqual({
    ok: true,
    value: ['getStatus', { a: 1 }],
  });
  const authorization = `Bearer ${token}`;
  const post = { path: '/rpc/getStatus', method: 'POST', body: '{}' };
  const json = { 'content-type': 'application/json' };
  expect((await raw(url, { ...post, headers: json })).status).toBe(403);
  expect((await raw(url, { ...post, headers: { authorization } })).status).toBe(415);
  const plain = { authorization, 'content-type': 'text/plain' };
  expect((await raw(url, { ...post, headers: plain })).status).toBe(415);
  const foreign = { authorization, ...json, origin: 'http://evil.test' };
  expect((await raw(url, { ...post, headers: foreign })).status).toBe(403);
  expect((await ask('/rpc/getStatus', { ...call, body: '{' })).status).toBe(400);
  expect((await ask('/rpc/x', { ...call, body: `"${'x'.repeat(300_000)}"` })).status).toBe(400);

  expect((await fetch(`${url}/events`)).status).toBe(403);
  const events = await ask('/events');
  const reader = events.body!.getReader();
  let text = '';
  while (!text.includes('}')) text += new TextDecoder().decode((await reader.read()).value);
  expect(JSON.parse(text)).toEqual({ type: 'status' });
  await reader.cancel();
});

test.each(['iframe', 'frame', 'fencedframe', 'embed', 'object'])(
  'nothing is answered into %s, from wherever it is asked and whatever it brings',
  async (dest) => {
    await using serving = await openServing();
    const { url, token } = serving;
    for (const site of ['none', 'same-origin', 'same-site', 'cross-site'])
      for (const path of ['/', FILES, '/events', '/rpc/getStatus']) {
        const fetchHeaders = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
        const headers = {
          ...fetchHeaders,
          authorization: `Bearer ${token}`,
          'sec-fetch-dest': dest,
        };
        const { status, text } = await raw(url, { path, headers });
        expect([site, path, status]).toEqual([site, path, 403]);
        expect(text).toContain('No page may show this inside itself');
      }
  },
);

test('every answer is closed to other pages, caches and guesses about its type', async () => {
  await using serving = await openServing();
  const answers = [
    await fetch(serving.url),
    await serving.ask(FILES, { headers: { origin: serving.url } }),
    await serving.ask('/nowhere'),
    await fetch(`${serving.url}${FILES}`, { method: 'OPTIONS' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 200, 404, 403]);
  for (const { headers } of answers) {
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(headers.get('set-cookie')).toBeNull();
  }
});

test('an upload that is no form is refused as such, and a foreign form before it is read', async () => {
  await using serving = await openServing();
  const post = (headers: Record<string, string>, body: string | Buffer) =>
    serving.ask('/api/v1/s3/upload', {
      method: 'POST',
      headers,
      body: new Uint8Array(Buffer.from(body)),
    });
  expect((await post({ 'content-type': 'text/plain' }, 'x')).status).toBe(415);
  expect((await post({ 'content-type': 'application/json' }, '{}')).status).toBe(415);
  expect((await post({ 'content-type': 'application/x-www-form-urlencoded' }, 'a=b')).status).toBe(
    415,
  );
  expect((await post({ 'content-type': 'multipart/form-data' }, 'x')).status).toBe(415);

  // What a web page can send without asking first: a form, without our header.
  const { type, bytes } = formBytes([
    { name: 'folder', value: 'bio-101' },
    { name: 'file', value: Buffer.alloc(8_000_000, 'x'), fileName: 'a.mp3' },
  ]);
  const foreign = await fetch(`${serving.url}/api/v1/s3/upload`, {
    method: 'POST',
    headers: { 'content-type': type, origin: 'http://evil.test' },
    body: new Uint8Array(bytes),
  });
  expect(foreign.status).toBe(403);
  const { objects } = await serving.remote.list('', 10, undefined, AbortSignal.timeout(50_000));
  expect(objects).toEqual([]);
});

test('it listens on the loopback address alone', async () => {
  await using serving = await openServing();
  const port = Number(new URL(serving.url).port);
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  for (const host of ['127.0.0.2', ...others]) {
    const outcome = await new Promise((resolve) => {
      const socket = connect({ host, port }, () => resolve('connected'));
      socket.once('error', () => resolve('refused')).setTimeout(2_000, () => resolve('silent'));
      socket.once('connect', () => socket.destroy());
    });
    expect(`${host} ${String(outcome)}`).not.toBe(`${host} connected`);
  }
});

test('the token lies in a file of this user alone while it is good', async () => {
  await using serving = await openServing();
  const path = join(serving.home.path, 'serve.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    url: serving.url,
    token: serving.token,
  });
  expect(serving.token).toMatch(/^[\w-]{43}$/);
  await serving.close();
  await expect(stat(path)).rejects.toThrow('ENOENT');
});

test('headers too long, and what is no HTTP, end the connection and nothing else', async () => {
  await using serving = await openServing();
  const long = await raw(serving.url, { path: '/', headers: { 'x-long': 'x'.repeat(20_000) } });
  expect(long.status).toBe(400);
  const { port } = new URL(serving.url);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write('\u0016\u0003\u0001 hello\r\n\r\n'),
    );
    let text = '';
    socket.on('data', (piece) => (text += piece.toString()));
    socket.once('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400/);
  expect((await serving.ask(FILES)).status).toBe(200);
});
