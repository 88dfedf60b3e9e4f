import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { saveVirusScan } from '../../electron/engine/virus/virus-scan.ts';
import { unavailable } from '../support/s3-servers.ts';
import { makeScanner } from '../support/scanners.ts';
import { tempDir } from '../support/temp-dir.ts';
import { formBytes, openServing, type FormPart, type TestServing } from './serving.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';
import { sha256 } from '../support/oracle.ts';
import { openSdk } from '../support/sdk-client.ts';

const UPLOAD = '/api/v1/s3/upload';
const signal = () => AbortSignal.timeout(50_000);

function send(serving: TestServing, parts: readonly FormPart[]): Promise<Response> {
  const { type, bytes } = formBytes(parts);
  return serving.ask(UPLOAD, {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(bytes),
  });
}

const fileOf = (value: string) => ({ name: 'file', value, fileName: 'a.mp3' });

const keys = async ({ remote }: TestServing) =>
  (await remote.list('', 1_000, undefined, signal())).objects.map(({ key }) => key);

async function openUploads({ s3 }: TestServing): Promise<number> {
  using client = openSdk(s3);
  const { Uploads = [] } = await client.send(
    new ListMultipartUploadsCommand({ Bucket: s3.bucket }),
  );
  return Uploads.length;
}

describe.each(['embedded', 'rgw'] as const)('an upload to %s', (name) => {
  test.skipIf(unavailable(name))(
    '30 MB of unknown length arrive under a fresh key, with our metadata, and come back the same',
    async () => {
      await using serving = await openServing({ name });
      const bytes = randomBytes(30_000_000);
      const { type, bytes: form } = formBytes([
        { name: 'folder', value: 'audio/bio-101' },
        { name: 'file', value: bytes, fileName: 'Cours d’économie, 3.MP3' },
      ]);
      // Chunked, so that nothing says how long it is.
      const body = Readable.toWeb(Readable.from(pieces(form, 100_000)));
      const init = { method: 'POST', headers: { 'content-type': type }, body, duplex: 'half' };
      const answer = await serving.ask(UPLOAD, init as unknown as RequestInit);
      expect(answer.status).toBe(201);
      const stored = (await answer.json()) as { key: string };
      expect(stored).toEqual({
        key: expect.stringMatching(
          /^audio\/bio-101\/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.mp3$/,
        ),
        name: 'Cours d’économie, 3.MP3',
        contentType: 'audio/mpeg',
        sizeBytes: 30_000_000,
        verified: name === 'embedded', // Ceph’s gateway keeps no checksum of the whole.
      });
      const info = await serving.remote.head(stored.key, signal());
      expect(info?.metadata).toEqual({
        user_id: 'teacher-7',
        class_id: 'bio-101',
        original_filename: 'Cours d’économie, 3.MP3',
        content_type: 'audio/mpeg',
        upload_timestamp: expect.stringMatching(/Z$/),
        upload_token: expect.stringMatching(/^[0-9a-f-]{36}$/),
        client_version: 'test',
      });
      const back = await buffer(await serving.remote.read(stored.key, 0, undefined, signal()));
      expect(sha256(back)).toBe(sha256(bytes));
      expect(await openUploads(serving)).toBe(0);
    },
  );

  test.skipIf(unavailable(name))(
    'one that breaks off leaves neither an object nor parts',
    async () => {
      await using serving = await openServing({ name });
      const { type, bytes } = formBytes([
        { name: 'folder', value: 'audio/bio-101' },
        { name: 'file', value: randomBytes(20_000_000), fileName: 'a.mp3' },
      ]);
      for (const sent of [1_000_000, 12_000_000, bytes.length - 10]) {
        const { hostname, port } = new URL(serving.url);
        const upload = request({
          hostname,
          port,
          method: 'POST',
          path: UPLOAD,
          headers: {
            authorization: `Bearer ${serving.token}`,
            'content-type': type,
            'content-length': bytes.length,
          },
        });
        upload.on('error', () => {});
        if (!upload.write(bytes.subarray(0, sent))) await once(upload, 'drain');
        await sleep(300); // Parts are on their way now.
        upload.destroy();
      }
      await expect.poll(() => openUploads(serving)).toBe(0);
      await sleep(500);
      expect(await openUploads(serving)).toBe(0);
      expect(await keys(serving)).toEqual([]);
    },
  );
});

