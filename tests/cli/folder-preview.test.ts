/** @file What `folders add --dry-run` shows before anything is followed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCli } from '../support/cli.ts';

test('a folder’s first files and where they would go are shown, and nothing is changed', async () => {
  await using cli = await openCli();
  for (let i = 0; i < 52; i += 1)
    await writeFile(join(cli.folder, `lecture ${String(i).padStart(2, '0')}.mp3`), 'sound');
  await writeFile(join(cli.folder, 'notes.txt'), 'no recording');
  const add = ['folders', 'add', '.', '--user', 'teacher-7', '--dry-run'];
  const shown = await cli.run(...add, '--class', 'bio-101');
  expect(shown.stdout).toContain('lecture 00.mp3  audio/bio-101/[id].mp3\n');
  expect(shown.stdout).toMatch(
    /\nand 2 more files\nnotes\.txt {2}left out: not a recording\nNothing was changed\.\n$/,
  );
  expect(shown.stdout.match(/\[id\]/g)).toHaveLength(50);
  const { files, total } = (await cli.run(...add, '--max-size', '4B', '--json')).json();
  expect([files.length, total]).toEqual([50, 52]);
  expect(files[0]).toMatchObject({ key: null, kept: expect.stringContaining('4 bytes') });
  expect((await cli.run(...add, '--class', '../x')).code).toBe(2);
  expect((await cli.run('folders', 'list', '--json')).json()).toEqual({ folders: [] });
});
