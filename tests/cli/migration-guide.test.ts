/** @file docs/MIGRATION.md’s worked example, run as it is written. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';

const root = join(import.meta.dirname, '../..');

/** Commands with what each of them has to print. */
async function example(): Promise<{ command: string; output: string }[]> {
  const text = await readFile(join(root, 'docs/MIGRATION.md'), 'utf8');
  const [, block = ''] = /```console\n(.*?)```/s.exec(text) ?? [];
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({
      command: part.slice(0, part.indexOf('\n')),
      output: part.slice(part.indexOf('\n') + 1),
    }));
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

test('the guide’s example does what the guide says, to the letter', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const bin = join(cli.folder, '..', 'bin');
  await mkdir(bin);
  const program = `#!/bin/sh\nexec '${process.execPath}' -- '${join(root, 'electron/cli.ts')}' "$@"\n`;
  await writeFile(join(bin, 'pansea-sync'), program);
  await chmod(join(bin, 'pansea-sync'), 0o755);
  const env = { ...cli.env, PATH: `${bin}:${cli.env['PATH']}` };
  const steps = await example();
  expect(steps.length).toBeGreaterThan(10);
  for (const { command, output } of steps) {
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: cli.folder, env });
    const said = stdout === '' || stdout.endsWith('\n') ? stdout : `${stdout}\n`;
    // With its command, so that a failure says which.
    const wanted = `${command}\n${output}`.split('…').map(escaped);
    expect(`${command}\n${said}`).toMatch(new RegExp(`^${wanted.join('.*')}$`));
  }
}, 120_000);
