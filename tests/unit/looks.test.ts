import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLooks, type Seen } from '../../electron/engine/watch/looks.ts';
import { scanFolder } from '../../electron/engine/watch/scan.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const plain = (seen: Seen) =>
  'code' in seen ? seen.code : [seen.mode, seen.size, seen.mtimeNs, seen.ctimeNs, seen.ino];

test('what many looks by a thread see is what each look by itself sees', async () => {
  await using dir = await tempDir();
  const at = (name: string) => join(dir.path, name);
  await writeFile(at('a.mp3'), 'xyz');
  await mkdir(at('folder'));
  await symlink(at('nowhere'), at('link'));
  const paths = ['a.mp3', 'folder', 'link', 'none', join('a.mp3', 'below')].map(at);
  using few = createLooks();
  const expected = await few.at(paths);
  expect(expected.map((seen) => ('code' in seen ? seen.code : Number(seen.size)))).toMatchObject([
    3,
    expect.any(Number),
    expect.any(Number),
    'ENOENT',
    'ENOTDIR',
  ]);
  using many = createLooks();
  const again = Array.from({ length: 200 }, () => paths).flat();
  const seen: Seen[] = [];
  while (seen.length < again.length) seen.push(...(await many.at(again.slice(seen.length))));
  expect(seen.map(plain)).toEqual(again.map((_, i) => plain(expected[i % paths.length]!)));
});

test('a question to a thread that is ended meanwhile gets an end, so that its disk is not silent for ever', async () => {
  await using dir = await tempDir();
  const looks = createLooks();
  const asked = looks.at(Array.from({ length: 100_000 }, () => dir.path)).catch(String);
  looks[Symbol.dispose]();
  await expect(asked).resolves.toBeDefined();
});

test.each([
  ['in one folder', 1],
  ['in many small ones', 90],
  ['in two that are too large to be read with others', 2],
])('each of more files than are looked at together is found once: %s', async (_, inSo) => {
  await using dir = await tempDir();
  for (let n = 0; n < inSo; n += 1) await mkdir(join(dir.path, `${n}`));
  const names = Array.from({ length: 1_201 }, (_each, n) => join(`${n % inSo}`, `${n}.mp3`));
  for (const name of names) await writeFile(join(dir.path, name), 'x');
  const found: string[] = [];
  const folder = { id: 1, path: dir.path, rule: bioClass, addedAtMs: 0 };
  for await (const each of scanFolder(folder, AbortSignal.timeout(50_000)))
    if (each.kind === 'file') found.push(each.sighting.path);
  expect([found.length, new Set(found)]).toEqual([
    names.length,
    new Set(names.map((name) => join(dir.path, name))),
  ]);
});

test('what a thread reads of many directories is what each of them holds; one that cannot be read, or holds much, is left to be read by itself', async () => {
  await using dir = await tempDir();
  const at = (...names: string[]) => join(dir.path, ...names);
  for (const name of ['mixed', 'empty', 'full', 'last']) await mkdir(at(name));
  await mkdir(at('mixed', 'folder.mp3'));
  await symlink(at('full'), at('mixed', 'link'));
  for (const name of ['a.mp3', 'ü %\n.mp3', '.hidden']) await writeFile(at('mixed', name), 'x');
  for (let n = 0; n < 6; n += 1) await writeFile(at('full', `${n}.mp3`), 'x');
  using looks = createLooks();
  const directories = ['mixed', 'empty', 'full', 'none', 'last'].map((name) => at(name));
  expect(await looks.lists(directories, 6)).toEqual([]); // Without a thread there is nothing to be won.
  await looks.at(Array.from({ length: 501 }, () => dir.path));
  const seen = await looks.lists(directories, 5);
  const said = (list: (typeof seen)[number]) =>
    list?.map((entry) => [entry.name, entry.isDirectory()]).toSorted();
  const expected = [
    ['.hidden', false],
    ['a.mp3', false],
    ['folder.mp3', true],
    ['link', false],
    ['ü %\n.mp3', false],
  ];
  expect(seen.map(said)).toEqual([expected]); // They are as many as were asked for.
  // One that holds much is as much as was asked for, too.
  const others = await looks.lists(directories.slice(1), 5);
  expect(others.map(said)).toEqual([[], undefined]);
  const rest = await looks.lists(directories.slice(3), 5);
  expect(rest.map(said)).toEqual([undefined, []]);
});
