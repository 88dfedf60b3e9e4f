import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { planLines, writeMapping, writeOld } from '../support/archive.ts';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { noIndex } from '../support/recordings.ts';
import { wav } from '../support/wav.ts';

test('what looks unfinished or is no recording is named by a plan, sent all the same, and told before the disk is freed', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const files = {
    'half.mp4': noIndex,
    'page.mp4': '<!doctype html><html><body>Please sign in</body></html>',
    'whole.wav': wav(2),
    'broken off.wav': wav(2).subarray(0, 1_000),
  };
  for (const [name, bytes] of Object.entries(files))
    await writeOld(join(cli.folder, 'archive', name), bytes);
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const migrate = (...words: string[]) => cli.run('migrate', ...words);
  const plan = ['plan', 'archive', '--map', 'map.csv', '--out'];

  const named = await migrate(...plan, 'plan.jsonl');
  expect(named.stdout).toContain('half.mp4: Looks unfinished: see whether it plays (players find');
  expect(named.stdout).toMatch(/\n {8}2 {2}Looks unfinished: see whether it plays\n/);
  const lines = await planLines(join(cli.folder, 'plan.jsonl'));
  expect(lines.slice(1, 4)).toEqual([
    {
      problem: 'unfinished',
      path: 'broken off.wav',
      detail: 'it ends before the end that it names',
    },
    { problem: 'unfinished', path: 'half.mp4', detail: 'players find no pictures or sound in it' },
    {
      problem: 'wrong-type',
      path: 'page.mp4',
      detail: 'It begins like a web page; its name says .mp4',
    },
  ]);
  expect(lines.at(-1)).toMatchObject({ files: 4, problems: { unfinished: 2, 'wrong-type': 1 } });

  await migrate('backup', 'plan.jsonl', '--said-by', 'IT, on tape');
  const run = await migrate('run', 'plan.jsonl');
  expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('4 of 4 files uploaded')]);
  await migrate('verify', 'plan.jsonl');
  const words =
    'When it was planned: 2 files look unfinished, 1 file is not what the name says. The bucket has no better copy: see what they are before you free the disk.';
  expect((await migrate('cleanup', 'plan.jsonl')).stdout).toContain(words);
  expect((await migrate('cleanup', 'plan.jsonl', '--json')).json().doubts).toEqual([
    { why: 'unfinished', files: 2 },
    { why: 'wrong-type', files: 1 },
  ]);
  await migrate('report', 'plan.jsonl', '--out', 'report.html');
  expect(await readFile(join(cli.folder, 'report.html'), 'utf8')).toContain(words);

  const only = await migrate(...plan, 'whole.jsonl', '--only-whole');
  expect(only.stdout).toContain(
    '3  It looks unfinished, or is not what its name says, so it is not in the plan',
  );
  expect(only.stdout).toContain('1 file ');
  const whole = await planLines(join(cli.folder, 'whole.jsonl'));
  expect(whole.filter(({ to }) => to !== undefined).map(({ path }) => path)).toEqual(['whole.wav']);

  // In quarantine each can still be looked at, and no longer once it was deleted.
  await migrate('cleanup', 'plan.jsonl', '--confirm', '4');
  expect((await migrate('cleanup', 'plan.jsonl')).stdout).toContain(words);
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  home.database.exec('UPDATE planned_files SET placed_at_ms = 0');
  home.close();
  const purged = await migrate('cleanup', 'plan.jsonl', '--purge', '--confirm', '4');
  expect(purged.stdout).toContain('4 files deleted for good');
  const counts =
    'When it was planned: 2 files look unfinished, 1 file is not what the name says. The plan names them.';
  expect((await migrate('cleanup', 'plan.jsonl')).stdout).toContain(counts);
  for (const format of ['html', 'json'])
    await migrate('report', 'plan.jsonl', '--out', `freed.${format}`, '--format', format);
  const freed = (format: string) => readFile(join(cli.folder, `freed.${format}`), 'utf8');
  expect(await freed('html')).toContain(counts);
  expect(JSON.parse(await freed('json')).problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ why: 'unfinished', files: 2 }),
      expect.objectContaining({ why: 'wrong-type', files: 1 }),
    ]),
  );
});
