/**
 * @file Moves what was written from the ledger's log into its file. That waits for the disk, and as SQLite does it
 * by itself the event loop waits, too: here a thread does it, over a connection of its own that writes nothing
 * else. A writer never waits for it: https://www.sqlite.org/c3ref/wal_checkpoint_v2.html, SQLITE_CHECKPOINT_PASSIVE.
 */
import type { Database } from 'better-sqlite3';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { startThread, type Thread } from '../thread.ts';
import type { OpenOptions } from './open.ts';

/** Pages of 4 KiB: where so many are in the log and not in the file, they are moved. */
const MANY = 1_000;
/** Who can wait does so at this length: the log begins anew only once all of it was moved. */
const TOO_MANY = 8_000;
/** At this length whoever writes moves them, by SQLite's own way. */
const UTMOST = 16_000;

const REST_MS = 10_000;

export type Log = Readonly<{
  /** After a write. */
  look: () => void;
  /** Lets others have the loop, and the log be moved where it has grown long. */
  rest: () => Promise<void>;
  /** Nothing is moved any more, but by the last connection to close. */
  end: () => void;
}>;

const logs = new WeakMap<Database, Log>();
/** Of a connection without a thread SQLite moves it, as it does by itself. */
const untouched = { look: () => {}, rest: () => setImmediate() };

export const logOf = (db: Database): Pick<Log, 'look' | 'rest'> => logs.get(db) ?? untouched;

/** @param db Of a file. */
export function keepLogShort(db: Database, { nativeBinding }: OpenOptions): Log {
  const sizes = db.prepare<[], { log: number; checkpointed: number }>(
    `PRAGMA wal_checkpoint(NOOP)`,
  );
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  let thread: Thread<null, null> | undefined;
  let moving: Promise<unknown> | undefined;
  db.pragma(`wal_autocheckpoint = ${UTMOST}`);

  function letGo(): void {
    thread?.end();
    thread = undefined;
  }
  const resting = setTimeout(() => {
    if (moving === undefined) letGo();
  }, REST_MS).unref();

  function move(): Promise<unknown> {
    const given = [sqlite, db.name, nativeBinding ?? ''];
    thread ??= startThread(serve, ['module'], given, () => {});
    moving ??= thread
      .ask(null)
      .catch(leaveToSqlite)
      .finally(() => {
        moving = undefined;
        resting.refresh();
      });
    return moving;
  }

  function leaveToSqlite(): void {
    if (!db.open) return;
    logs.delete(db);
    db.pragma(`wal_autocheckpoint = ${MANY}`);
  }

  function end(): void {
    logs.delete(db);
    clearTimeout(resting);
    letGo();
    if (moving === undefined) return;
    try {
      db.pragma('wal_checkpoint(FULL)'); // Waits for the one that is under way.
    } catch {
      // A full disk: the next one to open moves it.
    }
  }

  function unmoved(): { log: number; left: number } {
    // Whoever was told of a write may have closed it.
    const { log, checkpointed } = (db.open && sizes.get()) || { log: 0, checkpointed: 0 };
    return { log, left: log - checkpointed };
  }

  const log = {
    look(): void {
      if (unmoved().left >= MANY) void move();
    },
    async rest(): Promise<void> {
      if (unmoved().log < TOO_MANY) return setImmediate();
      await moving;
      // What was written meanwhile.
      if (unmoved().left > 0) await move();
    },
    end,
  };
  logs.set(db, log);
  return log;
}

/** In the thread. */
function serve(
  { createRequire: requireOf }: typeof import('node:module'),
  sqlite: string,
  file: string,
  nativeBinding: string,
) {
  const DatabaseConstructor = requireOf(sqlite)(sqlite) as typeof import('better-sqlite3');
  return () => {
    // Opened for each time: as long as it is, the ledger's own connection is not the last one to close.
    const db = new DatabaseConstructor(file, {
      fileMustExist: true, // A home that was moved away gets no empty ledger in its old place.
      ...(nativeBinding === '' ? {} : { nativeBinding }),
    });
    try {
      db.pragma('synchronous = FULL');
      db.pragma('wal_checkpoint(PASSIVE)');
    } finally {
      db.close();
    }
    return { answer: null };
  };
}
