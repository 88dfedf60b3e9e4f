/** @file After a deletion: that an object can be brought back is said only where the storage still has it. */
import {
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { someDeleted } from '../../electron/engine/library/deleted.ts';
import type { Remote, VersionMark } from '../../electron/engine/s3/remote.ts';
import { keysOf, objectBytes, openRemote } from '../support/engine.ts';
import { openImpostor } from '../support/misbehaving.ts';
import { openServer, unavailable } from '../support/s3-servers.ts';
import { decoded, put, signal } from './port.ts';
import { openSdk } from '../support/sdk-client.ts';

const setVersioning = (client: S3Client, Bucket: string, Status: 'Enabled' | 'Suspended') =>
  client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

for (const name of ['embedded', 'rgw', 'swift'] as const)
  describe.skipIf(unavailable(name))(`on ${name}`, () => {
    test('what a bucket with suspended versioning deletes for good is not said to come back', async () => {
      await using s3 = await openServer(name);
      const { bucket: Bucket } = s3;
      const client = openSdk(s3);
      using remote = openRemote(s3);
      const remove = async (key: string) => {
        const { recoverable } = await remote.deleteObject(key, signal());
        const { Versions = [] } = await client.send(
          new ListObjectVersionsCommand({ Bucket, Prefix: key }),
        );
        return { recoverable, versions: Versions.length };
      };
      const sound = Buffer.from('sound');
      await put(remote, 'before', sound);
      expect(await put(remote, 'never', sound).then(() => remove('never'))).toEqual({
        recoverable: false,
        versions: 0,
      });
      await setVersioning(client, Bucket, 'Enabled');
      await put(remote, 'meanwhile', sound);
      for (const key of ['before', 'meanwhile'])
        expect(await remove(key)).toEqual({ recoverable: true, versions: 1 });
      await setVersioning(client, Bucket, 'Suspended');
      await put(remote, 'since', sound);
      expect(await remove('since')).toEqual({ recoverable: false, versions: 0 });
      client.destroy();
    });

    test('what is kept below one without a number is listed, also where a page ends there', async () => {
      await using s3 = await openServer(name);
      const { bucket: Bucket } = s3;
      const client = openSdk(s3);
      using remote = openRemote(s3);
      const store = (...keys: string[]) =>
        Promise.all(
          keys.map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))),
        );
      await setVersioning(client, Bucket, 'Enabled');
      await store('a', 'b', 'c');
      await setVersioning(client, Bucket, 'Suspended');
      await store('b', 'c');
      client.destroy();
      const listed = async (size: number) => {
        const found: string[] = [];
        let from: VersionMark | undefined;
        do {
          const page = await remote.listVersions('', size, from, signal());
          found.push(...page.versions.map(({ key, versionId }) => `${key} ${versionId}`));
          from = page.next;
        } while (from !== undefined);
        return found.toSorted();
      };
      const all = await listed(1_000);
      expect(all.map((one) => one[0])).toEqual(['a', 'b', 'b', 'c', 'c']);
      for (const size of [2, 3, 4]) expect(await listed(size)).toEqual(all);
    });

    test('a marker is listed over its version and taken away alone, also where it is one of two', async () => {
      await using s3 = await openServer(name);
      const { bucket: Bucket } = s3;
      const client = openSdk(s3);
      using remote = openRemote(s3);
      expect(await remote.versioning(signal())).toBe('off');
      // Stored before there were versions: a page of one ends there.
      await put(remote, 'a/0', Buffer.from('a/0'));
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      client.destroy();
      expect(await remote.versioning(signal())).toBe('on');
      for (const key of ['a/1', 'a/2', 'a/3']) await put(remote, key, Buffer.from(key));
      for (const key of ['a/1', 'a/3', 'a/3']) await remote.deleteObject(key, signal());
      // One at a time, so that markers and their versions are on pages of their own.
      const paged: Remote = {
        ...remote,
        listVersions: (prefix, _max, from, abort) => remote.listVersions(prefix, 1, from, abort),
      };
      const limits = { enough: Infinity, pages: 20 };
      const deletedOf = async (road: Remote) =>
        (await someDeleted(road, 'a/', undefined, limits, signal())).deleted;
      const found = await deletedOf(paged);
      expect(found).toEqual(await deletedOf(remote));
      expect(found.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
        ['a/1', 3],
        ['a/3', 3],
      ]);
      const [one] = found;
      const old = await remote.headVersion('a/1', one!.versionId, signal());
      expect(old?.metadata).toEqual(decoded);
      expect(await remote.head('a/1', signal())).toBeUndefined();
      await remote.removeMarker('a/1', one!.markerId, signal());
      await remote.removeMarker('a/1', one!.markerId, signal());
      expect((await objectBytes(remote, 'a/1')).toString()).toBe('a/1');
      let markers = 0;
      for (let [top] = await deletedOf(remote); top; [top] = await deletedOf(remote)) {
        await remote.removeMarker(top.key, top.markerId, signal());
        markers += 1;
      }
      // Ceph’s gateway lays no second marker over the first.
      expect(markers).toBe(name === 'rgw' ? 1 : 2);
      expect(await keysOf(remote)).toEqual(['a/0', 'a/1', 'a/2', 'a/3']);
    });
  });

test('a storage that overlooks which version is meant has removed no marker', async () => {
  await using s3 = await openImpostor((_request, response) =>
    response
      .writeHead(204, {
        'x-amz-request-id': '1',
        'x-amz-version-id': 'another',
        'x-amz-delete-marker': 'true',
      })
      .end(),
  );
  using remote = openRemote(s3);
  await expect(remote.removeMarker('key', 'one', signal())).rejects.toMatchObject({
    code: 'not-supported',
  });
});

test('a storage that lists its objects in the place of versions is not one without deletions', async () => {
  const list = `<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>`;
  await using s3 = await openImpostor((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/xml' }).end(list),
  );
  using remote = openRemote(s3);
  const listed = remote.listVersions('', 10, undefined, signal());
  await expect(listed).rejects.toMatchObject({ code: 'not-supported' });
});
