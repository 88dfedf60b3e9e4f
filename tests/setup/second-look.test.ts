import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';

const root = join(import.meta.dirname, '../..');
const passing = 'tests/unit/words.test.ts';

test.each([
  ['a file that passes alone', [passing], '', 0],
  ['a file that fails alone, too', ['tests/unit/there-is-none.test.ts'], '', 1],
  ['nothing but an error of the run', [], '', 1],
  ['more files than a bad hour has', [passing, passing, passing, passing], '', 1],
  ['a crash test', ['tests/crash/words.test.ts', passing], '', 1],
  ['a run that wrote a key down', [passing], 'Error: Keys can be read in left.log', 1],
  ['a run with an error that no test caught', [passing], 'Unhandled Errors', 1],
] as const)('after %s has failed', async (_, files, output, code) => {
  await using dir = await tempDir();
  const results = join(dir.path, 'results.json');
  const log = join(dir.path, 'log');
  const assertionResults = [{ fullName: 'says what it is', status: 'failed' }];
  const testResults = files.map((file) => ({
    name: join(root, file),
    status: 'failed',
    assertionResults,
  }));
  await writeFile(results, JSON.stringify({ testResults }));
  await writeFile(log, output);

  const script = join(root, 'scripts/second-look.mjs');
  const child = spawn(process.execPath, [script, results, log], {
    env: { ...process.env, PANSEA_TEST_SERVERS: 'none' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  expect(await once(child, 'close')).toEqual([code, null]);
  const unsteady = `Unsteady: failed among all tests, passed alone: ${passing}: says what it is`;
  expect(said.includes(unsteady)).toBe(code === 0);
});
