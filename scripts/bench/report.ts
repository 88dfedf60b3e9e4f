/** @file What benchmarks measured, as a section of docs/BENCHMARKS.md. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, totalmem, type } from 'node:os';
import { join } from 'node:path';

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

/** Replaces one section and leaves the others. */
export async function writeSection(
  root: string,
  title: string,
  command: string,
  text: string,
): Promise<void> {
  const file = join(root, 'docs', 'BENCHMARKS.md');
  const before = existsSync(file)
    ? await readFile(file, 'utf8')
    : '# Benchmarks\n\nMeasured, not promised: each section says on what, when and by which command.\n';
  const sections = before.split(/^(?=## )/m).map((section) => section.trim());
  const section = `## ${title}\n\nBy \`${command}\`. ${text}`;
  const at = sections.findIndex((it) => it.startsWith(`## ${title}\n`));
  if (at < 0) sections.push(section);
  else sections[at] = section;
  await writeFile(file, `${sections.join('\n\n')}\n`);
}
