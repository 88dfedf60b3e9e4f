import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addVerbs } from '../../electron/cli/verbs/all.ts';
import { tempDir } from '../support/temp-dir.ts';

const program = join(import.meta.dirname, '../../electron/cli.ts');

async function helpWith(isLoaded: boolean): Promise<string> {
  const all = new Command('pansea-sync');
  await addVerbs(
    all,
    () => async () => {},
    () => isLoaded,
  );
  return all.helpInformation();
}

test('shows of each verb what it is, without having loaded it', async () => {
  expect(await helpWith(false)).toBe(await helpWith(true));
});

/** Prints the address of each module that is asked for. */
const SPY = `data:text/javascript,import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  const found = next(name, context);
  process.stderr.write(found.url + '\\n');
  return found;
} });`;

/** Of node_modules, what one run loads. */
async function packagesOf(...args: string[]): Promise<Set<string | undefined>> {
  const { stderr } = await promisify(execFile)(process.execPath, [
    `--import=${SPY}`,
    '--',
    program,
    ...args,
  ]);
  const urls = stderr.split('\n').filter((url) => url.includes('/node_modules/'));
  return new Set(urls.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]));
}

test('is shown by what reads the words alone; a verb’s own loads that verb', async () => {
  expect(await packagesOf('--help')).toEqual(new Set(['commander']));
  const ofSearch = await packagesOf('search', '--help');
  expect(ofSearch).toContain('zod');
  expect([...ofSearch].filter((name) => name?.startsWith('@aws-sdk/'))).toEqual([]);
});

test('what asks only the list of this computer is loaded without the storage’s client', async () => {
  await using dir = await tempDir();
  for (const verb of ['status', 'history', 'links']) {
    const loaded = await packagesOf('--home', dir.path, verb);
    expect(loaded).toContain('better-sqlite3');
    expect([...loaded].filter((name) => name?.startsWith('@aws-sdk/'))).toEqual([]);
    expect(loaded).not.toContain('fflate');
  }
});

async function help(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--', program, ...words]);
  return stdout;
}

test('of a verb’s own verb is shown however it is asked for', async () => {
  const asked = await help('migrate', 'run', '--help');
  expect(asked).toMatch(/^Usage: pansea-sync migrate run /);
  expect(await help('help', 'migrate', 'run')).toBe(asked);
  expect(await help('migrate', 'help', 'run')).toBe(asked);
});
