/** @file docs/CLI.md names every verb, in the order and with the words of its own `--help`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { runCli } from '../../electron/cli/program.ts';
import { addVerbs } from '../../electron/cli/verbs/all.ts';

const file = join(import.meta.dirname, '../../docs/CLI.md');

/** How each verb is called, its own verbs behind it. */
async function verbs(): Promise<string[]> {
  const program = new Command();
  await addVerbs(
    program,
    () => async () => {},
    () => true,
  );
  const namesOf = (verb: Command, before: string): string[] =>
    verb.commands.flatMap((own) => {
      const name = `${before} ${own.name()}`.trim();
      return [name, ...namesOf(own, name)];
    });
  return namesOf(program, '');
}

async function helpOf(verb: string): Promise<string> {
  let printed = '';
  const stdout = new Writable({
    write(text: Buffer, _, done) {
      printed += text.toString();
      done();
    },
  });
  const words = [...verb.split(' ').filter(Boolean), '--help'];
  const signal = AbortSignal.timeout(30_000);
  await runCli(words, { stdout, stderr: stdout, env: {}, cwd: import.meta.dirname, signal });
  return printed.trim();
}

/** The name of a verb, none for all of them together; its help; and what else is said of it. */
const SECTION = /^(?:### `([^`]+)`\n\n)?```text\n(.*?)\n```\n(.*?)(?=^##|(?![^]))/gms;

const options = (of = '') => of.match(/--[a-z][a-z-]*/g) ?? [];

test('the reference of the command line has each verb, with all that its help says', async () => {
  const text = await readFile(file, 'utf8');
  const all = await verbs();
  const sections = [...text.matchAll(SECTION)];
  expect(sections.map(([, name = '']) => name)).toEqual(['', ...all]);
  const hasOwn = (name: string) => all.some((one) => one.startsWith(`${name} `));
  const silent = sections.filter(([, name, , rest]) => name && !rest?.includes('`--json`: '));
  // An audit is asked for by itself, too.
  expect(silent.map(([, name = '']) => name)).toEqual(
    all.filter((name) => hasOwn(name) && name !== 'audit'),
  );
  // What is said around it names no option that is not there.
  const unknown = sections.flatMap(([, name, help, rest]) => {
    const known = new Set([...options(sections[0]?.[2]), ...options(help)]);
    return options(rest).flatMap((option) => (known.has(option) ? [] : `${name} ${option}`));
  });
  expect(unknown).toEqual([]);
  let anew = text;
  for (const [section, name = '', help = ''] of sections) {
    const now = await helpOf(name);
    anew = anew.replace(section, () => section.replace(help, () => now));
  }
  // With `-u` it is written anew from the program; the sentences around stay.
  await expect(anew).toMatchFileSnapshot(file);
});
