import { readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openEmbedded } from './fixture.ts';
import { pathOf, send } from './raw-client.ts';

test('every home has random credentials of its own, and keeps them', async () => {
  await using one = await openEmbedded();
  await using other = await openEmbedded();
  expect(one.accessKeyId).not.toBe(other.accessKeyId);
  expect(one.secretAccessKey).not.toBe(other.secretAccessKey);
  expect(one.secretAccessKey.length).toBeGreaterThanOrEqual(40);

  await one.close();
  await using again = await startEmbeddedS3({ dataDir: one.dataDir });
  expect(again.accessKeyId).toBe(one.accessKeyId);
  expect(again.secretAccessKey).toBe(one.secretAccessKey);
});

test.skipIf(process.platform === 'win32')(
  'only the owner of a home can read its credentials',
  async () => {
    await using s3 = await openEmbedded();
    const path = join(s3.dataDir, 'credentials.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      accessKeyId: s3.accessKeyId,
      secretAccessKey: s3.secretAccessKey,
    });
  },
);

test('credentials can be given, and are then not kept', async () => {
  await using dir = await tempDir();
  const keys = { accessKeyId: 'DEMO', secretAccessKey: 'secret' };
  await using s3 = await startEmbeddedS3({ dataDir: dir.path, ...keys });
  expect(s3).toMatchObject(keys);
  await expect(stat(join(dir.path, 'credentials.json'))).rejects.toThrow(/ENOENT/u);
});

test('the server is found on the loopback interface and nowhere else', async () => {
  await using s3 = await openEmbedded();
  expect(s3.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
  const addresses = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  const { port } = new URL(s3.endpoint);
  for (const { address } of addresses) {
    const answer = await new Promise((resolve) => {
      const socket = connect(Number(port), address);
      socket.on('connect', () => resolve('connected')).on('error', () => resolve('refused'));
      socket.on('connect', () => socket.destroy());
    });
    expect(answer).toBe('refused');
  }
});

test('what was stored is there after a restart, on another port and with another bucket', async () => {
  await using first = await openEmbedded();
  await first.ask('PUT', 'kept', { body: 'content' });
  await first.close();
  await using second = await startEmbeddedS3({ dataDir: first.dataDir, bucket: 'other' });
  const got = await send(second, { method: 'GET', path: pathOf(first.bucket, 'kept') });
  expect(got.text).toBe('content');
});

test('closing twice is harmless, and ends connections that are kept open', async () => {
  await using s3 = await openEmbedded();
  await s3.ask('GET');
  await Promise.all([s3.close(), s3.close()]);
  await expect(s3.ask('GET')).rejects.toThrow(/ECONNREFUSED/u);
});

test('the clock of the server can be set', async () => {
  const nowMs = Date.parse('2031-05-06T07:08:09Z');
  await using s3 = await openEmbedded({ nowMs: () => nowMs });
  const early = await s3.ask('PUT', 'x', { body: '' });
  expect(early.code).toBe('RequestTimeTooSkewed');
  expect(early.headers.date).toBe('Tue, 06 May 2031 07:08:09 GMT');
  await s3.ask('PUT', 'x', { body: '', atMs: nowMs });
  const head = await s3.ask('HEAD', 'x', { atMs: nowMs });
  expect(head.headers['last-modified']).toBe('Tue, 06 May 2031 07:08:09 GMT');
});
