import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { listObjects, refreshIndex } from '../../electron/engine/library/browse.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { objectFileOf } from '../../electron/engine/store/object-file.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { AppError } from '../../shared/errors.ts';
import { encodeValue } from '../../shared/metadata.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { openRemote, openTestEngine, randomFile, signal, toBio } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

async function openIndex() {
  const dir = await tempDir();
  const home = lockHome({ path: dir.path });
  return {
    home,
    index: objectIndex(home.database),
    [Symbol.asyncDispose]: async () => {
      home.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function open() {
  const s3 = await openServer('embedded');
  const remote = openRemote(s3);
  const on = await openIndex();
  const { index } = on;
  return {
    s3,
    remote,
    index,
    put: (key: string, name?: string) =>
      remote.putObject(
        key,
        Buffer.from(key),
        crc32(key),
        {
          contentType: 'audio/mpeg',
          metadata: name === undefined ? {} : { original_filename: encodeValue(name) },
        },
        signal(),
      ),
    refresh: (through: Remote = remote) => refreshIndex(through, index, () => 1_234, signal()),
    find: (...words: string[]) => index.search(words, 10).rows.map(({ name }) => name),
    [Symbol.asyncDispose]: async () => {
      remote.close();
      await on[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

const uuid = (n: number) => `01890a5d-ac96-774b-bcce-${String(n).padStart(12, '0')}`;

test('a recording is found by the words of its name, its class and its day, however they are written', async () => {
  await using on = await open();
  await on.put(`audio/bio-101/${uuid(1)}.mp3`, 'Économie_week 3.mp3');
  await on.put(`audio/chem-7/${uuid(2)}.mp3`, 'Lecture 12 – acids.mp3');
  await on.put(`audio/chem-7/${uuid(3)}.mp3`, 'REC_20260304-0915.mp3');
  await on.put('other/thing.txt');
  expect(await on.refresh()).toEqual({ unnamed: 0 });
  const today = new Date().toISOString().slice(0, 10);
  const searches: [string[], (string | null)[]][] = [
    [['economie'], ['Économie_week 3.mp3']],
    [['ECO', 'week'], ['Économie_week 3.mp3']],
    [['3'], ['Économie_week 3.mp3']],
    [['bio-101'], ['Économie_week 3.mp3']],
    [['acid', 'chem-7'], ['Lecture 12 – acids.mp3']],
    [['acids', 'bio-101'], []],
    [[today, 'lecture'], ['Lecture 12 – acids.mp3']],
    [['thing'], ['thing.txt']],
    [[uuid(1)], ['Économie_week 3.mp3']],
    [['01890a5d-ac96', 'week'], ['Économie_week 3.mp3']],
    [[`audio/chem-7/${uuid(2)}.mp3`], ['Lecture 12 – acids.mp3']],
    [['bio-101 01890A5D'], ['Économie_week 3.mp3']],
    [[`${uuid(1)}.mp3`, 'chem-7'], []],
    [['a5d-ac96-774b'], []],
    [['20260304-09'], ['REC_20260304-0915.mp3']],
    [[], []],
  ];
  expect(searches.map(([words]) => on.find(...words))).toEqual(searches.map(([, found]) => found));
  expect(on.index.indexedAtMs()).toBe(1_234);
});

test('what is listed again is found as before, and what changed by its new words alone', async () => {
  await using on = await openIndex();
  const { index } = on;
  const listed = (n: number, day: number) => ({
    key: `audio/bio-101/${uuid(n)}.mp3`,
    sizeBytes: 1,
    lastModifiedMs: Date.UTC(2026, 2, day),
    storageClass: null,
  });
  const list = async (...objects: ReturnType<typeof listed>[]) => {
    const seen = await index.nextListing();
    await index.put(objects, seen);
    await index.finish(seen, { atMs: 1, place: 'here' });
  };
  const total = (...words: string[]) => index.search(words, 10).total;
  await list(listed(1, 4), listed(2, 4), listed(3, 4), listed(2, 4));
  await index.setName(listed(1, 4).key, 'acids.mp3');
  await list(listed(1, 4), listed(2, 5));
  expect([
    total('bio-101'),
    total('acids', '2026-03-04'),
    total('2026-03-04'),
    total('2026-03-05'),
    total(uuid(3)),
  ]).toEqual([2, 1, 1, 1, 0]);
});

test('whatever is typed into the search is text, never an instruction', async () => {
  await using on = await open();
  await on.put(`audio/bio-101/${uuid(1)}.mp3`, 'a.mp3');
  await on.refresh();
  for (const word of [
    '"',
    '*',
    'a OR b',
    'NEAR(',
    '-',
    '',
    "'; DROP TABLE objects",
    'words:',
    '^a',
    '\0',
  ])
    expect(Array.isArray(on.find('mp3', word))).toBe(true);
  expect(on.find('mp3', '-')).toEqual(['a.mp3']);
  expect(on.find('mp3')).toEqual(['a.mp3']);
});

test('names come from the ledger without asking, and from the storage for what others sent', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const path = join(dir.path, 'Biologie.mp3');
  await randomFile(path, 1_000);
  const [job] = await app.engine.uploadNow([path], toBio, signal());
  if (!job || job instanceof Error) throw new Error('Not uploaded', { cause: job });
  const asked: string[] = [];
  const remote: Remote = {
    ...app.remote,
    head: (key, stop) => {
      asked.push(key);
      return app.remote.head(key, stop);
    },
  };
  const foreign = Buffer.from('x');
  await remote.putObject(
    'foreign.mp3',
    foreign,
    crc32(foreign),
    { contentType: 'a/b', metadata: {} },
    signal(),
  );
  const index = objectIndex(app.home.database);
  for (const _ of [1, 2]) await refreshIndex(remote, index, Date.now, signal());
  // Once: what carries no name goes by the end of its key, and does not keep others from being asked for.
  expect(asked).toEqual(['foreign.mp3']);
  expect([index.nameOf(job.key!), index.nameOf('foreign.mp3'), index.nameOf('none')]).toEqual([
    'Biologie.mp3',
    'foreign.mp3',
    null,
  ]);
});

test('a listing that fails leaves the index as it was, and what it saw in passing does not stay for ever', async () => {
  await using on = await open();
  await on.put('a.mp3', 'a.mp3');
  await on.put('b.mp3', 'b.mp3');
  await on.refresh();
  await on.put('c.mp3', 'c.mp3');
  const breaking: Remote = {
    ...on.remote,
    async list(prefix, _maxKeys, next, stop) {
      if (next !== undefined) throw new AppError('list-denied', 'no ListBucket');
      const page = await on.remote.list(prefix, 2, next, stop);
      return { ...page, next: 'more' };
    },
  };
  await expect(on.refresh(breaking)).rejects.toMatchObject({ code: 'list-denied' });
  expect(new Set(on.find('mp3'))).toEqual(new Set(['a.mp3', 'b.mp3']));
  expect(on.index.indexedAtMs()).toBe(1_234);
  await on.remote.deleteObject('a.mp3', signal());
  await on.refresh();
  expect(new Set(on.find('mp3'))).toEqual(new Set(['b.mp3', 'c.mp3']));
});

test('an account that may list but not look gets the index without the names', async () => {
  await using on = await open();
  for (const n of [1, 2]) await on.put(`audio/bio-101/${uuid(n)}.mp3`, `${n}.mp3`);
  const blind: Remote = { ...on.remote, head: () => Promise.reject(new AppError('read-denied')) };
  expect(await on.refresh(blind)).toEqual({ unnamed: 2 });
  expect(on.find('bio-101')).toEqual([null, null]);
});

test('a list ends at the number that was asked for and says whether there is more', async () => {
  await using on = await open();
  for (let n = 0; n < 5; n++) await on.put(`audio/${n}`);
  const list = async (maxKeys: number) => {
    const { objects, truncated } = await listObjects(on.remote, 'audio/', maxKeys, signal());
    return [objects.length, truncated];
  };
  expect([await list(2), await list(5), await list(6)]).toEqual([
    [2, true],
    [5, false],
    [5, false],
  ]);
});

test('of all or of one class, a hundred thousand objects are paged newest first, by an index', async () => {
  await using on = await openIndex();
  const db = objectFileOf(on.home.database).read((file) => file);
  const asked: string[] = [];
  const prepare = db.prepare.bind(db);
  Object.assign(db, {
    prepare(sql: string) {
      asked.push(sql);
      return prepare(sql);
    },
  });
  const { index } = on;
  const seen = await index.nextListing();
  const objects = Array.from({ length: 100_000 }, (_, i) => ({
    key: `audio/${i % 2 === 0 ? 'bio-101' : 'chem-7'}/${uuid(i)}.mp3`,
    sizeBytes: 1,
    lastModifiedMs: (i * 7_919) % 100_000,
    storageClass: null,
  }));
  await index.put(objects, seen);
  const newest = (from: typeof objects, offset: number) =>
    from
      .toSorted((a, b) => b.lastModifiedMs - a.lastModifiedMs)
      .slice(offset, offset + 100)
      .map(({ key }) => key);
  const keys = ({ rows, total }: ReturnType<typeof index.newest>) => ({
    total,
    keys: rows.map(({ key }) => key),
  });
  const bio = objects.filter(({ key }) => key.includes('bio'));
  expect(keys(index.newest(null, 99_950, 100))).toEqual({
    total: 100_000,
    keys: newest(objects, 99_950),
  });
  expect(keys(index.newest({ kind: 'audio', ownerId: 'bio-101' }, 300, 100))).toEqual({
    total: 50_000,
    keys: newest(bio, 300),
  });
  const paged = asked.filter((sql) => sql.includes('OFFSET') && !sql.includes('MATCH'));
  const plans = paged.map((sql) =>
    prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(sql.match(/\?/g) ?? []).map(() => null))
      .map(({ detail }) => detail),
  );
  expect(plans).toEqual([
    ['SEARCH objects USING INDEX objects_by_owner (kind=? AND owner_id=?)'],
    ['SCAN objects USING INDEX objects_by_time'],
  ]);
});
