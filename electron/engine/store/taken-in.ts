/** @file Files that a person has handed over and of which no job was made yet: they are watched until they are quiet. */
import type { Database } from 'better-sqlite3';
import { destination, type Destination } from '#shared/recording.ts';
import { destinationText, type FileIdentity, type FileVersion } from './job-row.ts';

/** As it was when it was handed over, and where it is to go. */
export type TakenIn = Readonly<{ seen: FileVersion & FileIdentity; to: Destination }>;
type Row = FileVersion & FileIdentity & { to: string };

export type TakenInStore = ReturnType<typeof takenInStore>;

const read = (text: string): Destination => destination.parse(JSON.parse(text));

export function takenInStore(db: Database) {
  const put = db.prepare<[Row]>(
    `INSERT OR REPLACE INTO taken_in (path, destination, size_bytes, mtime_ns, device, inode, ctime_ns)
     VALUES (@path, @to, @sizeBytes, @mtimeNs, @device, @inode, @ctimeNs)`,
  );
  const remove = db.prepare<[string, string]>(
    `DELETE FROM taken_in WHERE path = ? AND destination = ?`,
  );
  const columns = `path, destination AS "to", size_bytes AS sizeBytes, mtime_ns AS mtimeNs, device, inode, ctime_ns AS ctimeNs`;
  const all = db.prepare<[], Row>(`SELECT ${columns} FROM taken_in ORDER BY id`);
  const latestOf = db
    .prepare<[string], string>(
      `SELECT destination FROM taken_in WHERE path = ? ORDER BY id DESC LIMIT 1`,
    )
    .pluck();
  const files = db.prepare<[], number>(`SELECT count(DISTINCT path) FROM taken_in`).pluck();
  return {
    /** Again is harmless. */
    put: ({ path, sizeBytes, mtimeNs, device, inode, ctimeNs }: TakenIn['seen'], to: Destination) =>
      void put.run({ path, sizeBytes, mtimeNs, device, inode, ctimeNs, to: destinationText(to) }),
    remove: (path: string, to: Destination): void => void remove.run(path, destinationText(to)),
    /** In the order in which they were handed over. */
    list: (): TakenIn[] => all.all().map(({ to, ...seen }) => ({ seen, to: read(to) })),
    /** Where a person last said that this file goes. */
    placeOf: (path: string): Destination | undefined => {
      const text = latestOf.get(path);
      return text === undefined ? undefined : read(text);
    },
    count: (): number => files.get() ?? 0,
  };
}
