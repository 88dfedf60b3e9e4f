import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDeletions } from '../../electron/engine/library/deletions.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { linkState, linkStore } from '../../electron/engine/store/links.ts';
import { readAddress } from '../../electron/serve/address.ts';
import type { App, Call } from '../../electron/serve/call.ts';
import { answer as answerRoute } from '../../electron/serve/routes.ts';
import { openServing, raw, type TestServing } from './serving.ts';

const FILE = '/api/v1/s3/file';

/** Objects as anybody may have put them there. */
async function put(serving: TestServing, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    const headers = {
      contentType: 'audio/mpeg',
      metadata: { original_filename: '=?UTF-8?B?Q291cnMgZCfDqWNvbm9taWUubXAz?=' },
    };
    const body = Buffer.from('sound');
    const signal = AbortSignal.timeout(50_000);
    await serving.remote.putObject(key, body, crc32(body), headers, signal);
  }
}

test('files, metadata and exists answer as the command line does', async () => {
  await using serving = await openServing();
  await put(serving, 'audio/bio-101/a.mp3', 'audio/bio-101/b.mp3', 'documents/u/c d+ü.pdf');
  const list = await serving.json('/api/v1/s3/files?prefix=audio/&max_keys=1');
  expect(list).toEqual({
    objects: [
      {
        key: 'audio/bio-101/a.mp3',
        sizeBytes: 5,
        lastModified: expect.stringMatching(/Z$/),
        storageClass: 'STANDARD',
      },
    ],
    truncated: true,
  });
  expect((await serving.json('/api/v1/s3/files')).objects).toHaveLength(3);

  const metadata = await serving.json(`${FILE}/audio/bio-101/a.mp3/metadata`);
  expect(metadata).toMatchObject({
    key: 'audio/bio-101/a.mp3',
    sizeBytes: 5,
    contentType: 'audio/mpeg',
    metadata: { original_filename: "Cours d'économie.mp3" },
    checksum: { type: 'CRC32', value: expect.stringMatching(/^[0-9a-f]{8}$/) },
    storageClass: 'STANDARD',
  });

  const exists = (key: string) => serving.json(`${FILE}/${key}/exists`);
  expect(await exists('audio/bio-101/a.mp3')).toEqual({ exists: true });
  expect(await exists('audio%2Fbio-101%2Fa.mp3')).toEqual({ exists: true });
  expect(await exists(encodeURIComponent('documents/u/c d+ü.pdf'))).toEqual({ exists: true });
  expect(await exists('documents/u/c%20d+%C3%BC.pdf')).toEqual({ exists: true });
  expect(await exists('audio/bio-101/nothing.mp3')).toEqual({ exists: false });
});

