/** @file The human names of objects that the ledger does not know: asked for one by one, beside uploads. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { learnNames } from '../../electron/engine/library/learn-names.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { objectFileOf } from '../../electron/engine/store/object-file.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { AppError } from '../../shared/errors.ts';
import { tempDir } from '../support/temp-dir.ts';
import { signal } from '../support/engine.ts';

async function openIndex(keys: readonly string[]) {
  const dir = await tempDir();
  const open = () => lockHome({ path: dir.path });
  let home = open();
  const index = objectIndex(home.database);
  const listed = keys.map((key) => ({ key, sizeBytes: 1, lastModifiedMs: 1, storageClass: null }));
  await index.put(listed, await index.nextListing());
  return {
    index,
    file: () => objectFileOf(home.database),
    reopen() {
      home.close();
      home = open();
      return objectIndex(home.database);
    },
    [Symbol.asyncDispose]: async () => {
      home.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A storage that answers in a later turn, and counts. */
function remoteOf(answer: (key: string) => string | AppError) {
  const asked: string[] = [];
  let underWay = 0;
  const head = async (key: string) => {
    asked.push(key);
    underWay += 1;
    await turn();
    underWay -= 1;
    const name = answer(key);
    if (name instanceof AppError) throw name;
    return { key, metadata: { original_filename: name } };
  };
  return { remote: { head } as unknown as Remote, asked, underWay: () => underWay };
}

const keysOf = (folder: string, count: number) =>
  Array.from({ length: count }, (_, n) => `audio/${folder}/${n}.mp3`);

test('a storage that is not reached is asked for no more names beside those that are asked for', async () => {
  await using on = await openIndex(keysOf('bio-101', 500));
  const { remote, asked, underWay } = remoteOf(() => new AppError('offline'));
  await expect(learnNames(remote, on.index, Date.now, signal())).rejects.toMatchObject({
    code: 'offline',
  });
  await expect.poll(underWay).toBe(0);
  expect(asked.length).toBeLessThanOrEqual(16);
});

test('names are learned beside thousands that this account may not look at', async () => {
  await using on = await openIndex([...keysOf('a-closed', 2_100), ...keysOf('bio-101', 20)]);
  const { remote, asked } = remoteOf((key) =>
    key.includes('closed') ? new AppError('read-denied') : `Cells ${key}`,
  );
  expect(await learnNames(remote, on.index, Date.now, signal())).toEqual({
    learned: 20,
    unnamed: 2_100,
  });
  expect(on.index.search(['cells'], 1).total).toBe(20);
  expect(asked.length).toBeLessThan(20 + 2 * 16);
});

test('an account that may look at nothing asks little, and what opens behind many closed folders is found', async () => {
  const closed = Array.from({ length: 100 }, (_, n) => keysOf(`closed-${n}`, 20)).flat();
  await using on = await openIndex([...closed, ...keysOf('open', 5)]);
  const { remote, asked } = remoteOf((key) =>
    key.includes('closed') ? new AppError('read-denied') : `Cells ${key}`,
  );
  let nowMs = 0;
  const learn = () => learnNames(remote, on.index, () => nowMs, signal());
  expect(await learn()).toEqual({ learned: 0, unnamed: 2_005 });
  // In vain it asks four times in each of sixteen folders, and of those beside the last ones.
  const few = 16 * 4 + 15 * 4;
  expect(asked.length).toBeLessThanOrEqual(few);
  let rounds = 1;
  for (; on.index.countUnnamed() > 2_000 && rounds < 10; rounds += 1) await learn();
  expect(on.index.countUnnamed()).toBe(2_000);
  expect(asked.length).toBeLessThanOrEqual(rounds * few);

  // Those among which it gave up are left alone, for a day.
  const askedIn = (folder: string) => asked.filter((key) => key.includes(`${folder}/`)).length;
  const before = askedIn('closed-0');
  for (const _ of [1, 2]) await learn();
  expect(askedIn('closed-0')).toBe(before);
  nowMs += 86_400_000;
  await learn();
  expect(askedIn('closed-0')).toBeGreaterThan(before);
});

test('what stands for a folder is not asked for again and again', async () => {
  await using on = await openIndex(['audio/bio-101/']);
  const { remote, asked } = remoteOf(() => '');
  for (const _ of [1, 2]) await learnNames(remote, on.index, Date.now, signal());
  expect(asked).toEqual(['audio/bio-101/']);
  expect(on.index.nameOf('audio/bio-101/')).toBe('audio/bio-101/');
});

test('what has no name yet is found without a look at what has one, in an index of before, too', async () => {
  await using on = await openIndex(keysOf('bio-101', 2));
  on.file().read((db) => db.exec('DROP INDEX objects_unnamed'));
  const index = on.reopen();
  const db = on.file().read((file) => file);
  const prepare = db.prepare.bind(db);
  const asked: string[] = [];
  Object.assign(db, {
    prepare(sql: string) {
      if (sql.includes('name IS NULL')) asked.push(sql);
      return prepare(sql);
    },
  });
  expect([index.unnamed(1, 5), index.countUnnamed()]).toEqual([
    [{ id: 2, key: 'audio/bio-101/1.mp3' }],
    2,
  ]);
  const plans = asked.map((sql) =>
    prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(sql.match(/\?/g) ?? []).map(() => 0))
      .map(({ detail }) => detail),
  );
  expect(plans).toEqual([
    ['SEARCH objects USING INDEX objects_unnamed (id>?)'],
    ['SCAN objects USING INDEX objects_unnamed'],
  ]);
});
