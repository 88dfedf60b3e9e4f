import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { c4Of } from '../../electron/engine/migrate/asc-mhl.ts';
import { quarantine } from '../../electron/engine/migrate/cleanup.ts';
import { hashFolders } from '../../electron/engine/migrate/folder-hashes.ts';
import type { HashKind, HashListFormat } from '../../shared/migration/migration.ts';
import { openHashers } from '../../electron/engine/migrate/hashers.ts';
import { writeHashList } from '../../electron/engine/migrate/hash-list.ts';
import { quarantinePath } from '../../electron/engine/migrate/quarantine.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { openHashedFiles } from '../../electron/engine/store/hashed-files.ts';
import { openArchive, writeOld, type Archive } from '../support/archive.ts';
import { checkList, hashReadersMissing, xpath } from '../support/hash-readers.ts';

const names = [
  'Übung <1> & "2".mp3',
  'back\\slash.mp3',
  'sub/deep/c.mp3',
  'sub/two\nlines.mp3',
  'sub.mp3',
];

async function verified(given: readonly string[] = names): Promise<Archive> {
  const archive = await openArchive(Object.fromEntries(given.map((name) => [name, `of ${name}`])));
  await archive.run();
  await verify(archive);
  return archive;
}

function verify({ context, plan, signal }: Archive) {
  return verifyPlan(context, plan, { level: 'full', share: 1 }, () => {}, signal);
}

async function write(archive: Archive, format: HashListFormat, hash: HashKind = 'xxh64') {
  const { context, plan, signal, dir } = archive;
  const out = join(dir, format);
  const left: Record<string, string> = {};
  const options = { format, hash, out, version: '1.2.3' };
  const note = async (path: string, why: string) => void (left[path] = why);
  const total = await writeHashList(context, plan, options, () => {}, note, signal);
  return { out, left, total };
}

/** Lists, and whatever else would lie where they are written. */
const leavings = async ({ dir }: Archive) =>
  (await readdir(dir)).filter((name) => /mhl|\.part$/.test(name));

beforeEach(({ skip }) => {
  skip(hashReadersMissing(), 'xmllint or xxhsum is not installed');
});

test.each<[HashKind, string]>([
  ['xxh64', 'xxhash64be'],
  ['md5', 'md5'],
  ['sha1', 'sha1'],
])('an MHL with %s is read and found right by programs of others', async (hash, element) => {
  await using archive = await verified();
  const { out, left, total } = await write(archive, 'mhl', hash);
  expect(left).toEqual({});
  expect(total).toEqual({ files: names.length, bytes: archive.plan.bytes });
  const ok = Object.fromEntries(names.map((name) => [name, 'OK']));
  expect(checkList(out, element, archive.root)).toEqual(ok);
  expect(xpath(out, '/hashlist/@version')).toBe('1.1');
  const first = '/hashlist/hash[file="sub.mp3"]';
  expect(xpath(out, `${first}/size`)).toBe('10');
  expect(xpath(out, `${first}/lastmodificationdate`)).toBe('2024-05-06T07:08:09Z');
  // In the order that its schema has.
  const order = [1, 2, 3, 4, 5].map((i) => xpath(out, `name(${first}/*[${i}])`));
  expect(order).toEqual(['file', 'size', 'lastmodificationdate', element, 'hashdate']);
  await expect(write(archive, 'mhl')).rejects.toMatchObject({ code: 'download-exists' });

  await writeOld(join(archive.root, 'sub.mp3'), 'OF sub.mp3');
  expect(checkList(out, element, archive.root)).toEqual({ ...ok, 'sub.mp3': 'FAILED' });
});

test('an ASC MHL is a folder with a list, and a chain that proves the list', async () => {
  await using archive = await verified();
  const { out, left } = await write(archive, 'ascmhl');
  expect(left).toEqual({});
  const [list = '', chain = '', ...more] = (await readdir(out)).toSorted();
  expect(list).toMatch(/^0001_archive_\d{4}-\d\d-\d\d_\d{6}Z\.mhl$/);
  expect([chain, more]).toEqual(['ascmhl_chain.xml', []]);
  const file = join(out, list);
  const ok = Object.fromEntries(names.map((name) => [name, 'OK']));
  expect(checkList(file, 'xxh64', archive.root)).toEqual(ok);
  const sha512 = createHash('sha512').update(await readFile(file));
  const entry = '//*[local-name()="hashlist"][@sequencenr="1"]';
  expect(xpath(join(out, chain), `${entry}/*[local-name()="path"]`)).toBe(list);
  expect(xpath(join(out, chain), `${entry}/*[local-name()="c4"]`)).toBe(c4Of(sha512.digest('hex')));
  expect(xpath(file, 'count(//*[local-name()="directoryhash"])')).toBe('2');
  await expect(write(archive, 'ascmhl')).rejects.toMatchObject({ code: 'download-exists' });
  expect(await leavings(archive)).toEqual(['ascmhl']);
});

