/**
 * @file Writes that may wait for each other are committed together. With `synchronous=FULL` a commit waits
 * for the disk, milliseconds on many a laptop; one wait serves all that was asked for meanwhile.
 */
import type { Database } from 'better-sqlite3';

/** In one commit: what is lost together when the disk is full stays little. */
const MOST_WRITES = 512;
/** Between two commits: as long as the last one took, so that they get half of the time at most, within these. */
const SHORTEST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 50;

type Write = Readonly<{
  run: () => unknown;
  done: (value: never) => void;
  failed: (error: unknown) => void;
}>;

/**
 * @param write Uses the stores as anybody does. It runs later, and all of it or nothing is written.
 * @returns What `write` returned, once that is on the disk.
 * @throws What `write` threw, and what the commit failed with: then nothing was written.
 */
type Together = <T>(write: () => T) => Promise<T>;

export type Group = Readonly<{
  together: Together;
  /** Calls back once what is being written is on the disk: at once, unless a group is being written. */
  afterCommit: (tell: () => void) => void;
}>;

const groups = new WeakMap<Database, Group>();

/** The group of a connection: whoever writes over it shares commits. */
export function groupOf(db: Database): Group {
  const before = groups.get(db);
  if (before) return before;
  const fresh = createGroup(db);
  groups.set(db, fresh);
  return fresh;
}

function createGroup(db: Database): Group {
  let waiting: Write[] = [];
  let isDue = false;
  let tookMs = 0;
  let told: (() => void)[] | undefined;

  /** @returns What is to be told, and to whom, after the commit. */
  const writeAll = db.transaction((writes: readonly Write[]) =>
    writes.map(({ run, done, failed }) => {
      const after: (() => void)[] = [];
      told = after;
      try {
        const value = db.transaction(run)() as never;
        return () => {
          for (const tell of after) tell();
          done(value);
        };
      } catch (error) {
        // For some errors, such as a full disk, SQLite has given up the whole transaction.
        if (!db.inTransaction) throw error;
        return () => failed(error);
      } finally {
        told = undefined;
      }
    }),
  );

  function commit(): void {
    isDue = false;
    const writes = waiting;
    waiting = [];
    if (writes.length === 0) return;
    const startMs = performance.now();
    let ends: (() => void)[];
    try {
      ends = writeAll.immediate(writes);
    } catch (error) {
      ends = writes.map(
        ({ failed }) =>
          () =>
            failed(error),
      );
    }
    tookMs = performance.now() - startMs;
    for (const end of ends) end();
  }

  return {
    together: (run) =>
      new Promise((done, failed) => {
        waiting.push({ run, done, failed });
        if (waiting.length >= MOST_WRITES) return commit();
        if (isDue) return;
        isDue = true;
        setTimeout(commit, Math.min(Math.max(tookMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS));
      }),
    afterCommit(tell) {
      if (told === undefined) tell();
      else told.push(tell);
    },
  };
}