test('a small file is verified by the storage’s checksum, wherever the folder stands in the form', async () => {
  await using serving = await openServing();
  const file = { name: 'file', value: 'notes', fileName: 'notes.pdf' };
  const cases = [
    ['documents/user-3', /^documents\/user-3\/[0-9a-f-]{36}\.pdf$/],
    ['uploads/user-3', /^uploads\/user-3\/[0-9a-f-]{36}\.pdf$/],
    ['bio-101', /^audio\/bio-101\/[0-9a-f-]{36}\.pdf$/],
  ] as const;
  for (const [folder, key] of cases)
    for (const parts of [
      [{ name: 'folder', value: folder }, file],
      [file, { name: 'folder', value: folder }],
    ]) {
      const answer = await send(serving, parts);
      expect(answer.status).toBe(201);
      const contentType = 'application/pdf';
      expect(await answer.json()).toEqual({
        key: expect.stringMatching(key),
        name: 'notes.pdf',
        contentType,
        sizeBytes: 5,
        verified: true,
      });
    }
  expect(await keys(serving)).toHaveLength(6);
  const home = await readdir(serving.home.path);
  expect(home.filter((name) => name.startsWith('incoming'))).toEqual([]);
});

test('where a scanner is set, a file is scanned before any of it is sent, wherever the folder stands', async () => {
  await using serving = await openServing();
  await using tools = await tempDir();
  const scanner = await makeScanner(tools.path, 'hit');
  const { database, path: home } = serving.home;
  const command = [scanner.path, '--quick'];
  await saveVirusScan(database, { command, limitSeconds: 30 }, AbortSignal.timeout(30_000));
  const place = { name: 'folder', value: 'bio-101' };
  for (const parts of [
    [place, fileOf('BAD sound')],
    [fileOf('BAD sound'), place],
  ]) {
    const answer = await send(serving, parts);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      error: { code: 'scan-hit', detail: expect.stringMatching(/EICAR_HDB-1 FOUND$/) },
    });
  }
  expect(await keys(serving)).toEqual([]);
  await scanner.becomes('broken');
  expect((await send(serving, [place, fileOf('sound')])).status).toBe(503);
  await scanner.becomes('clean');
  expect((await send(serving, [place, fileOf('sound')])).status).toBe(201);
  const names = await readdir(home);
  expect(names.filter((name) => name.startsWith('incoming'))).toEqual([]);
});

const file = { name: 'file', value: 'sound', fileName: 'a.mp3' };
const folder = { name: 'folder', value: 'audio/bio-101' };
const PAGE = '<!doctype html><title>Sign in</title>';
test.each([
  ['no folder', [file], 400],
  ['no file', [folder], 400],
  ['nothing', [], 400],
  ['a kind without its owner', [{ name: 'folder', value: 'audio' }, file], 400],
  ['a folder of its own', [{ name: 'folder', value: 'secret/x' }, file], 400],
  ['a deeper folder', [{ name: 'folder', value: 'audio/x/y' }, file], 400],
  ['a step up', [{ name: 'folder', value: 'audio/..' }, file], 400],
  ['a step up, after the file', [file, { name: 'folder', value: '../x' }], 400],
  ['an escaped slash', [{ name: 'folder', value: 'audio/a%2fb' }, file], 400],
  ['an empty folder', [{ name: 'folder', value: '' }, file], 400],
  ['two folders', [folder, file, { name: 'folder', value: 'audio/chem-2' }], 400],
  ['two files', [folder, file, file], 400],
  ['a file of another name', [folder, { ...file, name: 'attachment' }], 400],
  ['an empty file', [folder, { ...file, value: '' }], 400],
  ['a name too long', [folder, { ...file, fileName: `${'ü'.repeat(130)}.mp3` }], 400],
  ['too much', [folder, { ...file, value: randomBytes(3_000_000) }], 413],
  ['a web page that is named as sound', [folder, { ...file, value: PAGE }], 422],
  ['such a page, before its folder', [{ ...file, value: PAGE }, folder], 422],
  ['too much, before its folder', [{ ...file, value: randomBytes(3_000_000) }, folder], 413],
] as const)('a form with %s is refused and leaves nothing', async (_, parts, status) => {
  await using serving = await openServing({ maxFileBytes: 2_000_000 });
  const answer = await send(serving, parts);
  expect(answer.status).toBe(status);
  const { error } = (await answer.json()) as { error: Record<string, string> };
  expect(error['title']).toMatch(/\w/);
  expect(await keys(serving)).toEqual([]);
  expect(await openUploads(serving)).toBe(0);
});

