import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createReading } from '../../electron/engine/watch/directories.ts';
import { createLooks, type Looks } from '../../electron/engine/watch/looks.ts';
import { look, scanFolder, scanInPieces, type Found } from '../../electron/engine/watch/scan.ts';
import type { Folder } from '../../electron/engine/store/folders.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const folderAt = (path: string): Folder => ({ id: 1, path, rule: bioClass, addedAtMs: 0 });
const isRoot = process.getuid?.() === 0;

/** What a scan says of each path: `file`, or why it was skipped. */
async function scan(root: string): Promise<Record<string, string>> {
  const all: Found[] = [];
  for await (const found of scanFolder(folderAt(root), AbortSignal.timeout(50_000)))
    all.push(found);
  const said = all.map((found) =>
    found.kind === 'file'
      ? [relative(root, found.sighting.path), 'file']
      : [relative(root, found.path), found.reason],
  );
  expect(new Set(said.map(([path]) => path)).size).toBe(said.length);
  return Object.fromEntries(said) as Record<string, string>;
}

/** The codes of what was skipped for another reason than a rule. */
async function codes(folder: Folder): Promise<Record<string, string>> {
  const all: [string, string][] = [];
  for await (const found of scanFolder(folder, AbortSignal.timeout(50_000)))
    if (found.kind === 'skipped' && found.code !== undefined)
      all.push([relative(folder.path, found.path), found.code]);
  return Object.fromEntries(all);
}

/** Root may read everything: runs as somebody else for a moment. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (isRoot) process.seteuid!(65_534);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

/** Where somebody else may look too: the folder that holds the other tests' is root's alone. */
async function openTempDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'pansea-open-'));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe('a scan', () => {
  test('finds each of 1,000 files in a deep tree once', async () => {
    await using dir = await tempDir();
    const expected: Record<string, string> = {};
    for (let n = 0; n < 100; n++) {
      const folder = join(...Array.from({ length: 1 + (n % 12) }, (_, i) => `f${(n * 7 + i) % 5}`));
      await mkdir(join(dir.path, folder), { recursive: true });
      for (let i = 0; i < 10; i++) {
        const path = join(folder, `${n}-${i} é.mp3`);
        await writeFile(join(dir.path, path), '');
        expected[path] = 'file';
      }
    }
    expect(await scan(dir.path)).toEqual(expected);
  });

  test('finds each file of large directories among small ones, which are read many at a time', async () => {
    await using dir = await tempDir();
    const expected: Record<string, string> = {};
    const sizes = {
      '.': 1_100,
      small1: 3,
      large1: 700,
      small2: 3,
      large2: 700,
      small3: 3,
      large3: 700,
    };
    for (const [folder, files] of Object.entries(sizes)) {
      await mkdir(join(dir.path, folder), { recursive: true });
      for (let n = 0; n < files; n += 1) {
        const path = join(folder, `${n}.mp3`);
        await writeFile(join(dir.path, path), '');
        expected[path] = 'file';
      }
    }
    expect(await scan(dir.path)).toEqual(expected);
  });

  test('names what it passes over, and follows and opens nothing that is no regular file', async () => {
    await using dir = await tempDir();
    await using outside = await tempDir();
    await writeFile(join(outside.path, 'secret.mp3'), 'x');
    const at = (path: string) => join(dir.path, path);
    await mkdir(at('folder.mp4'));
    await mkdir(at('.hidden'));
    await mkdir(at('sub'));
    for (const path of ['a.mp3', 'folder.mp4/in.mp3', '.hidden/a.mp3', 'sub/.b.mp3', 'c.mp3.part'])
      await writeFile(at(path), 'x');
    await writeFile(at('notes.txt'), 'x');
    await symlink(at('a.mp3'), at('link.mp3'));
    await symlink(outside.path, at('out'));
    await symlink(outside.path, at('out.mp3'));
    await symlink(dir.path, at('sub/loop.mp4'));
    await symlink(at('nowhere'), at('broken.mp3'));
    execFileSync('mkfifo', [at('pipe.mp3')]); // Opening it would block until somebody writes.
    expect(await scan(dir.path)).toEqual({
      'a.mp3': 'file',
      'folder.mp4': 'a folder, not a file',
      [join('folder.mp4', 'in.mp3')]: 'file',
      '.hidden': 'a hidden folder',
      [join('sub', '.b.mp3')]: 'a hidden name',
      [join('sub', 'loop.mp4')]: 'a link',
      'c.mp3.part': 'a temporary name',
      'notes.txt': 'not a recording',
      'link.mp3': 'a link',
      'broken.mp3': 'a link',
      out: 'not a recording',
      'out.mp3': 'a link',
      'pipe.mp3': 'not a regular file',
    });
    expect(await readFile(join(outside.path, 'secret.mp3'), 'utf8')).toBe('x');
    expect(await codes(folderAt(dir.path))).toEqual(
      Object.fromEntries(
        [
          'folder.mp4',
          join('sub', 'loop.mp4'),
          'link.mp3',
          'broken.mp3',
          'out.mp3',
          'pipe.mp3',
        ].map((path) => [path, 'not-a-file']),
      ),
    );
  });

  test('says of a folder below that it cannot be read, and goes on with the others', async () => {
    await using dir = await openTempDir();
    for (const name of ['open', 'shut']) {
      await mkdir(join(dir.path, name));
      await writeFile(join(dir.path, name, 'a.mp3'), 'x');
    }
    await chmod(join(dir.path, 'shut'), 0);
    expect(await asNobody(() => scan(dir.path))).toEqual({
      [join('open', 'a.mp3')]: 'file',
      shut: 'cannot be read (EACCES)',
    });
    const folder = folderAt(dir.path);
    expect(await asNobody(() => codes(folder))).toEqual({ shut: 'file-unreadable' });
    const without = { ...folder, rule: { ...folder.rule, exclude: ['shut'] } };
    expect(await asNobody(() => codes(without))).toEqual({});
    await chmod(join(dir.path, 'shut'), 0o700);
  });

  test('takes no offence at the folders that an operating system keeps shut on every disk', async () => {
    await using dir = await openTempDir();
    for (const name of ['lost+found', 'System Volume Information', '$RECYCLE.BIN'])
      await mkdir(join(dir.path, name), { mode: 0 });
    expect(await asNobody(() => scan(dir.path))).toEqual({
      'lost+found': 'cannot be read (EACCES)',
      'System Volume Information': 'a hidden folder',
      '$RECYCLE.BIN': 'a hidden folder',
    });
    expect(await asNobody(() => codes(folderAt(dir.path)))).toEqual({});
  });

  test('of a folder that is missing or shut is an error, never an empty list', async () => {
    await using dir = await tempDir();
    await expect(scan(join(dir.path, 'none'))).rejects.toThrow(/ENOENT/);
    await chmod(dir.path, 0);
    await expect(asNobody(() => scan(dir.path))).rejects.toThrow(/EACCES/);
    await chmod(dir.path, 0o700);
  });

  test('reports a name whose bytes are no text, since it could not be opened', async () => {
    await using dir = await tempDir();
    await writeFile(Buffer.from(`${dir.path}/caf\xe9.mp3`, 'latin1'), 'x');
    await mkdir(Buffer.from(`${dir.path}/le\xe7ons`, 'latin1'));
    const reason = 'a name that cannot be read on this computer';
    expect(await scan(dir.path)).toEqual({ 'caf\ufffd.mp3': reason, 'le\ufffdons': reason });
    expect(await codes(folderAt(dir.path))).toEqual({
      'caf\ufffd.mp3': 'file-unreadable',
      'le\ufffdons': 'file-unreadable',
    });
  });

  test('stops when it is told to', async () => {
    await using dir = await tempDir();
    const steps = scanFolder(folderAt(dir.path), AbortSignal.abort(new Error('enough')));
    await expect(steps.next()).rejects.toThrow('enough');
  });
});

