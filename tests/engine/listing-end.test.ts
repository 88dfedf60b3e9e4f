import { expect, test } from 'vitest';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';

test('of thousands, what a listing did not see is forgotten, and the loop turns meanwhile', async () => {
  const db = openDatabase(':memory:');
  const index = objectIndex(db);
  const all = Array.from({ length: 5_000 }, (_, n) => ({
    key: `audio/bio-101/${n}.mp3`,
    sizeBytes: 1,
    lastModifiedMs: n,
    storageClass: null,
  }));
  index.put(all, index.nextListing());
  const seen = index.nextListing();
  index.put([all[0]!, all[4_999]!], seen);
  let turns = 0;
  const turn = () => {
    turns += 1;
    turning = setImmediate(turn);
  };
  let turning = setImmediate(turn);
  await index.finish(seen, 1);
  clearImmediate(turning);
  expect(turns).toBeGreaterThan(2);
  const { rows } = index.newest(null, 0, 10);
  expect(rows.map(({ key }) => key)).toEqual([all[4_999]!.key, all[0]!.key]);
  expect(index.search(['bio-101'], 10).total).toBe(2);
  db.close();
});
