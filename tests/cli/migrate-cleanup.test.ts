import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeArchive, writeMapping, writeOld } from '../support/archive.ts';
import { MIB } from '../../shared/parts.ts';
import { openCli, type Cli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { smallDisk, whyNoSmallDisk } from '../support/small-disk.ts';

/** So many files, planned, backed up, uploaded and verified. */
async function verified(cli: Cli, number: number) {
  await mkdir(join(cli.folder, 'archive'), { recursive: true });
  const names = Array.from({ length: number }, (_, i) => [`${i}.mp3`, `no ${i}`]);
  await writeArchive(join(cli.folder, 'archive'), Object.fromEntries(names));
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101', 'teacher-7']]);
  const migrate = (...words: string[]) => cli.run('migrate', ...words);
  await migrate('plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl');
  await migrate('backup', 'plan.jsonl', '--said-by', 'IT, on tape');
  await migrate('run', 'plan.jsonl');
  expect((await migrate('verify', 'plan.jsonl')).code).toBe(0);
  return migrate;
}

test('of many files that a clean-up keeps for one reason it names ten, and says how many there are', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const migrate = await verified(cli, 12);
  s3.switches.denied = ['HeadObject'];
  const { code, stdout, stderr } = await migrate('cleanup', 'plan.jsonl', '--confirm', '12');
  expect(code).toBe(1);
  expect(stderr.match(/was kept: it may not be looked at/g)).toHaveLength(10);
  expect(stdout).toMatch(/^0 files .* 12 files kept\./);
  expect(stdout).toMatch(/\n {7}12 {2}Kept: it may not be looked at .*--json names all\.\n$/);
});

test('what was not seen in quarantine is not told as verified, and a hash list says why it is not in it', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const migrate = await verified(cli, 13);
  await migrate('cleanup', 'plan.jsonl', '--confirm', '13');
  // As with another disk at its path that has two of the files.
  const quarantine = join(cli.folder, 'archive', '.pansea-quarantine');
  const [plan = ''] = await readdir(quarantine);
  const [there, away] = [join(quarantine, plan), join(cli.folder, 'away')];
  await mkdir(away);
  const some = (await readdir(there)).filter((name) => !['3.mp3', '4.mp3'].includes(name));
  for (const name of some) await rename(join(there, name), join(away, name));
  expect((await migrate('verify', 'plan.jsonl')).stdout).toContain('It is not here any more.');
  for (const name of some) await rename(join(away, name), join(there, name));

  const preview = await migrate('cleanup', 'plan.jsonl');
  expect(preview.stdout).toContain(
    '2 of 13 files verified at the level full, 0 pending, 11 in quarantine or deleted that are not: migrate verify says why.\n',
  );
  const report = await migrate('report', 'plan.jsonl', '--format', 'mhl', '--out', 'list.mhl');
  expect(report.code).toBe(1);
  expect(report.stdout.match(/mp3 was not here, or could not be read, at the last/g)).toHaveLength(
    10,
  );
  expect(report.stdout).toMatch(/^2 files .* 11 files of the plan not in it\.$/m);
  expect(report.stdout).toMatch(/\n {7}11 {2}Not in it: it was not here.* then verify again\. /);

  expect((await migrate('verify', 'plan.jsonl')).code).toBe(0);
  const again = await migrate('report', 'plan.jsonl', '--format', 'mhl', '--out', 'whole.mhl');
  expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^13 files /)]);
});

test('what was done before the disk of the archive is full is told, and kept', async ({ skip }) => {
  const missing = whyNoSmallDisk();
  skip(missing !== undefined, missing);
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const root = join(cli.folder, 'archive');
  using _ = smallDisk(root, 16 * MIB, 16);
  // Large ones are asked for first, and read for longer: the others are moved by then.
  await writeOld(join(root, 'x', 'y', 'b.mp3'), 'lecture b'.repeat(MIB));
  const migrate = await verified(cli, 2);
  await writeOld(join(root, '1.mp3'), 'NO 1');
  // Room for the quarantine, the plan's folder in it and a file's second name, and not for `x/y`.
  const fill = async (number: number): Promise<void> => {
    await writeFile(join(root, `filler ${number}`), '');
    await fill(number + 1);
  };
  await expect(fill(0)).rejects.toMatchObject({ code: 'ENOSPC' });
  for (const number of [0, 1, 2]) await rm(join(root, `filler ${number}`));

  const { code, stdout, stderr } = await migrate('cleanup', 'plan.jsonl', '--confirm', '3');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /1\.mp3 was kept: it .*\nAt least 1 file moved into quarantine before that:\n.*The disk of the archive is full/s,
  );
  await migrate('report', 'plan.jsonl', '--out', 'report.json', '--format', 'json');
  const { files } = JSON.parse(await readFile(join(cli.folder, 'report.json'), 'utf8')) as {
    files: { path: string; verdict: string; place: string }[];
  };
  // Where the last one is the next look settles.
  expect(files.map(({ path, verdict, place }) => [path, verdict, place])).toEqual([
    ['0.mp3', 'verified', 'quarantined'],
    ['1.mp3', 'changed', 'here'],
    ['x/y/b.mp3', 'verified', 'moving'],
  ]);
});
