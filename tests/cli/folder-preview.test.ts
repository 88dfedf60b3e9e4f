/** @file What `folders add --dry-run` shows before anything is followed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complete } from '../../electron/engine/container/verdict.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { look } from '../../electron/engine/watch/scan.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';

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

test('what waits for a person, was dismissed or was deleted gets no key, and what is left out is counted', async () => {
  await using cli = await openCliWithStorage();
  const at = (name: string) => join(cli.folder, name);
  for (const name of ['dismissed.mp3', 'deleted.mp3', 'stays.mp3'])
    await writeFile(at(name), `sound of ${name}`);
  await cli.run('upload', 'stays.mp3', '--class', 'bio-101');
  const deleted = await cli.run('upload', 'deleted.mp3', '--class', 'bio-101', '--json');
  await cli.run('delete', deleted.json().results[0].key, '--yes');
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  const found = await look(at('dismissed.mp3'));
  const jobs = jobStore(home.database, Date.now);
  const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
  if (found.kind === 'file') {
    const { id } = createIntake(jobs, Date.now).acceptByHand(found.sighting, to, complete);
    jobs.apply(id, [{ type: 'cancelled' }]);
  }
  home.close();
  await writeFile(at('empty.mp3'), '');
  await writeFile(at('small.mp3'), 'x');
  await writeFile(at('double_click_to_convert_01.zoom'), 'a meeting');
  for (let i = 0; i < 60; i += 1) await writeFile(at(`note ${i}.txt`), 'no recording');
  const add = ['folders', 'add', '.', '--user', 'teacher-7', '--class', 'bio-102', '--min-size'];
  const shown = (await cli.run(...add, '2B', '--dry-run')).stdout;
  for (const line of [
    'deleted.mp3  waits for you. It was deleted in the storage: it goes up again only when you send it',
    'dismissed.mp3  waits for you. It was dismissed: it goes up only when you send it',
    'empty.mp3  waits for you. The file is empty (0 bytes)',
    'small.mp3  waits for you. Smaller than its folder takes. 1 byte; its folder takes 2 bytes at least',
    'stays.mp3  stored in bio-101 already, and stays there',
    'and 10 more left out',
  ])
    expect(shown).toContain(`${line}\n`);
  expect((await cli.run(...add, '2B', '--dry-run', '--json')).json()).toMatchObject({
    leftOut: 60,
    isCutOff: false,
  });
});

test('of a folder with more files than are looked at, the numbers are told as the least', async () => {
  await using cli = await openCli();
  const names = Array.from({ length: 5_000 }, (_, i) => `${i}.mp3`);
  await Promise.all(names.map((name) => writeFile(join(cli.folder, name), 'sound')));
  const add = ['folders', 'add', '.', '--user', 'teacher-7', '--class', 'bio-101', '--dry-run'];
  expect((await cli.run(...add)).stdout).toContain('\nand 4,950 more files\n');
  await writeFile(join(cli.folder, 'one more.mp3'), 'sound');
  expect((await cli.run(...add)).stdout).toContain('\nand at least 4,950 more files\n');
  expect((await cli.run(...add, '--json')).json()).toMatchObject({ total: 5_000, isCutOff: true });
});
