/** @file What changes the index of listings. A thread runs it as text, so that nothing around it is known to it. */
import type { Database } from 'better-sqlite3';
import type { DestinationKind } from '#shared/recording.ts';
import type { IndexedObject } from './objects.ts';

/**
 * Columns, as a row for each object takes six times as long to hand over. `names` are told with the objects,
 * `ledgerNames` are for those that have none yet.
 */
export type ObjectRows = Readonly<{
  keys: readonly string[];
  sizes: readonly number[];
  times: readonly number[];
  classes: readonly (string | null)[];
  kinds: readonly (DestinationKind | null)[];
  owners: readonly (string | null)[];
  names: readonly (string | null)[];
  ledgerNames: readonly (string | null)[];
}>;

/** Each is one commit. */
export type Change =
  /** Begins a listing. Each number is given once, so that what one saw that broke off does not pass for seen later. */
  | { type: 'begin'; isOfAll: boolean }
  /** `seen`: by which listing; `null` for what was just uploaded, which outlives the one that runs. */
  | { type: 'put'; rows: ObjectRows; seen: Seen | null }
  | { type: 'name'; names: readonly (readonly [key: string, name: string])[] }
  | { type: 'remove'; key: string }
  /** Ends a listing. Of a whole bucket: what it did not see is forgotten. */
  | { type: 'end'; seen: Seen; whole: Whole | null };

/** When a listing of all of a bucket has ended, Unix milliseconds; and of which, as `Remote.place` says. */
export type Whole = Readonly<{ atMs: number; place: string }>;

/** Without a change: the file is closed. `isOpen`: 1 while it may be open, which the thread says itself. */
export type Question = Readonly<{ change?: Change; isOpen: Int32Array }>;

/** Number of the last listing that has begun, how many have ended, and which file they are in. */
export type Written = Readonly<{ listing: number; ended: number; id: string }>;

/** A listing, and the file that it began in: it writes nothing in another one, which lacks its first pages. */
export type Seen = Pick<Written, 'listing' | 'id'>;

type Noted = IndexedObject & Readonly<{ id: number }>;

