/**
 * @file `npm run bench`: our engine and other clients do the same work in the same run. Writes a section of
 * docs/BENCHMARKS.md for each work, and which goals it reached. Nothing is asserted: other machines have other
 * numbers. Other sizes than the usual ones are only printed.
 *
 *   npm run bench -- [--small] [--size files=2000 …] [--rounds 5] [--dir FOLDER] [--print] [WORK…]
 *
 * All of it takes about half an hour on a machine that does nothing else; a small run, which writes
 * nothing, two minutes.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildOurs, root, runNode } from './build.ts';
import { FULL, SMALL, type Sizes } from './data.ts';
import { machine, table, writeGoals, writeSection } from './report.ts';
import { versions } from './peers.ts';
import { works } from './works.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    dir: { type: 'string', default: join(tmpdir(), 'pansea-bench') },
    print: { type: 'boolean', default: false },
    size: { type: 'string', multiple: true, default: [] },
  },
});
const HOW =
  'Each client is a process of its own and they take turns, round by round, against the same sink on loopback, which throws bodies away and gives back the checksums it was sent: it is the clients that are measured. Median (least–most). Ours is told without its start, which an app that is open has behind it: scan, settling without its quiet time, ledger with `synchronous=FULL`, SHA-256 and CRC-32 of every byte, sending and proof. The ratios compare the same round: clock by clock, processor by processor. Those that are known to be slow run once.';
const given = values.size
  .map((text) => text.split('='))
  .map(([name, size]) => [name, Number(size)]);
const sizes: Sizes = { ...(values.small ? SMALL : FULL), ...Object.fromEntries(given) };
const rounds = Number(values.rounds);
const wanted = positionals.length > 0 ? positionals : Object.keys(works);

mkdirSync(values.dir, { recursive: true });
// What a small run tells is that everything runs; of other sizes, goals say nothing.
const isKept = !values.print && !values.small && given.length === 0;
const titles = Object.values(works).map(({ title }) => title);
if (isKept)
  await writeSection(root, 'Beside other clients', 'npm run bench', `${HOW} ${versions()}`);
const ours = await buildOurs();
for (const name of wanted) {
  const work = works[name];
  if (!work) throw new Error(`No work is called ${name}: ${Object.keys(works).join(', ')}`);
  const { title, what, run } = work;
  const started = performance.now();
  process.stderr.write(`${title}\n`);
  try {
    const { text, goals } = await run({ dir: values.dir, sizes, rounds, ours });
    const section = [machine(), what(sizes), text].join('\n\n');
    const rows = goals.map(({ goal, measured, isMet }) => [goal, measured, String(isMet)]);
    process.stdout.write(
      `\n## ${title}\n\n${section}\n\n${table(['goal', 'measured', 'met'], rows)}\n`,
    );
    if (isKept) {
      await writeSection(root, title, 'npm run bench', section);
      await writeGoals(root, titles, title, goals);
    }
  } catch (error) {
    process.stderr.write(`  ${title} was not measured: ${String(error)}\n`);
    process.exitCode = 1; // The others can be measured nevertheless.
  }
  process.stderr.write(`  ${((performance.now() - started) / 1_000).toFixed(0)} s in all\n`);
}
if (isKept) runNode(join(root, 'node_modules', 'oxfmt', 'bin', 'oxfmt'), 'docs/BENCHMARKS.md');
