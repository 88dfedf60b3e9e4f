import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { filesIn, openEmbedded, textOf, texts } from './fixture.ts';
import { completeUpload, createUpload, PART_BYTES, putPart, putParts } from './multipart-steps.ts';
import { pathOf, send, sign, type Target } from './raw-client.ts';
import { startServerProcess } from './start-server-process.ts';

/** Begins a PUT of a megabyte, sends half of it and returns once the server has opened a file for it. */
async function beginPut(server: Target & { bucket: string }, dataDir: string, key: string) {
  const path = pathOf(server.bucket, key);
  const headers = { 'content-length': '1048576' };
  const signed = sign(server, { method: 'PUT', path, payload: 'UNSIGNED-PAYLOAD', headers });
  const put = request(signed.url, { method: 'PUT', headers: signed.headers });
  put.on('error', () => {}); // Either side may cut it: that is the point.
  put.write(Buffer.alloc(524_288));
  await expect.poll(async () => (await filesIn(dataDir)).tmp).toHaveLength(1);
  return put;
}

test('an upload cut off in the middle leaves nothing', async () => {
  await using s3 = await openEmbedded();
  const put = await beginPut(s3, s3.dataDir, 'cut');
  put.destroy();
  await expect.poll(async () => (await filesIn(s3.dataDir)).tmp).toEqual([]);
  expect((await filesIn(s3.dataDir)).data).toEqual([]);
  expect(texts((await s3.ask('GET')).text, 'Key')).toEqual([]);
});

test('an overwrite cut off in the middle leaves the old object', async () => {
  await using s3 = await openEmbedded();
  await s3.ask('PUT', 'kept', { body: 'old' });
  const put = await beginPut(s3, s3.dataDir, 'kept');
  put.destroy();
  await expect.poll(async () => (await filesIn(s3.dataDir)).tmp).toEqual([]);
  expect((await s3.ask('GET', 'kept')).text).toBe('old');
  // The client may have an answer before the server's note of it.
  await expect
    .poll(() => s3.answered.map(({ operation }) => operation))
    .toEqual(['PutObject', 'GetObject']);
});

test('closing ends an upload on its way and leaves nothing of it', async () => {
  await using s3 = await openEmbedded();
  const put = await beginPut(s3, s3.dataDir, 'cut');
  const ended = new Promise((resolve) => put.on('close', resolve));
  await s3.close();
  await ended;
  expect(await filesIn(s3.dataDir)).toEqual({ data: [], tmp: [] });
});

test('a killed server keeps all it answered for, and clears the rest away', async () => {
  await using dir = await tempDir();
  await using first = await startServerProcess(dir.path);
  const path = (key: string) => pathOf(first.bucket, key);
  await send(first, { method: 'PUT', path: path('answered'), body: 'content' });
  const created = await send(first, { method: 'POST', path: path('m'), query: { uploads: '' } });
  const uploadId = textOf(created.text, 'UploadId');
  const part = { partNumber: '1', uploadId };
  await send(first, { method: 'PUT', path: path('m'), query: part, body: 'part' });
  await beginPut(first, dir.path, 'unanswered');
  await first.kill();
  await writeFile(join(dir.path, 'data', 'renamed-but-never-in-the-index'), 'x');

  await using second = await startServerProcess(dir.path);
  expect(second.accessKeyId).toBe(first.accessKeyId);
  const got = await send(second, { method: 'GET', path: path('answered') });
  expect(got.text).toBe('content');
  const listed = await send(second, { method: 'GET', path: path('m'), query: { uploadId } });
  expect(texts(listed.text, 'PartNumber')).toEqual(['1']);
  const missing = await send(second, { method: 'HEAD', path: path('unanswered') });
  expect(missing.status).toBe(404);
  const { data, tmp } = await filesIn(dir.path);
  expect([data.length, tmp.length]).toEqual([2, 0]);
});

test('no file outlives the object, the version or the upload it belonged to', async () => {
  await using s3 = await openEmbedded();
  await s3.ask('PUT', 'a', { body: '1' });
  await s3.ask('PUT', 'a', { body: '2' });
  await s3.ask('DELETE', 'a');
  const uploadId = await createUpload(s3, 'm');
  await putPart(s3, 'm', { uploadId, number: 1, body: 'replaced' });
  const parts = await putParts(s3, 'm', uploadId, [Buffer.alloc(PART_BYTES), 'not listed']);
  await completeUpload(s3, 'm', { uploadId, parts: parts.slice(0, 1) });
  await expect.poll(async () => (await filesIn(s3.dataDir)).data).toHaveLength(1);
  const aborted = await createUpload(s3, 'm');
  await putParts(s3, 'm', aborted, ['part']);
  await s3.ask('DELETE', 'm', { query: { uploadId: aborted } });
  await s3.ask('DELETE', 'm');
  await expect.poll(async () => (await filesIn(s3.dataDir)).data).toEqual([]);
});

test('of many uploads of one key at the same time one stays, whole and alone', async () => {
  await using s3 = await openEmbedded();
  const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`.repeat(10_000));
  await Promise.all(bodies.map((body) => s3.ask('PUT', 'same', { body })));
  expect(bodies).toContain((await s3.ask('GET', 'same')).text);
  await expect.poll(async () => (await filesIn(s3.dataDir)).data).toHaveLength(1);
});

test('an object that is deleted while it is read is read to its end', async () => {
  await using s3 = await openEmbedded();
  const content = Buffer.alloc(32 * 1024 * 1024, 'read me');
  await s3.ask('PUT', 'read', { body: content });
  const { url, headers } = sign(s3, { method: 'GET', path: pathOf(s3.bucket, 'read') });
  const get = request(url, { headers }).end();
  const [response] = (await once(get, 'response')) as [AsyncIterable<Buffer>];
  await s3.ask('DELETE', 'read');
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  expect(bytes).toBe(content.length);
  await expect.poll(async () => (await filesIn(s3.dataDir)).data).toEqual([]);
});

test('a second server cannot open the same folder, nor disturb what is in it', async () => {
  await using s3 = await openEmbedded();
  const put = await beginPut(s3, s3.dataDir, 'busy');
  await expect(startEmbeddedS3({ dataDir: s3.dataDir })).rejects.toThrow(/another server/u);
  expect((await filesIn(s3.dataDir)).tmp).toHaveLength(1);
  put.destroy();
});
