/** @file What is built has neither a place to die at nor a bug to switch on. Needs a build, as tests/electron does. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashPoints } from '../../electron/engine/test-hooks.ts';
import { withoutTestHooks } from '../../scripts/without-test-hooks.ts';

const out = join(import.meta.dirname, '../../out');

async function built(): Promise<{ file: string; text: string }[]> {
  const names = await readdir(out, { recursive: true });
  const scripts = names.filter((name) => /\.c?js$/.test(name));
  return Promise.all(
    scripts.map(async (file) => ({ file, text: await readFile(join(out, file), 'utf8') })),
  );
}

test('no file of the build names a crash point, a seeded bug, or the variables that switch them on', async () => {
  const files = await built();
  expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(['main/cli.js']));
  // The engine is in there, or finding nothing would prove nothing.
  expect(
    files.some(({ text }) => text.includes('wal_checkpoint') || text.includes('BEGIN EXCLUSIVE')),
  ).toBe(true);
  const words = ['CRASH_AT', 'MUTANT', 'crashPoint', 'isMutant', ...crashPoints];
  const found = files.flatMap(({ file, text }) =>
    words.filter((word) => text.includes(word)).map((word) => `${file}: ${word}`),
  );
  expect(found).toEqual([]);
});

test('a hook that is not a plain call would stay, and stops the build', () => {
  const { transform } = withoutTestHooks();
  const handler = (transform as { handler: (code: string, id: string) => string }).handler;
  expect(
    handler("import { isMutant } from '../test-hooks.ts';\nif (isMutant(3)) lie();\n", 'a'),
  ).toBe('\nif (false) lie();\n');
  expect(() => handler('const die = crashPoint;', 'a.ts')).toThrow('would stay: a.ts');
  expect(() => handler('crashPoint(name);', 'a.ts')).toThrow('would stay');
});
