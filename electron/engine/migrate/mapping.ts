/** @file Where the files of an archive go: a CSV with a line for a file, for a folder or for a pattern. */
import { createReadStream } from 'node:fs';
import picomatch from 'picomatch';
import { isAbsolute, relative, sep } from 'node:path';
import { csvRows } from '#shared/csv.ts';
import { AppError } from '#shared/errors.ts';
import { destination } from '#shared/recording.ts';
import { toNamedError } from '../files/file-errors.ts';
import type { Inventory, MappedTo } from '../store/inventory.ts';

/** `otherLine` says something else of the same path. */
export type Target = MappedTo & Readonly<{ otherLine?: number | undefined }>;
type Mapping = Readonly<{ targetOf: (path: string) => Target | undefined }>;

/** A pattern gives its answer from what stood in its brackets. */
type Rule = (path: string) => MappedTo | undefined;
type Columns = Readonly<Record<'path' | 'class_id' | 'user_id' | 'kind', number>>;

const REGULAR = 're:';

/**
 * Reads `path,class_id[,user_id,kind]`. A line for the very file comes before one for its folder, the
 * nearest first, and that before patterns, in their order. Patterns are globs as folder rules have them,
 * or regular expressions after `re:`, whose groups `$1` to `$9` may stand in the other columns.
 *
 * @param userId Who sends what no line says a user of.
 * @throws AppError `usage` for a file that is no such CSV, and the errors of `toNamedError`.
 */
export async function readMapping(
  file: string,
  options: Readonly<{ root: string; userId: string; inventory: Inventory }>,
): Promise<Mapping> {
  const { root, userId, inventory } = options;
  const rules: Rule[] = [];
  let columns: Columns | undefined;
  try {
    for await (const { line, fields } of csvRows(createReadStream(file, 'utf8'))) {
      if (columns === undefined) {
        columns = columnsOf(fields);
        continue;
      }
      const at = (name: keyof Columns) => fields[columns![name]]?.trim() ?? '';
      const path = pathBelow(root, fields[columns.path] ?? '');
      const said = { classId: at('class_id'), userId: at('user_id') || userId, kind: at('kind') };
      const rule = ruleOf(path);
      if (rule !== undefined) rules.push(ruleFor(rule, line, said));
      else inventory.map(path.normalize('NFC'), mappedTo(line, said));
    }
  } catch (error) {
    throw toNamedError(error, file);
  }
  if (columns === undefined) throw new AppError('usage', `${file} is empty`);

  return {
    targetOf(path) {
      const name = path.normalize('NFC');
      for (let place = name; place !== ''; place = parentOf(place)) {
        const target = inventory.mappedTo(place);
        if (target !== undefined) return target;
      }
      const whole = inventory.mappedTo('.');
      for (const rule of rules) {
        const target = rule(name);
        if (target !== undefined) return target;
      }
      return whole;
    },
  };
}

type Said = Readonly<{ classId: string; userId: string; kind: string }>;

function columnsOf(header: readonly string[]): Columns {
  const names = header.map((name) => name.trim().toLowerCase());
  const find = (...known: string[]) => names.findIndex((name) => known.includes(name));
  const columns = {
    path: find('path'),
    class_id: find('class_id'),
    user_id: find('user_id'),
    kind: find('kind', 'type'),
  };
  if (columns.path === -1 || columns.class_id === -1)
    throw new AppError(
      'usage',
      'The mapping’s first line has to name its columns: path,class_id, and if wanted user_id and kind',
    );
  return columns;
}

/** With `/`, below the root, without its last slash; `.` for the root itself. */
export function pathBelow(root: string, text: string): string {
  if (text.startsWith(REGULAR)) return text;
  const own = isAbsolute(text) ? relative(root, text) : text;
  const path = own.split(sep).join('/').replace(/^\.\//, '').replace(/\/+$/, '');
  return path === '' ? '.' : path;
}

/** What a path of a line is for: a file, all that is in a folder, or what a pattern finds. @throws AppError `usage` */
export function fitsPath(path: string): (name: string) => boolean {
  const rule = ruleOf(path);
  if (rule !== undefined) return (name) => rule(name) !== undefined;
  const own = path.normalize('NFC');
  return (name) => own === '.' || name === own || name.startsWith(`${own}/`);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What finds the groups of a path; `undefined` for a line that is for one path. @throws AppError `usage` */
function ruleOf(path: string): ((path: string) => readonly string[] | undefined) | undefined {
  if (path.startsWith(REGULAR)) {
    const expression = parseExpression(path.slice(REGULAR.length).normalize('NFC'));
    return (name) => expression.exec(name) ?? undefined;
  }
  if (!/[*?]/.test(path)) return undefined;
  const fits = picomatch(path.normalize('NFC'), { nocase: true, dot: true });
  return (name) => (fits(name) ? [name] : undefined);
}

function parseExpression(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new AppError('usage', `${REGULAR}${text}: ${String(error)}`, { cause: error });
  }
}

function ruleFor(
  find: (path: string) => readonly string[] | undefined,
  line: number,
  said: Said,
): Rule {
  return (path) => {
    const groups = find(path);
    if (groups === undefined) return undefined;
    const fill = (text: string) =>
      text.replaceAll(/\$([1-9])/g, (_all, number: string) => groups[Number(number)] ?? '');
    const { classId, userId, kind } = said;
    return mappedTo(line, { classId: fill(classId), userId: fill(userId), kind });
  };
}

export function mappedTo(line: number, { classId, userId, kind }: Said): MappedTo {
  const parsed = destination.safeParse({ kind: kind || 'audio', userId, classId });
  if (parsed.success) return { line, target: JSON.stringify(parsed.data), isValid: true };
  const wrong = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
  const parts = [
    wrong.has('kind') && `${JSON.stringify(kind)} is neither audio nor documents nor uploads`,
    wrong.has('classId') &&
      (classId === '' ? 'it has no class' : `${JSON.stringify(classId)} is not allowed as a class`),
    wrong.has('userId') && `${JSON.stringify(userId)} is not allowed as a user`,
  ];
  return { line, target: parts.filter(Boolean).join(', '), isValid: false };
}