/** @param waitMs For another one that writes. */
export function serve(
  { createRequire: requireOf }: Pick<typeof import('node:module'), 'createRequire'>,
  sqlite: string,
  file: string,
  nativeBinding: string,
  words: string,
  logPages: number,
  rowsTogether: number,
  waitMs: number,
) {
  const DatabaseConstructor = requireOf(sqlite)(sqlite) as typeof import('better-sqlite3');
  let db: Database | undefined;
  let write: ((change: Change) => Written) | undefined;

  function close(isOpen: Int32Array): void {
    db?.close();
    db = write = undefined;
    Atomics.store(isOpen, 0, 0);
    Atomics.notify(isOpen, 0);
  }

  function open(): (change: Change) => Written {
    db = new DatabaseConstructor(file, {
      fileMustExist: true, // A home that was moved away gets nothing in its old place.
      timeout: waitMs,
      ...(nativeBinding === '' ? {} : { nativeBinding }),
    });
    // What the storage can be asked for again is not worth waiting for the disk.
    db.pragma('synchronous = NORMAL');
    db.pragma(`wal_autocheckpoint = ${logPages}`);
    return prepare(db);
  }

  function prepare(index: Database): (change: Change) => Written {
    const text = `INTO objects_text (rowid, words) SELECT id, ${words} FROM objects`;
    const noted = index.prepare<[string], Noted>(
      `SELECT key, size_bytes AS sizeBytes, last_modified_ms AS lastModifiedMs, storage_class AS storageClass, name, id
       FROM objects WHERE key IN (SELECT value FROM json_each(?))`,
    );
    const anyBetween = index
      .prepare<[string, string], 1>(`SELECT 1 FROM objects WHERE key BETWEEN ? AND ? LIMIT 1`)
      .pluck();
    const columns = `key, size_bytes, last_modified_ms, storage_class, kind, owner_id, name, seen`;
    const places = columns.split(',').map(() => '?');
    const inserts = [rowsTogether, 1].map((count) => ({
      length: count * places.length,
      // One that fails takes its commit with it: SQLite keeps nothing to undo it alone.
      rows: index.prepare(
        `INSERT OR ROLLBACK INTO objects (${columns}) VALUES ${Array(count).fill(`(${places.join()})`).join()}`,
      ),
    }));
    const lastId = index.prepare<[], number>(`SELECT ifnull(max(id), 0) FROM objects`).pluck();
    const addTexts = index.prepare<[number]>(`INSERT ${text} WHERE id > ?`);
    const update = index.prepare(
      `UPDATE objects SET size_bytes = ?, last_modified_ms = ?, storage_class = ?, name = ?, seen = max(seen, ?) WHERE id = ?`,
    );
    const setText = index.prepare<[number]>(`REPLACE ${text} WHERE id = ?`);
    const seeAgain = index.prepare<[number, string]>(
      // Another listing may have begun later, and seen it already.
      `UPDATE objects SET seen = max(seen, ?) WHERE id IN (SELECT value FROM json_each(?))`,
    );
    const setName = index.prepare<[string, number]>(`UPDATE objects SET name = ? WHERE id = ?`);
    const setting = index
      .prepare<[string], number | string>(`SELECT value ->> '$' FROM settings WHERE name = ?`)
      .pluck();
    const set = index.prepare<[string, string]>(
      `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`,
    );
    const unseen = `SELECT id FROM objects WHERE seen < ?`;
    const forget = ['objects_text WHERE rowid', 'objects WHERE id'].map((which) => ({
      unseen: index.prepare<[number]>(`DELETE FROM ${which} IN (${unseen})`),
      one: index.prepare<[number]>(`DELETE FROM ${which} = ?`),
    }));
    const numberOf = (name: string) => Number(setting.get(name) ?? 0);
    const notedOf = (key: string) => noted.get(JSON.stringify([key]));

    /** Where a first listing is, nothing is known from one end of a page to the other: so much is one look. */
    function mayBeKnown(keys: readonly string[]): boolean {
      const [first = '', last = ''] = [keys[0], keys.at(-1)];
      const isInOrder = keys.every((key, i) => i === 0 || keys[i - 1]! < key);
      // Between such ends a key is in JavaScript's order as in SQLite's, which goes by bytes.
      const isPlain = /^\p{ASCII}*$/u.test(first + last);
      return !isInOrder || !isPlain || anyBetween.get(first, last) !== undefined;
    }

    /** What is known of them and does not change is only seen again. A name that they do not bring is kept. */
    function put(rows: ObjectRows, seen: number): void {
      const { keys, sizes, times, classes, kinds, owners, names, ledgerNames } = rows;
      const before = new Map<string, Noted>();
      if (mayBeKnown(keys))
        for (const row of noted.iterate(JSON.stringify(keys))) before.set(row.key, row);
      const same: number[] = [];
      const fresh: unknown[] = [];
      for (const [i, key] of keys.entries()) {
        const [sizeBytes, lastModifiedMs, storageClass] = [sizes[i], times[i], classes[i]];
        const known = before.get(key);
        const name = names[i] ?? known?.name ?? ledgerNames[i] ?? null;
        if (known === undefined)
          fresh.push(key, sizeBytes, lastModifiedMs, storageClass, kinds[i], owners[i], name, seen);
        else if (
          known.sizeBytes === sizeBytes &&
          known.lastModifiedMs === lastModifiedMs &&
          known.storageClass === storageClass &&
          known.name === name
        )
          same.push(known.id);
        else {
          update.run([sizeBytes, lastModifiedMs, storageClass, name, seen, known.id]);
          if (name !== known.name || lastModifiedMs !== known.lastModifiedMs) setText.run(known.id);
        }
      }
      if (same.length > 0) seeAgain.run(seen, JSON.stringify(same));
      if (fresh.length > 0) add(fresh);
    }

    /** @param values Of all columns but the number, one row after the other. */
    function add(values: readonly unknown[]): void {
      const before = lastId.get()!;
      let at = 0;
      for (const { rows, length } of inserts)
        for (; at + length <= values.length; at += length) rows.run(values.slice(at, at + length));
      // Each new number is higher than all before it.
      addTexts.run(before);
    }

    function apply(change: Change): void {
      if (change.type === 'begin')
        set.run('listing_number', String(numberOf('listing_number') + 1));
      if (change.type === 'put')
        put(change.rows, change.seen?.listing ?? numberOf('listing_number'));
      if (change.type === 'name')
        for (const [key, name] of change.names) {
          const known = notedOf(key);
          if (known === undefined) continue;
          setName.run(name, known.id);
          setText.run(known.id);
        }
      if (change.type === 'remove') {
        const known = notedOf(change.key);
        if (known) for (const { one } of forget) one.run(known.id);
      }
      if (change.type === 'end' && change.whole !== null) {
        for (const { unseen: all } of forget) all.run(change.seen.listing);
        set.run('indexed_at_ms', String(change.whole.atMs));
        set.run('place', JSON.stringify(change.whole.place));
      }
      if (change.type === 'end') set.run('ended', String(numberOf('ended') + 1));
    }
    const commit = index.transaction((change: Change): Written => {
      const id = String(setting.get('id'));
      const isOfAnother = 'seen' in change && change.seen !== null && change.seen.id !== id;
      if (!isOfAnother) apply(change);
      return { listing: numberOf('listing_number'), ended: numberOf('ended'), id };
    });
    return (change) => commit.immediate(change);
  }

  return ({ change, isOpen }: Question) => {
    try {
      if (change === undefined) close(isOpen);
      else write ??= open();
      return { answer: change && write?.(change) };
    } catch (error) {
      close(isOpen);
      throw error;
    }
  };
}
