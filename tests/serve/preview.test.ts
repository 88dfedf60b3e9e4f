/** @file What is looked into before it is shared: over real HTTP, in front of a real storage. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ObjectInfo } from '../../electron/engine/s3/remote.ts';
import { createPreviews } from '../../electron/engine/library/previews.ts';
import { apiOf, openTestAppHost, type TestAppHost } from '../support/app-host.ts';
import { openServing } from './serving.ts';

const signal = () => AbortSignal.timeout(10_000);
/** As a browser says of a player in the window itself. */
const player = { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'audio' };

async function put(app: TestAppHost, key: string, bytes: Buffer, contentType = 'audio/mpeg') {
  const { remote } = app.host.storage();
  await remote.putObject(key, bytes, crc32(bytes), { contentType, metadata: {} }, signal());
}

/** As the bytes came, and as a browser would see the rest. */
async function get(app: TestAppHost, id: string, headers: Record<string, string>, method = 'GET') {
  const answer = await fetch(new URL(`/preview/${id}`, app.url), { method, headers });
  return {
    status: answer.status,
    headers: answer.headers,
    bytes: Buffer.from(await answer.arrayBuffer()),
  };
}

const KEY = 'audio/bio-101/lecture.mp3';

test('each range of a recording is answered with exactly its bytes, and the rest as HTTP has it', async () => {
  await using app = await openTestAppHost();
  // Three pieces, the last one short.
  const bytes = randomBytes(2_500_000);
  await put(app, KEY, bytes);
  const api = apiOf(app);
  await api.refreshObjects({});
  const { id } = await api.startPreview({ key: KEY });
  const last = bytes.length - 1;
  for (const [range, from, to] of [
    ['bytes=0-', 0, last],
    ['bytes=0-0', 0, 0],
    ['bytes=262143-262144', 262_143, 262_144],
    ['bytes=2359295-2359297', 2_359_295, 2_359_297],
    ['bytes=1000000-99999999', 1_000_000, last],
    ['bytes=-5', last - 4, last],
    ['bytes=-99999999', 0, last],
    [`bytes=${last}-`, last, last],
  ] as const) {
    const answer = await get(app, id, { ...player, range });
    expect([range, answer.status]).toEqual([range, 206]);
    expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${to}/${bytes.length}`);
    expect(answer.headers.get('content-length')).toBe(String(to - from + 1));
    expect(answer.bytes.equals(bytes.subarray(from, to + 1))).toBe(true);
  }
  for (const range of [undefined, 'bytes=5-4', 'bytes=0-1,4-5', 'bytes=-', 'lines=1-2', 'x']) {
    const answer = await get(app, id, { ...player, ...(range && { range }) });
    expect([range, answer.status]).toEqual([range, 200]);
    expect(answer.bytes.equals(bytes)).toBe(true);
  }
  for (const range of [`bytes=${bytes.length}-`, 'bytes=-0']) {
    const answer = await get(app, id, { ...player, range });
    expect([range, answer.status, answer.bytes.length]).toEqual([range, 416, 0]);
    expect(answer.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
  }
  const { headers } = await get(app, id, { ...player, range: 'bytes=0-0' });
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'audio/mpeg',
    'content-disposition': 'inline',
    'content-security-policy': expect.stringMatching(/default-src 'none'.*sandbox/),
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  expect(headers.has('access-control-allow-origin')).toBe(false);
});

test('only a player or picture of the window itself gets it, for as long as the preview is open', async () => {
  await using app = await openTestAppHost();
  await put(app, KEY, randomBytes(1_000));
  const api = apiOf(app);
  await api.refreshObjects({});
  const { id } = await api.startPreview({ key: KEY });
  const status = async (headers: Record<string, string>, of = id, method = 'GET') => {
    const answer = await get(app, of, headers, method);
    return [answer.status, answer.bytes.length < 1_000];
  };
  expect(await status(player)).toEqual([200, false]);
  expect(await status({ ...player, 'sec-fetch-dest': 'video' })).toEqual([200, false]);
  expect(await status({ ...player, 'sec-fetch-dest': 'image' })).toEqual([200, false]);

  // Another program of this computer that found the number, or none that says who it is.
  expect(await status({})).toEqual([403, true]);
  expect(await status({ 'sec-fetch-site': 'same-origin' })).toEqual([403, true]);
  for (const site of ['cross-site', 'same-site', 'none'])
    expect(await status({ ...player, 'sec-fetch-site': site })).toEqual([403, true]);
  expect(await status({ ...player, origin: 'http://evil.test' })).toEqual([403, true]);
  for (const dest of [
    'document',
    'iframe',
    'embed',
    'object',
    'script',
    'style',
    'worker',
    'empty',
  ])
    expect(await status({ ...player, 'sec-fetch-dest': dest })).toEqual([403, true]);
  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE'])
    expect(await status(player, id, method)).toEqual([405, true]);
  for (const other of ['', KEY, encodeURIComponent(KEY), `${id}x`, id.slice(1), `${id}/`, '..'])
    expect((await status(player, other))[1]).toBe(true);

  await api.endPreview({ id });
  expect(await status(player)).toEqual([404, true]);
  expect(await api.getPreview({ id })).toEqual({ isOpen: false, trouble: null });
});

test('nothing that may hold a script is shown, and a type is never taken from the storage', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  const page = Buffer.from('<script>alert(1)</script>');
  for (const [name, type] of [
    ['page.html', 'text/html'],
    ['picture.svg', 'image/svg+xml'],
    ['paper.pdf', 'application/pdf'],
    ['notes.xml', 'application/xml'],
    ['none', 'application/octet-stream'],
  ] as const)
    await put(app, `documents/u/${name}`, page, type);
  await put(app, 'documents/u/song.mp3', page, 'text/html');
  await put(app, 'documents/u/picture', page, 'image/png; charset=x');
  await api.refreshObjects({});
  const start = (name: string) => api.startPreview({ key: `documents/u/${name}` });
  for (const name of ['page.html', 'picture.svg', 'paper.pdf', 'notes.xml', 'none'])
    await expect(start(name)).rejects.toMatchObject({ code: 'usage' });
  const typeOf = async (name: string) =>
    (await get(app, (await start(name)).id, player)).headers.get('content-type');
  expect(await typeOf('song.mp3')).toBe('audio/mpeg');
  expect(await typeOf('picture')).toBe('image/png');
});

test('all of it is of one version: once the object is another one nothing more comes, and it is said why', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  await put(app, KEY, randomBytes(1_000));
  await api.refreshObjects({});
  const { id } = await api.startPreview({ key: KEY });
  const { remote } = app.host.storage();
  await remote.deleteObject(KEY, signal());
  await put(app, KEY, randomBytes(1_000));
  const answer = await get(app, id, { ...player, range: 'bytes=10-20' });
  expect([answer.status, answer.bytes.length]).toEqual([404, 0]);
  expect(await api.getPreview({ id })).toMatchObject({
    isOpen: true,
    trouble: { code: 'no-object' },
  });
  const again = await api.startPreview({ key: KEY });
  expect((await get(app, again.id, { ...player, range: 'bytes=10-20' })).status).toBe(206);
});

test('of a long recording no more is read than is taken, and nothing once the player has gone', async () => {
  const bytes = randomBytes(30_000_000);
  const asked: number[] = [];
  await using serving = await openServing({
    wrap: (remote) => ({
      ...remote,
      readRange(key, range, ...rest) {
        asked.push(range.endByte - range.startByte + 1);
        return remote.readRange(key, range, ...rest);
      },
    }),
    window: {
      serve: () => Promise.resolve({ ok: true, value: null }),
      onEvent: () => () => {},
      page: () => Promise.resolve(undefined),
      preview: (id) => previews.get(id),
    },
  });
  const previews = createPreviews();
  const headers = { contentType: 'audio/mpeg', metadata: {} };
  await serving.remote.putObject(KEY, bytes, crc32(bytes), headers, signal());
  const id = previews.start(serving.remote, (await serving.remote.head(KEY, signal()))!);
  const gone = new AbortController();
  const answer = await fetch(`${serving.url}/preview/${id}`, {
    headers: { ...player, range: 'bytes=0-' },
    signal: gone.signal,
  });
  const reader = answer.body!.getReader();
  await reader.read();
  // What sockets and streams hold is a few megabytes, on either side.
  const read = () => asked.reduce((sum, part) => sum + part, 0);
  let before = -1;
  await expect
    .poll(() => before === (before = read()), { interval: 500, timeout: 10_000 })
    .toBe(true);
  expect(before).toBeLessThan(16_000_000);
  gone.abort();
  await reader.closed.catch(() => {});
  const after = asked.length;
  // Whatever comes later is answered, so what was on its way has ended.
  await fetch(`${serving.url}/preview/${id}`, { headers: { ...player, range: 'bytes=0-9' } });
  expect(asked.slice(after)).toEqual([10]);
});

test('a preview that ends ends what is read for it, and the oldest make room', async () => {
  const gets: string[] = [];
  const closed: string[] = [];
  // A storage that begins to answer, and says no more.
  const silent = createServer((request, response) => {
    gets.push(request.url ?? '');
    response.once('close', () => closed.push(request.url ?? ''));
    response.writeHead(206, { etag: '"e"', 'content-length': '1000' });
    response.write('x');
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo; // A TCP server has an AddressInfo.
  await using serving = await openServing({ settings: { endpoint: `http://127.0.0.1:${port}` } });
  const previews = createPreviews();
  const start = (n: number) => {
    const info = { key: `${n}.mp3`, sizeBytes: 1_000, etag: 'e', metadata: {} };
    return previews.start(serving.remote, info as unknown as ObjectInfo);
  };
  const read = async (id: string) => {
    for await (const piece of previews.get(id)!.read({ startByte: 0, endByte: 999 }, signal()))
      void piece;
  };
  try {
    const first = start(0);
    const reading = [read(first), read(start(1))];
    const outcomes = Promise.allSettled(reading);
    await expect.poll(() => gets.length).toBe(2);
    for (let n = 2; n < 9; n += 1) start(n);
    expect(previews.get(first)).toBeUndefined();
    await expect(reading[0]).rejects.toThrow('The preview has ended');
    previews.stop();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect.poll(() => closed.length).toBe(2);
  } finally {
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  }
});

test('the log says that there was a preview, and not by which number', async () => {
  const lines: string[] = [];
  await using serving = await openServing({
    log: (_level, text, facts) => lines.push(`${text} ${JSON.stringify(facts)}`),
  });
  const id = 'A'.repeat(43);
  await fetch(`${serving.url}/preview/${id}`, { headers: player });
  await expect.poll(() => lines.join()).toContain('"path":"/preview/"');
  expect(lines.join()).not.toContain(id);
});
