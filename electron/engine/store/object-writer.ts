/**
 * @file Writes the index of listings. Nobody else does, and the event loop never waits for it: what is more than a few
 * rows is written by a thread.
 */
import { createRequire } from 'node:module';
import { startThread, type Thread } from '../files/thread.ts';
import { serve, type Change, type Question, type Written } from './object-changes.ts';
import { foundBy } from './object-search.ts';
import type { OpenOptions } from './open.ts';

/** Pages of 4 KiB: what is written again and again, as pages of indexes are, is moved from the log once. */
const LOG_PAGES = 4_000;
/** As many are one statement. */
const ROWS_TOGETHER = 100;

/** A thread takes 13 MiB and as long as some thousand rows. Without one the log is not moved: there must be one some day. */
const ROWS_WITHOUT = 100;
/** It has nothing else to do. */
const THREAD_WAIT_MS = 5_000;

/** Who has nothing to write closes the file. */
const REST_MS = 10_000;
/** No longer is waited at the end for what is under way. */
const END_MS = 2_000;

export type Writer = Readonly<{
  /** Changes are made in the order of asking, and read from then on. @throws Error when it was not made. */
  write: (change: Change) => Promise<Written>;
  /** Nothing is open any more, until the next change. */
  end: () => void;
}>;

/** @param file Is there, with its tables. */
export function createWriter(file: string, { nativeBinding = '' }: OpenOptions): Writer {
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  const given = [sqlite, file, nativeBinding, foundBy, LOG_PAGES, ROWS_TOGETHER] as const;
  const isOpen = new Int32Array(new SharedArrayBuffer(4));
  let here: ReturnType<typeof serve> | undefined;
  let rowsHere = 0;
  let thread: Thread<Question, Written | undefined> | undefined;
  let underWay = 0;
  let resting: NodeJS.Timeout | undefined;

  function refresh(): void {
    clearTimeout(resting);
    resting = setTimeout(() => void (underWay === 0 && end()), REST_MS).unref();
  }

  function end(): void {
    clearTimeout(resting);
    closeHere();
    thread?.ask({ isOpen }).catch(() => {});
    // One that never came to open the file, or ended while it had it open, closes it no more: it is not waited for.
    if (thread) Atomics.wait(isOpen, 0, 1, END_MS);
    thread?.end();
    thread = undefined;
  }

  function closeHere(): void {
    here?.({ isOpen });
    here = undefined;
  }

  /** @returns `undefined` for what is not written here. */
  function writeHere(change: Change): Written | undefined {
    rowsHere += rowsOf(change);
    if (thread !== undefined || rowsHere > ROWS_WITHOUT) return undefined;
    try {
      here ??= serve({ createRequire }, ...given, 0);
      return here({ change, isOpen }).answer;
    } catch (error) {
      // Another process writes.
      if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
      return undefined;
    }
  }

  function start(): NonNullable<typeof thread> {
    closeHere();
    rowsHere = 0;
    const fresh: NonNullable<typeof thread> = startThread(
      serve,
      ['module'],
      [...given, THREAD_WAIT_MS],
      () => {
        if (thread === fresh) thread = undefined;
      },
    );
    return fresh;
  }

  return {
    async write(change) {
      refresh();
      const answer = writeHere(change);
      if (answer) return answer;
      thread ??= start();
      underWay += 1;
      isOpen[0] = 1;
      try {
        return (await thread.ask({ change, isOpen }))!;
      } finally {
        underWay -= 1;
        refresh();
      }
    },
    end,
  };
}

/** How much there is to write, at most. */
function rowsOf(change: Change): number {
  if (change.type === 'put') return change.rows.keys.length;
  if (change.type === 'name') return change.names.length;
  const isOfAll = change.type === 'begin' ? change.isOfAll : change.type === 'end' && change.whole;
  return isOfAll ? Infinity : 1;
}