test('a link opens without the token and is on record; deleting its object kills it', async () => {
  await using serving = await openServing();
  const key = 'audio/bio-101/a.mp3';
  await put(serving, key);
  const link = await serving.json(`${FILE}/${key}/url?expires_in=60&mode=watch`);
  expect(link.expiresBecause).toBe('asked');
  expect(Date.parse(link.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
  expect(await (await fetch(link.url)).text()).toBe('sound');
  const longest = await serving.json(`${FILE}/${key}/url?expires_in=9999999`);
  expect(longest.expiresBecause).toBe('seven-days');
  const usual = await serving.json(`${FILE}/${key}/url`);
  expect(Date.parse(usual.expiresAt) - Date.now()).toBeGreaterThan(3_500_000);

  const links = linkStore(serving.home.database);
  const states = () => links.list().map((one) => linkState(one, Date.now()));
  expect(states()).toEqual(['live', 'live', 'live']);
  const deleted = await serving.ask(`${FILE}/${key}`, { method: 'DELETE' });
  expect(deleted.status).toBe(200);
  expect(await deleted.json()).toEqual({ deleted: [key], recoverable: false });
  expect(states()).toEqual(['dead', 'dead', 'dead']);
  expect((await fetch(link.url)).status).toBe(404);
  const again = await serving.json(`${FILE}/${key}`, { method: 'DELETE' });
  expect(again.error).toMatchObject({ code: 'no-object', detail: key });
  const never = await serving.json(`${FILE}/audio/bio-101/never.mp3/url`);
  expect(never.error).toEqual({
    code: 'no-object',
    title: 'There is no such object in the bucket',
    remedy: expect.stringContaining('Check the key'),
    detail: 'audio/bio-101/never.mp3',
  });
});

test('a deletion whose client goes is noted, however long the storage takes', async () => {
  await using serving = await openServing();
  const key = 'audio/bio-101/a.mp3';
  await put(serving, key);
  await serving.json(`${FILE}/${key}/url`);
  const { database } = serving.home;
  const gone = new AbortController();
  const remote: Remote = {
    ...serving.remote,
    async deleteObject(asked, signal) {
      const done = await serving.remote.deleteObject(asked, signal);
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      gone.abort(new Error('The client has gone'));
      vi.advanceTimersByTime(60_000);
      vi.useRealTimers();
      signal.throwIfAborted();
      return done;
    },
  };
  onTestFinished(() => void vi.useRealTimers());
  const storage = { remote, database, queue: undefined, deletions: createDeletions() };
  const app = { storage: () => storage, nowMs: Date.now } as unknown as App;
  const address = readAddress(`${FILE}/${key}`);
  const call = { request: { method: 'DELETE' }, address, signal: gone.signal } as unknown as Call;
  expect(await answerRoute(app, call)).toMatchObject({ status: 200 });
  expect(linkStore(database).list()).toMatchObject([{ deadAtMs: expect.any(Number) }]);
});

test.each([
  '../../etc/passwd/metadata',
  'audio/../secret/metadata',
  'audio/%2e%2e/secret/metadata',
  'audio%2F..%2Fsecret/metadata',
  './a/metadata',
  '/a/metadata',
  '%2Fa/exists',
  'a%00b/exists',
  'a%0Ab/exists',
  'a%zz/exists',
  'a%ff/exists',
  '/metadata',
  `${'x'.repeat(1_025)}/exists`,
])('the key in …/file/%s is refused before the storage hears of it', async (path) => {
  await using serving = await openServing({
    wrap: (remote) => ({ ...remote, head: () => Promise.reject(new Error('asked')) }),
  });
  const headers = { authorization: `Bearer ${serving.token}` };
  const { status, text } = await raw(serving.url, { path: `${FILE}/${path}`, headers });
  expect(status).toBe(400);
  expect(JSON.parse(text).error).toMatchObject({ code: 'bad-request', title: expect.any(String) });
});

test.each([
  ['GET', '/api/v1/s3/files?max_keys=0', 400],
  ['GET', '/api/v1/s3/files?max_keys=abc', 400],
  ['GET', '/api/v1/s3/files?max_keys=1e3', 400],
  ['GET', `${FILE}/a/url?expires_in=-1`, 400],
  ['GET', `${FILE}/a/url?mode=steal`, 400],
  ['GET', `${FILE}/a/url`, 404],
  ['GET', `${FILE}/a/metadata`, 404],
  ['GET', `${FILE}/a`, 404],
  ['GET', `${FILE}/a/b`, 404],
  ['GET', '/api/v1/s3/upload', 405],
  ['POST', '/api/v1/s3/files', 405],
  ['PUT', `${FILE}/a`, 405],
  ['POST', `${FILE}/a/url`, 405],
  ['GET', '/api/v1/s3', 404],
  ['GET', '//evil.test/', 404],
] as const)('%s %s is answered with %i and words', async (method, path, status) => {
  await using serving = await openServing();
  const headers = { authorization: `Bearer ${serving.token}` };
  const answer = await raw(serving.url, { method, path, headers });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  const { error } = JSON.parse(answer.text);
  expect(error.title).toMatch(/\w/);
  expect(error.remedy).toMatch(/\w/);
});

test('the guide has every route that there is, and no other', async () => {
  await using serving = await openServing();
  const { error } = await serving.json('/api/v1/s3');
  const guide = await readFile(join(import.meta.dirname, '../../docs/REST.md'), 'utf8');
  const told = [...guide.matchAll(/^\| `([A-Z]+ \/[^`]+)`/gm)].map(([, route]) => route);
  const there = [...error.remedy.matchAll(/[A-Z]+ \/[^ ]+/g)].map(([route]) => route);
  expect(told).toEqual(there);
});

test('the storage’s refusals keep their code and request id', async () => {
  const credentials = { accessKeyId: 'NOBODY', secretAccessKey: 'nothing' };
  await using unknown = await openServing({ settings: { credentials } });
  const refused = await unknown.ask('/api/v1/s3/files');
  expect(refused.status).toBe(502);
  expect(await refused.json()).toEqual({
    error: {
      code: 'wrong-access-key',
      title: 'The storage does not know this access key',
      remedy: expect.stringContaining('Check AWS_ACCESS_KEY_ID'),
      detail: expect.stringContaining('InvalidAccessKeyId'),
      requestId: expect.stringMatching(/\w/),
    },
  });
  await using unreachable = await openServing({ settings: { endpoint: 'http://127.0.0.1:9' } });
  expect((await unreachable.json(`${FILE}/a/exists`)).error.code).toBe('offline');
});