test('a list has nothing but what is verified, and for which bytes are there that are the ledger’s', async () => {
  const given = ['a.mp3', 'b.mp3', 'c.mp3', 'd.mp3', 'e.mp3', 'bell\u0007.mp3', 'lost.mp3'];
  await using archive = await verified(given);
  const { context, plan, plans, root, signal } = archive;
  await quarantine(context, plan, 'full', given.length, () => {}, signal);
  const file = (path: string) => [...plans.files(plan.id)].find((one) => one.path === path)!;
  const at = (path: string) => quarantinePath(plan, file(path));
  // Other bytes, though as many and as old; no bytes; deleted after proof.
  await writeOld(at('b.mp3'), 'OF b.mp3');
  await rm(at('c.mp3'));
  plans.setPlace(plan, file('d.mp3'), 'removed', 0);
  await archive.s3.damage.remove(archive.keyOf('lost.mp3'));
  plans.setVerdicts(plan, [{ file: file('lost.mp3'), verdict: 'missing', level: 'full' }], 0);

  const { out, left, total } = await write(archive, 'ascmhl');
  expect(left).toEqual({
    'b.mp3': 'changed',
    'bell\u0007.mp3': 'name',
    'c.mp3': 'gone',
    'd.mp3': 'deleted',
    'lost.mp3': 'not-verified',
  });
  expect(total.files).toBe(2);
  const list = join(
    out,
    (await readdir(out)).find((name) => name.endsWith('.mhl'))!,
  );
  expect(checkList(list, 'xxh64', join(root, '.pansea-quarantine', plan.id))).toEqual({
    'a.mp3': 'OK',
    'e.mp3': 'OK',
  });
  expect(xpath(list, '//*[local-name()="pattern"][.="**/b.mp3"]')).toBe('**/b.mp3');
});

test('no list is written without a file for it', async () => {
  await using archive = await openArchive({ 'a.mp3': 'not sent' });
  for (const format of ['mhl', 'ascmhl'] as const)
    await expect(write(archive, format)).rejects.toMatchObject({ code: 'usage' });
  expect(await leavings(archive)).toEqual([]);
});

test('hashes of files, folders and lists are those of the format’s own examples', async () => {
  // https://github.com/ascmitc/mhl: examples/scenarios, scenario 05, and tests/test_hasher.py.
  const make = await openHashers();
  const kinds = { xxh64: '584b2ea1974f2b7c', md5: '9db0fc9f30f5ee70041a7538809e2858' } as const;
  for (const [kind, hash] of Object.entries(kinds)) {
    const hasher = make(kind as HashKind);
    hasher.update(Buffer.from('media-hash-'));
    hasher.update(Buffer.from('list'));
    expect(hasher.digest()).toBe(hash);
  }
  expect(c4Of(createHash('sha512').update('media-hash-list').digest('hex'))).toBe(
    'c456LycWwpMMS7VDZEKvYv2L1uJS6s4qAFnaJdnQiy5JVbBFZMA8aLDS6SPaJjLqxXH4qZdnbuktopMt9frtC2qL1R',
  );
  const list = openHashedFiles({});
  const hashes = {
    'A002R2EC/Clips/A002C006_141024_R2EC.mov': '0ea03b369a463d9d',
    'A002R2EC/Clips/A002C007_141024_R2EC.mov': '7680e5f98f4a80fd',
    'A002R2EC/Sidecar.txt': '3ab5a4166b9bde44',
    'A003R2EC/Clips/A003C011_141024_R2EC.mov': '52392f79a36d6571',
    'A003R2EC/Clips/A003C012_141024_R2EC.mov': '5dbca064ddddd6fc',
    'A003R2EC/Sidecar.txt': 'e5dda75a353d8b34',
    'Summary.txt': '0ac48e431d4538ba',
  };
  for (const [path, hash] of Object.entries(hashes))
    list.add({ path, hash, sizeBytes: 1, mtimeNs: '0', hashedAtMs: 0 });
  const root = await hashFolders(list, () => make('xxh64'));
  expect(root).toEqual({ content: '92950bc8fda076ec', structure: '2c2ce52605558158' });
  expect([...list.folders()].filter(({ path }) => !path.includes('/'))).toEqual([
    { path: 'A002R2EC', content: '8d02114c32e28cbe', structure: 'f557f8ca8e5a88ef' },
    { path: 'A003R2EC', content: '7a82373c131cf40a', structure: '1131a950fcc55e4b' },
  ]);
  list.close();
});
