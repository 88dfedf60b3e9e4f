import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test.each([
  ['when its test ends', 'says which', /Keys can be read in own\.log/],
  ['at the end of the run', 'ends like', /Keys can be read in test-\w+[/\\]left\.log/],
])('a run in which a key is written down fails, with the file’s name: %s', async (...row) => {
  const [, name, complaint] = row;
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const config = join(import.meta.dirname, 'leaking/vitest.config.ts');
  const args = [vitest, 'run', '--config', config, '--no-color', '-t', name];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, PANSEA_TEST_SERVERS: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()));
  const [code] = await once(child, 'close');
  expect(output).toMatch(complaint);
  expect(code).toBe(1);
});
