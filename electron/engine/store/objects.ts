import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { parseObjectKey, type DestinationKind } from '#shared/recording.ts';
import { gather } from '../files/gather.ts';
import { objectFileOf } from './object-file.ts';
import { objectSearch } from './object-search.ts';
import type { ObjectRows, Seen, Whole } from './object-changes.ts';
import { settingStore } from './settings.ts';

/** What a listing showed of an object, and its human name where that is known. */
export type IndexedObject = Readonly<{
  key: string;
  sizeBytes: number;
  lastModifiedMs: number;
  storageClass: string | null;
  name: string | null;
}>;

/** A class's or user's part of the bucket; nulls stand for the keys of others. */
export type Owner = Readonly<{ kind: DestinationKind | null; ownerId: string | null }>;
export type Unnamed = Readonly<{ id: number; key: string }>;
/** What it takes of the storage, and since when. */
type SizedObject = Readonly<{ id: number }> &
  Pick<IndexedObject, 'sizeBytes' | 'lastModifiedMs' | 'storageClass'>;
export type OwnerTotal = Owner & Readonly<{ objects: number; sizeBytes: number }>;

type ListedObject = Omit<IndexedObject, 'name'>;

/**
 * Where an index stands: one that was made anew has another `id`, and one that has lost its last commits, or that is a
 * former copy, has seen fewer listings end.
 */
export type Mark = Readonly<{ id: string; ended: number }>;

/** Objects that the ledger is asked about, and that the thread is given, together: a page of a listing. */
const TOGETHER = 1_000;

export type ObjectIndex = ReturnType<typeof objectIndex>;

/**
 * The local, searchable memory of the bucket's listings. A cache: never evidence that an object exists or not.
 *
 * @param ledger Of a file. It knows the names of what was sent from here.
 */
export function objectIndex(ledger: Database) {
  const file = objectFileOf(ledger);
  const ours = ledger.prepare<[string], { key: string; name: string }>(
    `SELECT key, name FROM jobs WHERE key IN (SELECT value FROM json_each(?))`,
  );
  const nameFromLedger = ledger
    .prepare<[string], string>(`SELECT name FROM jobs WHERE key = ?`)
    .pluck();
  const read = <T>(query: (index: Reads) => T): T => file.read((db) => query(readsOf(db)));
  const namesOf = (keys: readonly string[]) =>
    new Map(ours.all(JSON.stringify(keys)).map(({ key, name }) => [key, name]));

  function rowsOf(objects: readonly (ListedObject & { name?: string | null })[]): ObjectRows {
    // A page may name one twice.
    const byKey = new Map(objects.map((object) => [object.key, object]));
    const [keys, once] = [[...byKey.keys()], [...byKey.values()]];
    const ofLedger = namesOf(keys);
    const parts = keys.map(parseObjectKey);
    return {
      keys,
      sizes: once.map(({ sizeBytes }) => sizeBytes),
      times: once.map(({ lastModifiedMs }) => lastModifiedMs),
      classes: once.map(({ storageClass }) => storageClass),
      kinds: parts.map((part) => part?.kind ?? null),
      owners: parts.map((part) => part?.ownerId ?? null),
      names: once.map(({ name }) => name ?? null),
      ledgerNames: keys.map((key) => ofLedger.get(key) ?? null),
    };
  }

  const mark = (): Mark =>
    read(({ settings }) => ({
      id: settings.get('id', z.string()) ?? '',
      ended: settings.get('ended', z.int()) ?? 0,
    }));

  /** What comes while others are on their way goes together. */
  const add = gather(most, async (objects: readonly IndexedObject[]) => {
    await file.write({ type: 'put', rows: rowsOf(objects), seen: null });
    return objects.map(() => undefined);
  });
  const setName = gather(most, async (names: readonly (readonly [key: string, name: string])[]) => {
    await file.write({ type: 'name', names });
    return names.map(() => undefined);
  });

  /** Leaves out what a job is known for. */
  function unclaimed<T extends { key: string }>(objects: readonly T[]): T[] {
    return inPieces(objects).flatMap((some) => {
      const claimed = namesOf(some.map(({ key }) => key));
      return some.filter(({ key }) => !claimed.has(key));
    });
  }

  return {
    get: (key: string) => read(({ byKey }) => byKey.get(key)),
    nameOf: (key: string): string | null =>
      read(({ byKey }) => byKey.get(key)?.name) ?? nameFromLedger.get(key) ?? null,
    /** Begins a listing. */
    nextListing: (isOfAll = true): Promise<Seen> => file.write({ type: 'begin', isOfAll }),
    /** Takes in some of a listing. */
    async put(page: readonly ListedObject[], seen: Seen): Promise<void> {
      for (const some of inPieces(page))
        await file.write({ type: 'put', rows: rowsOf(some), seen });
    },
    /** Takes in an object that was just uploaded. It outlives the listing that runs meanwhile. */
    add,
    /** Of an object that is in the index. */
    setName: (key: string, name: string) => setName([key, name]),
    /** Objects of one owner and size that no job is known for. */
    unclaimed: ({ kind, ownerId }: Owner, sizeBytes: number) =>
      unclaimed(read(({ ofSize }) => ofSize.all(sizeBytes, kind, ownerId)))
        .map(({ key }) => key)
        .toSorted(),
    /** In bytes. Reads all of that owner's objects, as `unclaimed` does. */
    unclaimedSizes: ({ kind, ownerId }: Owner): ReadonlySet<number> =>
      new Set(
        unclaimed(read(({ sizes }) => sizes.all(kind, ownerId))).map(({ sizeBytes }) => sizeBytes),
      ),
    /** Some at a time, in the order of their ids. @param id Of the last one before; 0 to begin. */
    unnamed: (id: number, limit: number): Unnamed[] =>
      read(({ unnamed }) => unnamed.all(id, limit)),
    countUnnamed: () => read(({ countUnnamed }) => countUnnamed.get() ?? 0),
    /** A cache: where it cannot be written the next listing forgets the object, too. */
    async remove(key: string): Promise<void> {
      await file.write({ type: 'remove', key }).catch(() => {});
    },
    /**
     * Ends a listing; what it did not see is forgotten if it was complete.
     *
     * @throws Error when it began in a file that is not there any more.
     */
    async finish(seen: Seen, whole: Whole | null): Promise<Mark> {
      const { id, ended } = await file.write({ type: 'end', seen, whole });
      if (id !== seen.id) throw new Error('The index was made anew while it was listed into');
      return { id, ended };
    },
    mark,
    /** Whether it is still that one. Of a home that is closed nobody can tell. */
    isStill: ({ id }: Mark): boolean => !ledger.open || mark().id === id,
    /**
     * When the last complete listing ended, Unix milliseconds.
     *
     * @param place Of this storage alone, as `Remote.place` says. Of an older index nobody knows which it was of.
     */
    indexedAtMs: (place?: string): number | undefined =>
      read(({ settings }) =>
        place === undefined || settings.getIfReadable('place', z.string()) === place
          ? settings.getIfReadable('indexed_at_ms', z.int())
          : undefined,
      ),
    owners: (): OwnerTotal[] => read(({ owners }) => owners.all()),
    /** All there are, some at a time, in the order of their ids. @param id Of the last one before; 0 to begin. */
    after: (id: number, limit: number): SizedObject[] => read(({ after }) => after.all(id, limit)),
    /** One owner's objects or all there are, newest first. */
    newest: (owner: Owner | null, offset: number, limit: number) =>
      read(({ ofAll, countAll, ofOwner, countOfOwner }) => {
        if (owner === null) return { rows: ofAll.all(limit, offset), total: countAll.get() ?? 0 };
        const { kind, ownerId } = owner;
        return {
          rows: ofOwner.all(kind, ownerId, limit, offset),
          total: countOfOwner.get(kind, ownerId) ?? 0,
        };
      }),
    search: (...asked: Parameters<Reads['search']>) => read(({ search }) => search(...asked)),
  };
}

