/** @file What a bucket holds, added up: of the bucket that is set up alone, and no more than was seen. */
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { listIntoIndex } from '../../electron/engine/library/browse.ts';
import { storedNow } from '../../electron/engine/library/cost.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { objectFileOf } from '../../electron/engine/store/object-file.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { allOf } from '../../shared/cost/stored.ts';
import { openRemote } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const signal = () => AbortSignal.timeout(30_000);

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
