/** @file Looks at many files at once, for scans: what a file system says of each, without opening it. */
import { lstat } from 'node:fs/promises';
import { READ_FLAGS } from '../files/source.ts';
import { startThread, type Reply, type Thread } from '../files/thread.ts';
import type { BigIntStats, Dirent } from 'node:fs';

type Stats = Pick<
  BigIntStats,
  'mode' | 'size' | 'mtimeNs' | 'ctimeNs' | 'birthtimeNs' | 'dev' | 'ino'
>;
/** `code`: the system's error in its stead, such as `ENOENT`. */
export type Seen = Readonly<Stats> | Readonly<{ code: string }>;

export type Entry = Pick<Dirent, 'name' | 'isDirectory'>;

/** Of the numbers of one file in a thread's answer. */
const NUMBERS = 7;
/** `errors`: of which of them the system said what. */
type Answer = Readonly<{
  numbers: BigInt64Array<ArrayBuffer>;
  errors: ReadonlyMap<number, string>;
  lines: readonly (string | undefined)[];
  /** First bytes, and how many there were. */
  heads: Uint8Array<ArrayBuffer>;
  lengths: readonly number[];
  /** What directories hold, each in one string, and the name of a directory with a slash behind it. */
  lists: readonly (string | undefined)[];
}>;
/**
 * `paths` in one string, each directory's behind its own with two zeros between them: a list costs as much
 * as the looks. `headBytes`: of each, instead of the looks. `entries`: how many entries of directories, instead
 * of the looks.
 */
type Question = Readonly<{ paths: string; headBytes: number; entries: number }>;

/**
 * One question to a disk takes no longer than this on a slow one, in milliseconds: a question is what is
 * waited for, see `ask`, and a slow share is no silent one.
 */
const QUESTION_MS = 1_000;
/** By then a thread pays: to start one costs as much as a thousand looks without it, and each a sixth. */
const WITHOUT_THREAD = 500;

/** Files of one directory, whose path ends as its files' begin. */
export type Group = Readonly<{ directory: string; names: readonly string[] }>;
/**
 * Of the first files, one at least, as many as there was time for.
 * `lines`: of each group, what `linesOf` in the ledger says of the same files; of none without a thread, nor
 * where not all are regular files.
 */
export type Looked = Readonly<{
  length: number;
  seen: (i: number) => Seen;
  lines: readonly (string | undefined)[];
}>;

export type Looks = Disposable &
  Readonly<{
    /** Follows no link. @returns Of the first paths, one at least, as many as there was time for. */
    at: (paths: readonly string[]) => Promise<Seen[]>;
    /** The same, for files of a few directories, of which most are as they were. */
    among: (groups: readonly Group[]) => Promise<Looked>;
    /** @returns Of the first paths, as many as there was time for, their first bytes: none of what cannot be read. */
    heads: (paths: readonly string[], headBytes: number) => Promise<Buffer[]>;
    /**
     * What small directories hold. @returns Of the first ones, as many as have `most` entries together;
     * nothing of one that cannot be read, or has more than that: it has to be read by itself.
     */
    lists: (directories: readonly string[], most: number) => Promise<(Entry[] | undefined)[]>;
  }>;

/**
 * Node asks a file system by one of four threads for all that the process does, and going there and back
 * costs many times the look itself. A scan that is long has a thread of its own, which looks at hundreds in
 * a row; one that a disk never answers keeps nothing but itself, and ends when it does.
 */
export function createLooks(): Looks {
  let thread: Thread<Question, Answer> | undefined;
  let looked = 0;
  async function among(groups: readonly Group[]): Promise<Looked> {
    for (const { names } of groups) looked += names.length;
    if (groups.length === 0) return { length: 0, seen: () => ({ code: 'error' }), lines: [] };
    if (looked <= WITHOUT_THREAD) {
      const seen = await oneByOne(
        groups.flatMap(({ directory, names }) => names.map((name) => directory + name)),
      );
      return { length: seen.length, seen: (i) => seen[i]!, lines: [] };
    }
    thread ??= startThread(serve, ['fs'], [QUESTION_MS, READ_FLAGS], () => (thread = undefined));
    const paths = groups.map(({ directory, names }) => [directory, ...names].join('\0'));
    const answer = await thread.ask({ paths: paths.join('\0\0'), headBytes: 0, entries: 0 });
    const length = answer.numbers.length / NUMBERS;
    return { length, seen: (i) => seenIn(answer, i), lines: answer.lines };
  }

  return {
    among,
    async at(paths) {
      const { length, seen } = await among([{ directory: '', names: paths }]);
      return Array.from({ length }, (_, i) => seen(i));
    },
    async heads(paths, headBytes) {
      if (thread === undefined || paths.length === 0) return [];
      const asked = { paths: ['', ...paths].join('\0'), headBytes, entries: 0 };
      const { heads, lengths } = await thread.ask(asked);
      return lengths.map((length, i) => Buffer.from(heads.buffer, i * headBytes, length));
    },
    async lists(directories, most) {
      if (thread === undefined) return [];
      const asked = { paths: ['', ...directories].join('\0'), headBytes: 0, entries: most };
      return (await thread.ask(asked)).lists.map((list) => list?.split('\0').flatMap(entryOf));
    },
    [Symbol.dispose]: () => thread?.end(),
  };
}

