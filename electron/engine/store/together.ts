/**
 * @file Writes that may wait for each other are committed together. With `synchronous=FULL` a commit waits
 * for the disk, milliseconds on many a laptop; one wait serves all that was asked for meanwhile.
 */
import type { Database } from 'better-sqlite3';

/** In one commit: what is lost together when the disk is full stays little. */
const MOST_WRITES = 512;
/** A group is written when nothing was added for so long, but no sooner than the last commit took: they get half of the time at most. */
const QUIET_MS = 4;
/** And no write waits longer: one commit for two hundred files costs a fraction of a commit for each ten. */
const LONGEST_WAIT_MS = 50;

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
  /** When the first that waits, and the last, was added. */
  let sinceMs = 0;
  let addedMs = 0;
  let tookMs = 0;
  let told: (() => void)[] | undefined;

  const alone = db.transaction((run: () => unknown) => run());
  /** @returns What is to be told, and to whom, after the commit. */
  const writeAll = db.transaction((writes: readonly Write[]) =>
    writes.map(({ run, done, failed }) => {
      const after: (() => void)[] = [];
      told = after;
      try {
        const value = alone(run) as never;
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

  function look(): void {
    const nowMs = performance.now();
    const isQuiet = nowMs - addedMs >= QUIET_MS && nowMs - sinceMs >= tookMs;
    if (isQuiet || nowMs - sinceMs >= LONGEST_WAIT_MS) commit();
    isDue = waiting.length > 0;
    if (isDue) setTimeout(look, QUIET_MS);
  }

  function commit(): void {
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
        addedMs = performance.now();
        if (waiting.push({ run, done, failed }) === 1) sinceMs = addedMs;
        if (waiting.length >= MOST_WRITES) return commit();
        if (isDue) return;
        isDue = true;
        setTimeout(look, QUIET_MS);
      }),
    afterCommit(tell) {
      if (told === undefined) tell();
      else told.push(tell);
    },
  };
}
