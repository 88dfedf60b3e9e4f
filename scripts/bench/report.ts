/** @file What benchmarks measured, as a section of docs/BENCHMARKS.md. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Goal } from './goals.ts';

/** What the numbers were measured with. */
export function machine(versions?: string): string {
  const cores = cpus();
  const model = cores[0]?.model.replaceAll(/\s+/g, ' ').trim() || 'unknown processor';
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const load = loadavg()[0] ?? 0;
  const shared =
    load > cores.length
      ? ' The machine did much other work meanwhile: on one that does none, times are shorter.'
      : '';
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${type()} ${arch()}, ${cores.length} cores (${model}), ${memory} GiB, load ${load.toFixed(1)} at the end, Node ${process.versions.node}${versions === undefined ? '' : `, ${versions}`}.${shared}`;
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const HEAD =
  '# Benchmarks\n\nMeasured, not promised: each section says on what, when and by which command.\n';

/** The document's parts: what is above all sections, then each with its heading. */
async function readSections(root: string): Promise<string[]> {
  const file = join(root, 'docs', 'BENCHMARKS.md');
  const before = existsSync(file) ? await readFile(file, 'utf8') : HEAD;
  return before.split(/^(?=## )/m).map((section) => section.trim());
}

const isCalled = (title: string) => (section: string) => section.startsWith(`## ${title}\n`);

/** Replaces one section and leaves the others. Goals come first, profiles last. */
export async function writeSection(
  root: string,
  title: string,
  command: string,
  text: string,
): Promise<void> {
  const sections = await readSections(root);
  const section = `## ${title}\n\nBy \`${command}\`. ${text}`;
  const at = sections.findIndex(isCalled(title));
  const last = sections.findIndex(isCalled(PROFILES));
  if (at >= 0) sections[at] = section;
  else sections.splice(title === GOALS ? 1 : last < 0 ? sections.length : last, 0, section);
  await writeFile(join(root, 'docs', 'BENCHMARKS.md'), `${sections.join('\n\n')}\n`);
}

const GOALS = 'Goals';
const PROFILES = 'Where the time goes';
const MET = { true: 'yes', false: '**no**', undefined: 'not known' } as const;

/** Replaces what one work has reached. @param titles Of all works, in their order. */
export async function writeGoals(
  root: string,
  titles: readonly string[],
  title: string,
  goals: readonly Goal[],
): Promise<void> {
  const before = (await readSections(root)).find(isCalled(GOALS)) ?? '';
  const kept = before
    .split('\n')
    .filter((row) => row.startsWith('| '))
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .slice(1);
  const rows = goals.map(({ goal, measured, isMet }) => [title, goal, measured, MET[`${isMet}`]]);
  const ordered = titles.flatMap((work) =>
    work === title ? rows : kept.filter(([cell]) => cell === work),
  );
  const text = `What each work was to reach, and what its last run reached: a run writes the rows of its works.\n\n${table(['work', 'goal', 'measured', 'met'], ordered)}`;
  await writeSection(root, GOALS, 'npm run bench', text);
}
