/** @file Hash lists read by programs that are not ours: Debian's xmllint, and what checks each kind of hash. */
import { execFileSync, spawnSync } from 'node:child_process';

const checkers: Record<string, string> = {
  xxhash64be: 'xxhsum',
  xxh64: 'xxhsum',
  md5: 'md5sum',
  sha1: 'sha1sum',
};

export function hashReadersMissing(): boolean {
  const programs = ['xmllint', ...Object.values(checkers)];
  return programs.some((program) => spawnSync(program, ['--version']).error !== undefined);
}

/** What an XPath 1.0 expression gives. */
export function xpath(file: string, expression: string): string {
  return execFileSync('xmllint', ['--xpath', `string(${expression})`, file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  }).replace(/\n$/, '');
}

/**
 * Reads a list and has each of its files checked.
 *
 * @param folder Where its paths begin.
 * @returns The paths, each with what the checker says of it.
 */
export function checkList(file: string, kind: string, folder: string): Record<string, string> {
  const number = Number(xpath(file, `count(//*[local-name()="hash"])`));
  const checked: Record<string, string> = {};
  for (let i = 1; i <= number; i += 1) {
    const entry = `(//*[local-name()="hash"])[${i}]`;
    const path = xpath(file, `${entry}/*[local-name()="file" or local-name()="path"]`);
    const hash = xpath(file, `${entry}/*[local-name()="${kind}"]`);
    // In the tools' own form for names with a line feed or a backslash in them.
    const name = path.replaceAll('\\', '\\\\').replaceAll('\n', String.raw`\n`);
    const line = `${name === path ? '' : '\\'}${hash}  ${name}\n`;
    const { status } = spawnSync(checkers[kind]!, ['-c', '-'], { cwd: folder, input: line });
    checked[path] = status === 0 ? 'OK' : 'FAILED';
  }
  return checked;
}
