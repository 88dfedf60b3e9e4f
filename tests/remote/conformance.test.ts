/** @file What the engine relies on of a storage, asked of every storage there is, through the port it uses. */
import { createServer } from 'node:net';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { findObject } from '../../electron/engine/s3/find.ts';
import { objectBytes, openRemote } from '../support/engine.ts';
import { unavailable } from '../support/s3-servers.ts';
import {
  bodies,
  codeOf,
  decoded,
  headers,
  openPort,
  put,
  roads,
  sendParts,
  signal,
  wholeOf,
} from './port.ts';

for (const road of roads) {
  const { name, way, line } = road;
  describe.skipIf(unavailable(name))(`on ${name}, the ${way} way, over ${line}`, () => {
    test('a small object is there with its metadata, and the answer or a look proves its bytes', async () => {
      await using on = await openPort(road);
      const body = Buffer.from('sound');
      const told = await put(on.remote, 'audio/a/1.mp3', body);
      expect([crc32(body), undefined]).toContain(told);
      const info = await on.remote.head('audio/a/1.mp3', signal());
      expect(info).toMatchObject({
        key: 'audio/a/1.mp3',
        sizeBytes: 5,
        contentType: 'audio/mpeg',
        metadata: decoded,
      });
      expect([crc32(body), undefined]).toContain(info?.crc32);
      expect((await objectBytes(on.remote, 'audio/a/1.mp3')).equals(body)).toBe(true);
    });

    test('what is there is not overwritten, in one request or in parts', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const first = Buffer.from('first');
      await put(remote, 'k', first);
      const again = await codeOf(put(remote, 'k', Buffer.from('second')));
      const id = await remote.createUpload('k', headers, signal());
      const parts = await sendParts(remote, 'k', id, bodies);
      const finished = await codeOf(
        remote.completeUpload('k', id, parts, wholeOf(bodies), signal()),
      );
      const isFirst = (await objectBytes(remote, 'k')).equals(first);
      // Ceph's gateway knows no conditional completion, Swift no conditional write of one request: the engine
      // looks before it sends, and each key is a fresh UUID.
      const expected = {
        embedded: ['key-taken', 'key-taken', true],
        custom: ['key-taken', 'key-taken', true],
        rgw: ['key-taken', 'no error', false],
        swift: ['no error', 'key-taken', false],
      }[name];
      expect([again, finished, isFirst]).toEqual(expected);
    });

    test('bytes that do not fit their checksum are refused, or show themselves when they are looked at', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const body = Buffer.from('sound');
      const wrong = (crc32(body) ^ 1) >>> 0;
      const single = await codeOf(remote.putObject('k', body, wrong, headers, signal()));
      const id = await remote.createUpload('p', headers, signal());
      const part = await codeOf(remote.putPart('p', id, 1, body, wrong, signal()));
      const seen = {
        embedded: { single: 'damaged-in-transit', part: 'damaged-in-transit' },
        swift: { single: 'damaged-in-transit', part: 'damaged-in-transit' },
        // Ceph's gateway neither checks nor keeps a checksum: such objects are read back before they count.
        rgw: { single: 'no error', part: 'no error' },
        custom: { single, part },
      }[name];
      expect({ single, part }).toEqual(seen);
    });

    test('what is not there is undefined, and reading it an error', async () => {
      await using on = await openPort(road);
      expect(await on.remote.head('none', signal())).toBeUndefined();
      expect(await codeOf(on.remote.read('none', 0, undefined, signal()))).toBe('no-object');
    });

    test('a list comes in pages, in binary order, below its prefix', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      const keys = [
        'audio/a/1',
        'audio/a/é',
        'audio/B/1',
        'audio/a b/1+2',
        'audio/a/10',
        'uploads/x',
      ];
      for (const key of keys) await put(remote, key, Buffer.from(key));
      const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const listed: string[] = [];
      let pages = 0;
      for (let next: string | undefined, more = true; more; more = next !== undefined) {
        const page = await remote.list('audio/', 2, next, signal());
        expect(page.objects.length).toBeLessThanOrEqual(2);
        listed.push(...page.objects.map(({ key }) => key));
        next = page.next;
        pages += 1;
      }
      expect(listed).toEqual(inOrder.filter((key) => key.startsWith('audio/')));
      expect(pages).toBeGreaterThanOrEqual(3);
      const [object] = (await remote.list('uploads/', 1, undefined, signal())).objects;
      expect(object).toMatchObject({ key: 'uploads/x', sizeBytes: 9 });
      expect(Math.abs(object!.lastModifiedMs - Date.now())).toBeLessThan(60_000);
      expect(await remote.list('none/', 1, undefined, signal())).toEqual({
        objects: [],
        next: undefined,
      });
    });

    test('in a bucket that is not there nothing is missing, and no list is empty: it is an error', async () => {
      await using on = await openPort(road);
      using elsewhere = on.open({ bucket: 'pansea-not-there' });
      expect(await codeOf(elsewhere.list('', 10, undefined, signal()))).toBe('no-bucket');
      expect(await codeOf(findObject(elsewhere, 'k', signal()))).toBe('no-bucket');
      expect(await codeOf(put(elsewhere, 'k', Buffer.from('x')))).toBe('no-bucket');
      expect(await codeOf(elsewhere.createUpload('k', headers, signal()))).toBe('no-bucket');
    });

    test('a read begins where it is told to, and refuses to go on in another version', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      await put(remote, 'k', Buffer.from('0123456789'));
      const { etag } = (await remote.head('k', signal()))!;
      const pieces: Buffer[] = [];
      for await (const piece of await remote.read('k', 4, etag, signal()))
        pieces.push(piece as Buffer);
      expect(Buffer.concat(pieces).toString()).toBe('456789');
      expect(await codeOf(remote.read('k', 4, '0'.repeat(32), signal()))).toBe('no-object');
    });

    test('of a range no more is read, and of no other version', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      await put(remote, 'k', Buffer.from('0123456789'));
      const { etag } = (await remote.head('k', signal()))!;
      const range = { startByte: 2, endByte: 4 };
      const pieces: Buffer[] = [];
      for await (const piece of await remote.readRange('k', range, etag, signal()))
        pieces.push(piece as Buffer);
      expect(Buffer.concat(pieces).toString()).toBe('234');
      expect(await codeOf(remote.readRange('k', range, '0'.repeat(32), signal()))).toBe(
        'no-object',
      );
    });

    test('what is deleted is gone, and deleting it again is no error', async () => {
      await using on = await openPort(road);
      const { remote } = on;
      await put(remote, 'k', Buffer.from('x'));
      expect(await remote.deleteObject('k', signal())).toEqual({ recoverable: false });
      expect(await remote.head('k', signal())).toBeUndefined();
      expect(await codeOf(remote.deleteObject('k', signal()))).toMatch(/^(no error|no-object)$/);
    });

    test('a link opens for anybody with nothing but the link, under its name, and not when one letter of it is changed', async () => {
      await using on = await openPort(road);
      await put(on.remote, 'audio/a/é 1+2.mp3', Buffer.from('sound'));
      const sign = (mode: 'watch' | 'download') =>
        on.remote.signDownload('audio/a/é 1+2.mp3', {
          expiresInSeconds: 60,
          mode,
          fileName: 'Économie "1".mp3',
          contentType: 'audio/mpeg',
        });
      const url = await sign('download');
      const answer = await on.get(url);
      expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([
        200,
        'sound',
        'audio/mpeg',
      ]);
      expect(answer.headers.get('content-disposition')).toMatch(
        /^attachment; .*filename\*=UTF-8''%C3%89conomie%20%221%22\.mp3$/,
      );
      expect((await on.get(await sign('watch'))).headers.get('content-disposition')).toMatch(
        /^inline/,
      );
      expect((await on.get(url, { range: 'bytes=1-2' })).status).toBe(206);
      const spoilt = [
        url.replace(
          /(X-Amz-Signature=)(.)/,
          (_, head, first) => head + (first === '0' ? '1' : '0'),
        ),
        url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'),
        url.replace('attachment', 'attachmenu'),
        url.split('?')[0]!,
      ];
      const statuses = await Promise.all(spoilt.map(async (other) => (await on.get(other)).status));
      expect(statuses).toEqual([403, 403, 403, name === 'swift' ? 400 : 403]);
    });

    test('wrong keys are told apart from each other', async () => {
      await using on = await openPort(road);
      const { accessKeyId, secretAccessKey } = on.s3;
      const wrong = [
        ['wrong-secret', { accessKeyId, secretAccessKey: `${secretAccessKey}x` }],
        // Swift does not say whether it knows the key.
        [
          name === 'swift' ? 'wrong-secret' : 'wrong-access-key',
          { accessKeyId: `${accessKeyId}X`, secretAccessKey },
        ],
      ] as const;
      for (const [code, credentials] of wrong) {
        using remote = on.open({ credentials });
        const calls = [
          remote.list('', 1, undefined, signal()),
          remote.head('k', signal()), // HEAD answers without a body: the reason has to be asked for.
          put(remote, 'k', Buffer.from('x')),
        ];
        expect(await Promise.all(calls.map(codeOf))).toEqual([code, code, code]);
      }
    });

    test('a call that is called off ends at once, and is no error of the storage', async () => {
      await using on = await openPort(road);
      const stopped = AbortSignal.abort();
      for (const call of [on.remote.head('k', stopped), on.remote.list('', 1, undefined, stopped)])
        await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    });
  });
}

test('nothing at the address is offline', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  const keys = { region: 'us-east-1', accessKeyId: 'k', secretAccessKey: 's', bucket: 'bucket' };
  using remote = openRemote({ name: 'embedded', endpoint: `http://127.0.0.1:${port}`, ...keys });
  expect(await codeOf(remote.head('k', signal()))).toBe('offline');
  expect(await codeOf(remote.list('', 1, undefined, signal()))).toBe('offline');
});
