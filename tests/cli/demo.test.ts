import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { missingPrograms } from '../../scripts/bootstrap/programs.mjs';
import { openCli } from '../support/cli.ts';
import { sha256 } from '../support/oracle.ts';

const run = promisify(execFile);

test('the demo takes recordings from found to verified, ends with a link for curl, and leaves nothing', async (context) => {
  context.skip(missingPrograms(['curl']).length > 0, 'there is no curl on this machine');
  await using cli = await openCli();
  const demo = cli.start('demo');
  await expect.poll(demo.stdout, { timeout: 50_000 }).toContain('curl -OJ');
  // Without the time that each line begins with.
  const lines = demo
    .stdout()
    .split('\n')
    .map((line) => line.replace(/^[-\d]+ [:\d]+ {2}/, ''));
  const folder = /^watching +(.+)$/.exec(lines[0]!)![1]!;
  const names = await readdir(folder);
  for (const name of names) {
    const stages = lines.filter((line) => line.includes(name)).map((line) => line.split(' ')[0]);
    // What goes up in one request is verified by the answer, without a stage between.
    const told = new Set(stages.filter((stage) => stage !== 'uploaded'));
    expect([...told]).toEqual(['found', 'queued', 'verified']);
  }
  expect(demo.stdout()).toContain(`${names.length} recordings uploaded and verified.`);

  // As it is printed, in a shell.
  await run(
    'sh',
    ['-c', lines.find((line) => line.includes('curl'))!.replace('curl', 'curl -sS')],
    {
      cwd: cli.folder,
    },
  );
  const [fetched = ''] = await readdir(cli.folder);
  const first = lines.find((line) => line.startsWith('queued'))!;
  expect(first).toContain(fetched);
  expect(sha256(await readFile(join(cli.folder, fetched)))).toBe(
    sha256(await readFile(join(folder, fetched))),
  );

  demo.child.kill('SIGINT');
  const { code, stderr } = await demo.ended;
  expect([code, existsSync(dirname(folder))]).toEqual([0, false]);
  expect(stderr).toContain('nothing leaves it');
  expect(stderr).toMatch(/The demo ends, and its files are removed\.\n$/);
});

test('a demo that is stopped before its end says so, and leaves nothing either', async () => {
  await using cli = await openCli();
  const demo = cli.start('demo', '--json');
  await expect.poll(demo.stdout).toContain('"found"');
  const { path } = JSON.parse(demo.stdout().split('\n')[0]!);
  demo.child.kill('SIGTERM');
  const { code, stdout } = await demo.ended;
  expect([code, existsSync(dirname(path as string))]).toEqual([0, false]);
  expect(stdout).not.toContain('"ready"');
});
