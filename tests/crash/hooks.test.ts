import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { isMutant } from '../../electron/engine/test-hooks.ts';

const module = pathToFileURL(join(import.meta.dirname, '../../electron/engine/test-hooks.ts')).href;

/** What a process of its own prints, and the signal it died of. */
function run(code: string, env: Record<string, string>) {
  const script = `import { crashPoint, isMutant } from ${JSON.stringify(module)}; ${code}`;
  return new Promise<{ printed: string; signal: unknown }>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (error, stdout) =>
      resolve({ printed: stdout.trim(), signal: error?.signal ?? null }),
    );
  });
}

test('a process dies at the passing of the point that is asked for, and nowhere else', async () => {
  const passing = `for (const n of [1, 2, 3]) { crashPoint('after-stat'); crashPoint('before-put'); }
    console.log('passed')`;
  expect(await run(passing, {})).toEqual({ printed: 'passed', signal: null });
  expect(await run(passing, { CRASH_AT: 'after-insert:1' })).toEqual({
    printed: 'passed',
    signal: null,
  });
  expect(await run(passing, { CRASH_AT: 'after-stat:4' })).toEqual({
    printed: 'passed',
    signal: null,
  });
  for (const at of ['after-stat', 'after-stat:1', 'before-put:3'])
    expect(await run(passing, { CRASH_AT: at })).toEqual({ printed: '', signal: 'SIGKILL' });
});

test('one seeded bug is switched on by its number, and none without', async () => {
  const all = `console.log([...Array(23).keys()].filter(isMutant).join())`;
  expect(await run(all, { MUTANT: '12' })).toEqual({ printed: '12', signal: null });
  expect(await run(all, {})).toEqual({ printed: '', signal: null });
  expect(isMutant(1)).toBe(false);
});