const most = ({ length }: readonly unknown[]) => Math.min(length, TOGETHER);

const inPieces = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / TOGETHER) }, (_, i) =>
    all.slice(i * TOGETHER, (i + 1) * TOGETHER),
  );

type Reads = ReturnType<typeof prepareReads>;
const prepared = new WeakMap<Database, Reads>();

function readsOf(db: Database): Reads {
  const reads = prepared.get(db) ?? prepareReads(db);
  prepared.set(db, reads);
  return reads;
}

function prepareReads(db: Database) {
  const columns = `key, size_bytes AS sizeBytes, last_modified_ms AS lastModifiedMs, storage_class AS storageClass, name`;
  const ofOwner = `WHERE kind IS ? AND owner_id IS ?`;
  return {
    settings: settingStore(db),
    byKey: db.prepare<[string], IndexedObject>(`SELECT ${columns} FROM objects WHERE key = ?`),
    ofSize: db.prepare<[number, string | null, string | null], { key: string }>(
      `SELECT key FROM objects INDEXED BY objects_by_owner WHERE size_bytes = ? AND kind IS ? AND owner_id IS ?`,
    ),
    sizes: db.prepare<[string | null, string | null], { key: string; sizeBytes: number }>(
      `SELECT key, size_bytes AS sizeBytes FROM objects INDEXED BY objects_by_owner ${ofOwner}`,
    ),
    unnamed: db.prepare<[number, number], Unnamed>(
      `SELECT id, key FROM objects WHERE name IS NULL AND id > ? ORDER BY id LIMIT ?`,
    ),
    countUnnamed: db.prepare<[], number>(`SELECT count(*) FROM objects WHERE name IS NULL`).pluck(),
    owners: db.prepare<[], OwnerTotal>(
      `SELECT kind, owner_id AS ownerId, count(*) AS objects, sum(size_bytes) AS sizeBytes FROM objects
       GROUP BY kind, owner_id ORDER BY kind IS NULL, kind, owner_id`,
    ),
    after: db.prepare<[number, number], SizedObject>(
      `SELECT id, size_bytes AS sizeBytes, last_modified_ms AS lastModifiedMs, storage_class AS storageClass
       FROM objects WHERE id > ? ORDER BY id LIMIT ?`,
    ),
    ofOwner: db.prepare<unknown[], IndexedObject>(
      `SELECT ${columns} FROM objects ${ofOwner} ORDER BY last_modified_ms DESC, id LIMIT ? OFFSET ?`,
    ),
    ofAll: db.prepare<unknown[], IndexedObject>(
      `SELECT ${columns} FROM objects ORDER BY last_modified_ms DESC, id LIMIT ? OFFSET ?`,
    ),
    countAll: db.prepare<[], number>(`SELECT count(*) FROM objects`).pluck(),
    countOfOwner: db.prepare<unknown[], number>(`SELECT count(*) FROM objects ${ofOwner}`).pluck(),
    search: objectSearch(db, columns),
  };
}
