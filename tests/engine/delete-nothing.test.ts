import { writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deleteNothing } from '../../electron/engine/files/durable-file.ts';
import { tempDir } from '../support/temp-dir.ts';

test('of a name that is nothing the file is kept that another program has moved over it meanwhile', async () => {
  await using dir = await tempDir();
  const [held, lesson] = [join(dir.path, 'held.mp4'), join(dir.path, 'lesson.mp4')];
  await writeFile(held, '');
  await writeFile(lesson, 'sound');
  for (const path of [held, lesson]) await deleteNothing(path, ({ size }) => size === 0n);
  expect(await readdir(dir.path)).toEqual(['lesson.mp4']);
  expect(await readFile(lesson, 'utf8')).toBe('sound');
});

test('what gets its name back while another program has taken that one is there beside it, for all to see', async () => {
  await using dir = await tempDir();
  const lesson = join(dir.path, 'lesson.mp4');
  await writeFile(lesson, 'sound');
  await deleteNothing(lesson, ({ size }) => {
    writeFileSync(lesson, 'another');
    return size === 0n;
  });
  expect(await readFile(lesson, 'utf8')).toBe('another');
  expect(await readFile(join(dir.path, 'lesson (2).mp4'), 'utf8')).toBe('sound');
});
