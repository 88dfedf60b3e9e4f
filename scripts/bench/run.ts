/**
 * @file `npm run bench`: our engine and other clients do the same work in the same run. Writes a section of
 * docs/BENCHMARKS.md for each work. Nothing is asserted: other machines have other numbers.
 *
 *   npm run bench -- [--small] [--size files=2000 …] [--rounds 5] [--dir FOLDER] [--print] [WORK…]
 *
 * All of it takes about a quarter of an hour on a machine that does nothing else; a small run, which writes
 * nothing, a minute.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildOurs } from './build.ts';
import { FULL, SMALL, type Sizes } from './data.ts';
import { machine, writeSection } from './report.ts';
import { programs, isHere } from './peers.ts';
import { works } from './works.ts';

const root = join(import.meta.dirname, '..', '..');
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
  'Each client is a process of its own and they take turns, round by round, against the same sink on loopback, which throws bodies away and gives back the checksums it was sent: it is the clients that are measured. Median (least–most). Ours is told without its start, which an app that is open has behind it: scan, settling without its quiet time, ledger with `synchronous=FULL`, SHA-256 and CRC-32 of every byte, sending and proof. The ratios compare the same round: clock by clock, processor by processor.';
const given = values.size
  .map((text) => text.split('='))
  .map(([name, size]) => [name, Number(size)]);
const sizes: Sizes = { ...(values.small ? SMALL : FULL), ...Object.fromEntries(given) };
const rounds = Number(values.rounds);
const wanted = positionals.length > 0 ? positionals : Object.keys(works);
const missing = programs.filter((program) => !isHere(program));

mkdirSync(values.dir, { recursive: true });
const isKept = !values.print && !values.small; // What a small run tells is that everything runs.
if (isKept) await writeSection(root, 'Beside other clients', 'npm run bench', HOW);
const ours = await buildOurs(root);
for (const name of wanted) {
  const work = works[name];
  if (!work) throw new Error(`No work is called ${name}: ${Object.keys(works).join(', ')}`);
  process.stderr.write(`${work.title}\n`);
  const text = await work.run({ dir: values.dir, sizes, rounds, ours });
  const notes = missing.length === 0 ? '' : ` Not on this machine: ${missing.join(', ')}.`;
  const section = [machine() + notes, work.what(sizes), text].join('\n\n');
  process.stdout.write(`\n## ${work.title}\n\n${section}\n`);
  if (isKept) await writeSection(root, work.title, 'npm run bench', section);
}
