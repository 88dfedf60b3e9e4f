/** @file Looks at many files at once, for scans: what a file system says of each, without opening it. */
import { lstat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { BigIntStats } from 'node:fs';

type Stats = Pick<
  BigIntStats,
  'mode' | 'size' | 'mtimeNs' | 'ctimeNs' | 'birthtimeNs' | 'dev' | 'ino'
>;
/** `code`: the system's error in its stead, such as `ENOENT`. */
export type Seen = Readonly<Stats> | Readonly<{ code: string }>;

/** Of the numbers of one file in a thread's answer. */
const NUMBERS = 7;
/** `errors`: of which of them the system said what. */
type Answer = Readonly<{
  numbers: BigInt64Array<ArrayBuffer>;
  errors: ReadonlyMap<number, string>;
}>;

/**
 * One question to a disk takes no longer than this on a slow one, in milliseconds: a question is what is
 * waited for, see `ask`, and a slow share is no silent one.
 */
const QUESTION_MS = 1_000;
/** By then a thread pays: to start one costs as much as a thousand looks without it, and each a sixth. */
const WITHOUT_THREAD = 500;

export type Looks = Disposable &
  Readonly<{
    /** Follows no link. @returns Of the first paths, one at least, as many as there was time for. */
    at: (paths: readonly string[]) => Promise<Seen[]>;
  }>;

/**
 * Node asks a file system by one of four threads for all that the process does, and going there and back
 * costs many times the look itself. A scan that is long has a thread of its own, which looks at hundreds in
 * a row; one that a disk never answers keeps nothing but itself, and ends when it does.
 */
export function createLooks(): Looks {
  let thread: Thread | undefined;
  let looked = 0;
  return {
    at(paths) {
      looked += paths.length;
      if (looked <= WITHOUT_THREAD) return oneByOne(paths);
      thread ??= startThread(() => (thread = undefined));
      return thread.at(paths);
    },
    [Symbol.dispose]: () => thread?.end(),
  };
}

async function oneByOne(paths: readonly string[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  const endMs = performance.now() + QUESTION_MS;
  do seen.push(await lookAt(paths[seen.length]!));
  while (seen.length < paths.length && performance.now() < endMs);
  return seen;
}

type Thread = Readonly<{ at: (paths: readonly string[]) => Promise<Seen[]>; end: () => void }>;

/** It is asked one thing at a time. `onEnd`: it cannot be asked any more. */
function startThread(onEnd: () => void): Thread {
  // As text: a file of its own would have to be found from source, from the bundle and in the app's archive.
  const code = `(${serve.toString()})(require('node:worker_threads'), require('node:fs'), ${QUESTION_MS})`;
  const worker = new Worker(code, { eval: true, execArgv: [], env: {} });
  let asked: PromiseWithResolvers<Answer> | undefined;
  let failure: unknown;
  worker.on('message', (answer: Answer) => asked?.resolve(answer));
  worker.on('error', (error) => (failure = error));
  // One that is ended while a disk owes it an answer is there until the disk gives it.
  worker.on('exit', () => {
    onEnd();
    asked?.reject(failure ?? new Error('The looking was ended'));
  });
  return {
    async at(paths) {
      asked = Promise.withResolvers();
      worker.postMessage(paths.join('\0'), []); // One string: a list costs as much as the looks.
      const answer = await asked.promise;
      return Array.from({ length: answer.numbers.length / NUMBERS }, (_, i) => seenIn(answer, i));
    },
    end: () => void worker.terminate(),
  };
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
  { parentPort }: typeof import('node:worker_threads'),
  { lstatSync }: typeof import('node:fs'),
  questionMs: number,
): void {
  parentPort!.on('message', (paths: string) => {
    const endMs = performance.now() + questionMs;
    const numbers: bigint[] = [];
    const errors = new Map<number, string>();
    for (const path of paths.split('\0')) {
      try {
        const stats = lstatSync(path, { bigint: true });
        const { mode, size, mtimeNs, ctimeNs, birthtimeNs, dev, ino } = stats;
        numbers.push(mode, size, mtimeNs, ctimeNs, birthtimeNs, dev, ino);
      } catch (error) {
        errors.set(numbers.length / 7, (error as NodeJS.ErrnoException).code ?? 'error');
        numbers.push(0n, 0n, 0n, 0n, 0n, 0n, 0n);
      }
      if (performance.now() >= endMs) break;
    }
    const answer: Answer = { numbers: BigInt64Array.from(numbers), errors };
    parentPort!.postMessage(answer, [answer.numbers.buffer]);
  });
}