test('a look tells time to the nanosecond, and what is not there from what cannot be seen', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'xyz');
  expect(await look(path)).toEqual({
    kind: 'file',
    sighting: {
      path,
      sizeBytes: 3,
      mtimeNs: expect.stringMatching(/^\d{19}$/),
      ctimeNs: expect.stringMatching(/^\d{19}$/),
      device: expect.stringMatching(/^\d+$/),
      inode: expect.stringMatching(/^\d+\.\d+$/),
    },
  });
  const reasons = [join(dir.path, 'none'), join(path, 'below'), dir.path].map(async (other) => {
    const found = await look(other);
    return found.kind === 'skipped' && found.reason;
  });
  expect(await Promise.all(reasons)).toEqual([
    'gone again',
    'cannot be read (ENOTDIR)',
    'a folder, not a file',
  ]);
});

test('a scan is heard of although it finds nothing in folder after folder', async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 1_100 }, (_, n) => join(dir.path, `${n}`));
  await Promise.all(names.map((name) => mkdir(name)));
  let heard = 0;
  const signal = AbortSignal.timeout(50_000);
  for await (const _ of scanInPieces(folderAt(dir.path), signal)) heard += 1;
  // Two of them of what is in the folder itself, and one at the end.
  expect(heard).toBeGreaterThanOrEqual(5);
});

test('a folder whose reading ahead failed is read by itself', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, 'a.mp3'), 'x');
  const lists = vi.fn<Looks['lists']>(() => Promise.resolve([]));
  lists.mockRejectedValueOnce(new Error('The thread has ended'));
  using looks = createLooks();
  const reading = createReading({ ...looks, lists }, [dir.path]);
  reading.begin();
  const entries = await reading.entriesOf(dir.path);
  expect(entries.map(({ name }) => name)).toEqual(['a.mp3']);
});