const [yes, no] = [() => true, () => false];

function entryOf(name: string): Entry[] {
  if (name === '') return []; // Of a directory that is empty.
  const isDirectory = name.endsWith('/');
  return [{ name: isDirectory ? name.slice(0, -1) : name, isDirectory: isDirectory ? yes : no }];
}

async function oneByOne(paths: readonly string[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  const endMs = performance.now() + QUESTION_MS;
  do seen.push(await lookAt(paths[seen.length]!));
  while (seen.length < paths.length && performance.now() < endMs);
  return seen;
}

async function lookAt(path: string): Promise<Seen> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? 'error' };
  }
}

function seenIn({ numbers, errors }: Answer, i: number): Seen {
  const code = errors.get(i);
  if (code !== undefined) return { code };
  const at = (n: number): bigint => numbers[i * NUMBERS + n]!;
  return {
    mode: at(0),
    size: at(1),
    mtimeNs: at(2),
    ctimeNs: at(3),
    birthtimeNs: at(4),
    dev: at(5),
    ino: at(6),
  };
}

/** What the thread runs. It goes there as text: nothing around it is known to it. */
function serve(
  { lstatSync, openSync, readSync, closeSync, opendirSync }: typeof import('node:fs'),
  questionMs: number,
  flags: number,
): (question: Question) => Reply<Answer> {
  return (question) => {
    const endMs = performance.now() + questionMs;
    const groups = question.paths.split('\0\0').map((group) => group.split('\0'));
    const asked = groups.reduce((sum, { length }) => sum + length - 1, 0);
    const areLooks = question.entries === 0 && question.headBytes === 0;
    const numbers = new BigInt64Array(areLooks ? asked * 7 : 0);
    let looked = 0;
    const errors = new Map<number, string>();
    const heads = new Uint8Array(asked * question.headBytes);
    const lengths: number[] = [];
    const lists: (string | undefined)[] = [];
    const lines: (string | undefined)[] = [];
    let entries = 0;

    /** @returns Its line, of a regular file. */
    function noteLook(path: string, name: string): string | undefined {
      let line: string | undefined;
      try {
        const stats = lstatSync(path, { bigint: true });
        if (stats.isFile()) line = `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${name}`;
        const at = looked * 7;
        numbers[at] = stats.mode;
        numbers[at + 1] = stats.size;
        numbers[at + 2] = stats.mtimeNs;
        numbers[at + 3] = stats.ctimeNs;
        numbers[at + 4] = stats.birthtimeNs;
        numbers[at + 5] = stats.dev;
        numbers[at + 6] = stats.ino;
      } catch (error) {
        errors.set(looked, (error as NodeJS.ErrnoException).code ?? 'error');
      }
      looked += 1;
      return line;
    }

    function noteLooks(directory: string, names: readonly string[]): void {
      const each: (string | undefined)[] = [];
      for (const name of names) {
        each.push(noteLook(directory + name, name));
        if (performance.now() >= endMs) break;
      }
      lines.push(each.includes(undefined) ? undefined : `${each.length}/${each.join('/')}`);
    }

    function readHead(path: string): number {
      let file = -1;
      try {
        file = openSync(path, flags);
        return readSync(file, heads, lengths.length * question.headBytes, question.headBytes, 0);
      } catch {
        return 0;
      } finally {
        if (file !== -1) closeSync(file);
      }
    }

    function listOf(path: string): string | undefined {
      try {
        const names: string[] = [];
        const directory = opendirSync(path, { bufferSize: question.entries });
        try {
          for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
            if (names.length >= question.entries) {
              entries += names.length;
              return undefined;
            }
            names.push(entry.isDirectory() ? `${entry.name}/` : entry.name);
          }
        } finally {
          directory.closeSync();
        }
        entries += names.length;
        return names.toSorted().join('\0');
      } catch {
        return undefined;
      }
    }

    function noteOthers(paths: readonly string[]): void {
      for (const path of paths) {
        if (question.entries > 0) lists.push(listOf(path));
        else lengths.push(readHead(path));
        if (performance.now() >= endMs || (question.entries > 0 && entries >= question.entries))
          break;
      }
    }

    for (const [directory = '', ...names] of groups) {
      if (areLooks) noteLooks(directory, names);
      else noteOthers(names);
      if (performance.now() >= endMs) break;
    }
    const answer = {
      numbers: numbers.subarray(0, looked * 7),
      errors,
      lines,
      heads,
      lengths,
      lists,
    };
    return { answer, transfer: [numbers.buffer, heads.buffer] };
  };
}