test.skipIf(unavailable('swift'))(
  'a storage without conditional writes (swift) takes a form at once',
  async () => {
    await using serving = await openServing({ name: 'swift' });
    expect((await send(serving, [folder, file])).status).toBe(201);
    const large = { ...file, value: randomBytes(12_000_000) };
    expect((await send(serving, [folder, large])).status).toBe(201);
    expect(await keys(serving)).toHaveLength(2);
  },
);

test('a file’s path stays outside, its characters inside', async () => {
  await using serving = await openServing();
  const fileName = '../../etc/Übung 「1」.MP3';
  const answer = await send(serving, [folder, { ...file, fileName }]);
  expect(await answer.json()).toMatchObject({ name: 'Übung 「1」.MP3' });
});

test('a form cut short is refused, and so is a storage in trouble, in words', async () => {
  await using serving = await openServing();
  const { type, bytes } = formBytes([folder, file]);
  const answer = await serving.ask(UPLOAD, {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(bytes.subarray(0, -6)),
  });
  expect(answer.status).toBe(400);
  expect(await keys(serving)).toEqual([]);

  await using unreachable = await openServing({ settings: { endpoint: 'http://127.0.0.1:9' } });
  const large = { ...file, value: randomBytes(20_000_000) };
  const failed = await send(unreachable, [folder, large]);
  expect(failed.status).toBe(502);
  expect(await failed.json()).toMatchObject({ error: { code: 'offline' } });
});

test('what another program put under the key, or damaged, is never called uploaded', async () => {
  await using serving = await openServing({
    wrap: (remote) => ({
      ...remote,
      head: async (key, abort) => {
        const info = await remote.head(key, abort);
        return info && { ...info, sizeBytes: info.sizeBytes - 1 };
      },
    }),
  });
  const answer = await send(serving, [folder, file]);
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ error: { code: 'damaged-copy' } });
  expect(await keys(serving)).toEqual([]);
});

test('stopping ends a running upload within 5 s and leaves nothing', async () => {
  await using serving = await openServing();
  const { type, bytes } = formBytes([folder, { ...file, value: randomBytes(20_000_000) }]);
  async function* slowly() {
    yield* pieces(bytes.subarray(0, 11_000_000), 1_000_000);
    await sleep(20_000);
    yield bytes.subarray(11_000_000);
  }
  const body = Readable.toWeb(Readable.from(slowly()));
  const init = { method: 'POST', headers: { 'content-type': type }, body, duplex: 'half' };
  const upload = serving.ask(UPLOAD, init as unknown as RequestInit).then(
    ({ status }) => status,
    () => 'cut',
  );
  await expect.poll(() => openUploads(serving)).toBe(1);
  const startedMs = performance.now();
  await serving.close();
  expect(performance.now() - startedMs).toBeLessThan(STOP_LIMIT_MS);
  expect([503, 'cut']).toContain(await upload);
  expect(await openUploads(serving)).toBe(0);
  expect(await keys(serving)).toEqual([]);
});

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
