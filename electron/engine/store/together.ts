/**
 * @file Writes that may wait for each other are committed together. With `synchronous=FULL` a commit waits
 * for the disk, milliseconds on many a laptop; one wait serves all that was asked for meanwhile.
 */
import type { Database } from 'better-sqlite3';
import { walOf } from './wal.ts';

/** In one commit: what is lost together when the disk is full stays little. */
const MOST_WRITES = 512;
/** A group is written when nothing was added for so long, but no sooner than the last commit took: they get half of the time at most. */
const QUIET_MS = 4;
/**
 * And no write waits longer: one commit for two hundred files costs a fraction of a commit for each ten. After
 * so long without a commit there are not many, and the first waits for no other.
 */
const LONGEST_WAIT_MS = 50;
/** Nor what nothing waits for, such as a part that was taken, of which the storage knows as well. */
const PATIENT_WAIT_MS = 200;

type Write = Readonly<{
  run: () => unknown;
  done: (value: never) => void;
  failed: (error: unknown) => void;
}>;

/**
 * @param write Uses the stores as anybody does, and does nothing else: it runs later, again if another one of
 *   its group failed, and all of it or nothing is written.
 * @param isPatient Nothing waits for it: it is written with what comes next, or after the longest wait of all.
 * @returns What `write` returned, once that is on the disk.
 * @throws What `write` threw, and what the commit failed with: then nothing was written.
 */
type Together = <T>(write: () => T, isPatient?: boolean) => Promise<T>;

export type Group = Readonly<{
  together: Together;
  /** Runs `write` as part of the transaction that is open, or in one of its own. */
  atomically: <T>(write: () => T) => T;
  /** Calls back once what is being written is on the disk: at once, unless a group is being written. */
  afterCommit: (tell: () => void) => void;
  /**
   * Runs `write` as the last thing in the transaction; `undone` in its stead when that is given up.
   *
   * @returns `false` where nothing can be put off, in somebody else's transaction: then it has not been taken.
   */
  atEnd: (write: () => void, undone: () => void) => boolean;
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
  let looking: NodeJS.Timeout | undefined;
  /** Nothing that waits is waited for. */
  let isResting = false;
  /** When the first that waits, and the last, was added. */
  let sinceMs = 0;
  let addedMs = 0;
  let tookMs = 0;
  let endedMs = Number.NEGATIVE_INFINITY;
  let told: (() => void)[] | undefined;
  let last: Readonly<{ write: () => void; undone: () => void }>[] | undefined;

  const transaction = db.transaction((run: () => unknown) => run());
  type Ends = (() => void)[];

  /** @returns What is to be told, and to whom, after the commit. */
  function ending(run: () => unknown, { done }: Write): () => void {
    const after: Ends = [];
    told = after;
    try {
      const value = run() as never;
      return () => {
        for (const tell of after) tell();
        done(value);
      };
    } finally {
      told = undefined;
    }
  }

  /** @throws What `run` threw, or the commit failed with: then nothing was written. */
  function whole<T>(run: () => T): T {
    const putOff: NonNullable<typeof last> = [];
    try {
      return transaction.immediate(() => {
        last = putOff;
        const value = run();
        last = undefined;
        for (const { write } of putOff) write();
        return value;
      }) as T;
    } catch (error) {
      for (const { undone } of putOff) undone();
      throw error;
    } finally {
      last = undefined;
    }
  }

  /**
   * As if they were one write: within a savepoint SQLite keeps a copy of each page that changes, which takes
   * half as long as the row itself.
   *
   * @returns `undefined` when one of them failed, and nothing was written.
   */
  function writeAsOne(writes: readonly Write[]): Ends | undefined {
    let isWriting = false;
    try {
      return whole(() => {
        isWriting = true;
        const ends = writes.map((write) => ending(write.run, write));
        isWriting = false;
        return ends;
      });
    } catch (error) {
      // Neither begun nor committed: another try would wait as long again.
      if (!isWriting) throw error;
      return undefined;
    }
  }

  /** Each in a savepoint of its own: what fails takes none with it. */
  function writeEach(writes: readonly Write[]): Ends {
    const each = () =>
      writes.map((write) => {
        try {
          return ending(() => transaction(write.run), write);
        } catch (error) {
          // For some errors, such as a full disk, SQLite has given up the whole transaction.
          if (!db.inTransaction) throw error;
          return () => write.failed(error);
        }
      });
    return transaction.immediate(each) as Ends;
  }

  function look(): void {
    const nowMs = performance.now();
    const isQuiet = nowMs - addedMs >= QUIET_MS && nowMs - sinceMs >= tookMs;
    const isLong = nowMs - sinceMs >= LONGEST_WAIT_MS;
    if (isResting || isAlone() || isQuiet || isLong) commit();
    else arm(QUIET_MS);
  }

  const isAlone = () => sinceMs - endedMs >= LONGEST_WAIT_MS;

  function arm(inMs: number): void {
    clearTimeout(looking);
    looking = setTimeout(look, inMs);
  }

  function commit(): void {
    const writes = waiting;
    waiting = [];
    if (writes.length === 0) return;
    const startMs = performance.now();
    let ends: (() => void)[];
    try {
      ends = writeAsOne(writes) ?? writeEach(writes);
    } catch (error) {
      ends = writes.map(
        ({ failed }) =>
          () =>
            failed(error),
      );
    }
    endedMs = performance.now();
    tookMs = endedMs - startMs;
    for (const end of ends) end();
    walOf(db).look();
  }

  return {
    together: (run, isPatient = false) =>
      new Promise((done, failed) => {
        addedMs = performance.now();
        const isFirst = waiting.push({ run, done, failed }) === 1;
        if (isFirst) sinceMs = addedMs;
        if (waiting.length >= MOST_WRITES) return commit();
        if (!isFirst && (isPatient || !isResting)) return;
        isResting = isPatient;
        if (isPatient) arm(PATIENT_WAIT_MS);
        else arm(isAlone() ? 0 : QUIET_MS);
      }),
    atomically: (write) => (last !== undefined || db.inTransaction ? write() : whole(write)),
    afterCommit(tell) {
      if (told === undefined) tell();
      else told.push(tell);
    },
    atEnd(write, undone) {
      last?.push({ write, undone });
      return last !== undefined;
    },
  };
}
