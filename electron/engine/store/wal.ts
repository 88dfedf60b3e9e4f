/**
 * @file Moves what was written from the ledger's write-ahead log into its file. That waits for the disk, and as
 * SQLite does it by itself the event loop waits, too: here a thread does it, over a connection of its own that
 * writes nothing else. A writer never waits for it, but moves the last few pages:
 * https://www.sqlite.org/c3ref/wal_checkpoint_v2.html, SQLITE_CHECKPOINT_PASSIVE.
 */
import type { Database } from 'better-sqlite3';
import { createRequire } from 'node:module';
import { startThread, type Thread } from '../files/thread.ts';
import type { OpenOptions } from './open.ts';

/** Pages of 4 KiB: where so many are in the log and not in the file, they are moved. */
const MANY = 1_000;
/** Fewer than many a commit writes: they are moved in passing, for the log to begin anew. */
const FEW = 100;
/** At this length whoever writes moves them, by SQLite's own way: see `MIN_FREE_BYTES`. */
const UTMOST = 6_000;

const REST_MS = 10_000;
/** So long SQLite moves it after the thread could not, as where the disk was full. */
const AGAIN_MS = 60_000;
/** No longer is waited at the end for a move that is under way. */
const END_MS = 2_000;

type Wal = Readonly<{
  /** After a write. */
  look: () => void;
  /** Moves what is left, where nobody reads what was before; then nothing any more, but by the last connection to close. */
  end: () => void;
}>;

const wals = new WeakMap<Database, Wal>();
/** Of a connection without a thread SQLite moves it, as it does by itself. */
const untouched = { look: () => {} };

export const walOf = (db: Database): Pick<Wal, 'look'> => wals.get(db) ?? untouched;

type Options = OpenOptions &
  Readonly<{ onWarning: (error: unknown) => void; monotonicMs?: () => number }>;

/** @param db Of a file. */
export function keepWalShort(
  db: Database,
  { nativeBinding, onWarning, monotonicMs = () => performance.now() }: Options,
): Wal {
  const sizes = db.prepare<[], { log: number; checkpointed: number }>(
    `PRAGMA wal_checkpoint(NOOP)`,
  );
  const given = [createRequire(import.meta.url).resolve('better-sqlite3'), db.name];
  /** Whether the thread's connection is open, which it says itself. */
  const isMoving = new Int32Array(new SharedArrayBuffer(4));
  let thread: Thread<Int32Array, null> | undefined;
  let moving: Promise<unknown> | undefined;
  let leftUntilMs: number | undefined;
  const moveAt = (pages: number) => db.pragma(`wal_autocheckpoint = ${pages}`);
  moveAt(UTMOST);

  function letGo(): void {
    thread?.end();
    thread = undefined;
  }
  const resting = setTimeout(() => {
    if (moving === undefined) letGo();
  }, REST_MS).unref();

  function move(): void {
    moving = ask()
      .then(moveTheLast)
      .catch(leaveToSqlite)
      .finally(() => {
        moving = undefined;
        resting.refresh();
      });
  }

  async function ask(): Promise<void> {
    thread ??= startThread(serve, ['module'], [...given, nativeBinding ?? ''], () => {});
    isMoving[0] = 1;
    await thread.ask(isMoving);
  }

  /**
   * What was written while the thread moved the rest, where it is little. A log that is moved whole is written from
   * its start again, and what makes no file longer is on the disk in half of the time.
   */
  function moveTheLast(): void {
    const left = wals.has(db) ? unmoved() : 0;
    if (left > 0 && left <= FEW) db.pragma('wal_checkpoint(PASSIVE)');
  }

  function leaveToSqlite(error: unknown): void {
    letGo();
    if (!db.open || !wals.has(db)) return;
    leftUntilMs = monotonicMs() + AGAIN_MS;
    moveAt(MANY);
    onWarning(error);
  }

  function end(): void {
    wals.delete(db);
    clearTimeout(resting);
    // Who hears that the home is closed may move it, or delete it.
    if (moving !== undefined) Atomics.wait(isMoving, 0, 1, END_MS);
    letGo();
    try {
      db.pragma('wal_checkpoint(PASSIVE)');
    } catch {
      // A full disk: the log stays, and whoever opens it next reads it.
    }
  }

  function unmoved(): number {
    try {
      // Whoever was told of a write may have closed it.
      const { log, checkpointed } = (db.open && sizes.get()) || { log: 0, checkpointed: 0 };
      return log - checkpointed;
    } catch {
      return 0; // A ledger in trouble tells whoever reads or writes.
    }
  }

  /** Whether it is the thread's business, again where it was left to SQLite for a while. */
  function isOurs(): boolean {
    if (leftUntilMs === undefined) return true;
    if (!db.open || monotonicMs() < leftUntilMs) return false;
    leftUntilMs = undefined;
    moveAt(UTMOST);
    return true;
  }

  const wal = {
    look(): void {
      if (moving === undefined && isOurs() && unmoved() >= MANY) move();
    },
    end,
  };
  wals.set(db, wal);
  return wal;
}

/** In the thread. */
function serve(
  { createRequire: requireOf }: typeof import('node:module'),
  sqlite: string,
  file: string,
  nativeBinding: string,
) {
  const DatabaseConstructor = requireOf(sqlite)(sqlite) as typeof import('better-sqlite3');
  return (isMoving: Int32Array) => {
    let db: Database | undefined;
    try {
      // Opened for each time: as long as it is, the ledger's own connection is not the last one to close.
      db = new DatabaseConstructor(file, {
        fileMustExist: true, // A home that was moved away gets no empty ledger in its old place.
        ...(nativeBinding === '' ? {} : { nativeBinding }),
      });
      db.pragma('synchronous = FULL');
      db.pragma('wal_checkpoint(PASSIVE)');
    } finally {
      db?.close();
      Atomics.store(isMoving, 0, 0);
      Atomics.notify(isMoving, 0);
    }
    return { answer: null };
  };
}
