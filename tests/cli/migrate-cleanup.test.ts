import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeArchive, writeMapping } from '../support/archive.ts';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';

test('of many files that a clean-up keeps for one reason it names ten, and says how many there are', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  await mkdir(join(cli.folder, 'archive'));
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.mp3`, `no ${i}`]));
  await writeArchive(join(cli.folder, 'archive'), files);
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const migrate = (...words: string[]) => cli.run('migrate', ...words);
  await migrate('plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl');
  await migrate('backup', 'plan.jsonl', '--said-by', 'IT, on tape');
  await migrate('run', 'plan.jsonl');
  expect((await migrate('verify', 'plan.jsonl')).code).toBe(0);
  s3.switches.denied = ['HeadObject'];
  const { code, stdout, stderr } = await migrate('cleanup', 'plan.jsonl', '--confirm', '12');
  expect(code).toBe(1);
  expect(stderr.match(/was kept: it may not be looked at/g)).toHaveLength(10);
  expect(stdout).toMatch(/^0 files .* 12 files kept\./);
  expect(stdout).toMatch(/\n {7}12 {2}Kept: it may not be looked at .*--json names all\.\n$/);
});
