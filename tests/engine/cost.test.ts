/** @file What a bucket holds, added up: of the bucket that is set up alone, and no more than was seen. */
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { listIntoIndex } from '../../electron/engine/library/browse.ts';
import { keptSums, storedNow, unfinishedSums } from '../../electron/engine/library/cost.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { objectFileOf } from '../../electron/engine/store/object-file.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { AppError } from '../../shared/errors.ts';
import type { ListedPart } from '../../electron/engine/s3/remote.ts';
import { allOf } from '../../shared/cost/stored.ts';
import { countingServer, openRemote, signal } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const part = (sizeBytes: number): ListedPart => ({ etag: '', sizeBytes, crc32: undefined });
const parts = (...sizes: number[]) => new Map(sizes.map((size, i) => [i + 1, part(size)]));

test('what was listed of another storage, or nobody knows of which, is not counted', async () => {
  await using s3 = await openServer('embedded');
  using remote = openRemote(s3);
  await using dir = await tempDir();
  const home = lockHome({ path: dir.path });
  using _ = { [Symbol.dispose]: () => home.close() };
  const index = objectIndex(home.database);
  const key = 'audio/bio-101/a.mp3';
  const headers = { contentType: 'audio/mpeg', metadata: {} };
  await remote.putObject(key, Buffer.from(key), crc32(key), headers, signal());
  await listIntoIndex(remote, index, () => 1_234, signal());
  const counted = async (place: string) => {
    const { stored, indexedAtMs } = await storedNow(index, place, Date.now());
    return [allOf(stored)['STANDARD']?.objects ?? 0, indexedAtMs];
  };
  expect(await counted(remote.place)).toEqual([1, 1_234]);
  expect(await counted('another at AWS')).toEqual([0, undefined]);
  // As an older version has left it.
  const older = (sql: string) => objectFileOf(home.database).read((db) => db.exec(sql));
  older(`DELETE FROM settings WHERE name = 'place'`);
  expect(await counted(remote.place)).toEqual([0, undefined]);
  expect(index.indexedAtMs()).toBe(1_234);
});

test('a storage that knows no versions keeps none, while one that refuses to tell is no such storage', async () => {
  await using s3 = await countingServer({ missing: ['ListObjectVersions', 'GetBucketVersioning'] });
  using remote = openRemote(s3);
  const none = { sums: {}, looked: 0, next: undefined };
  expect(await keptSums(remote, undefined, signal())).toEqual(none);
  s3.switches.missing = [];
  s3.switches.denied = ['ListObjectVersions', 'GetBucketVersioning'];
  await expect(keptSums(remote, undefined, signal())).rejects.toMatchObject({
    code: 'versions-denied',
  });
});

test('an unfinished upload that has ended meanwhile is none, and one with a part of no size is unknown', async () => {
  await using s3 = await countingServer();
  using remote = openRemote(s3);
  const looked = await unfinishedSums(
    {
      ...remote,
      listUploads: () =>
        Promise.resolve({
          uploads: ['whole', 'ended', 'unsized'].map((uploadId) => ({
            key: `audio/bio-101/${uploadId}.mp3`,
            uploadId,
            startedAtMs: 0,
            storageClass: null,
            initiator: null,
          })),
          isWhole: true,
        }),
      listParts(_key, uploadId) {
        if (uploadId === 'ended')
          return Promise.reject(new AppError('upload-gone', 'It was completed'));
        return Promise.resolve(uploadId === 'whole' ? parts(3, 4) : parts(3, -1));
      },
    },
    signal(),
  );
  expect(looked).toMatchObject({ uploads: 2, unknown: 1, isCutOff: false });
  expect(looked.sums['STANDARD']).toMatchObject({ objects: 1, bytes: 7 });
});
