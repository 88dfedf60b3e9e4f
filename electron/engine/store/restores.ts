import type { Database } from 'better-sqlite3';
import { parseObjectKey } from '#shared/recording.ts';
import type { RestoreSpeed } from '#shared/restore.ts';
import { historyStore } from './history.ts';

/** A restore that was asked for from here, until its copy has ended. Times in Unix milliseconds. */
export type Restore = Readonly<{
  key: string;
  /** The storage in which it is, see `Remote`. */
  place: string;
  name: string;
  speed: RestoreSpeed;
  askedAtMs: number;
  /** When its copy ends; null while it is under way. */
  untilMs: number | null;
}>;

export type RestoreStore = ReturnType<typeof restoreStore>;

/** Which archived objects somebody here waits for. */
export function restoreStore(db: Database) {
  const columns = `key, place, name, speed, asked_at_ms AS askedAtMs, until_ms AS untilMs`;
  const save = db.prepare<[string, string, string, string, number]>(
    `INSERT OR REPLACE INTO restores (key, place, name, speed, asked_at_ms) VALUES (?, ?, ?, ?, ?)`,
  );
  const open = db.prepare<[string], Restore>(
    `SELECT ${columns} FROM restores WHERE place = ? AND until_ms IS NULL ORDER BY asked_at_ms`,
  );
  const one = db.prepare<[string, string], Restore>(
    `SELECT ${columns} FROM restores WHERE key = ? AND place = ?`,
  );
  const end = db.prepare<[number, string, string]>(
    `UPDATE restores SET until_ms = ? WHERE key = ? AND place = ?`,
  );
  const prolong = db.prepare<[number, string, string]>(
    `UPDATE restores SET until_ms = ? WHERE key = ? AND place = ? AND until_ms IS NOT NULL`,
  );
  const remove = db.prepare<[string, string]>(`DELETE FROM restores WHERE key = ? AND place = ?`);
  const forget = db.prepare<[number]>(`DELETE FROM restores WHERE until_ms <= ?`);
  return {
    begun({ key, place, name, speed, askedAtMs }: Omit<Restore, 'untilMs'>): void {
      save.run(key, place, name, speed, askedAtMs);
    },
    /** Those under way in that storage, the oldest first. */
    open: (place: string): Restore[] => open.all(place),
    get: (key: string, place: string): Restore | undefined => one.get(key, place),
    /**
     * It can be read, which is a line of the history.
     *
     * @param untilMs `undefined`: for good, and nothing more has to be known of it.
     */
    readable: db.transaction(
      ({ key, place, name }: Restore, untilMs: number | undefined, atMs: number): void => {
        const parsed = parseObjectKey(key);
        const classId = parsed?.kind === 'audio' ? parsed.ownerId : undefined;
        historyStore(db, () => atMs).add({ kind: 'restored', name, classId, number: untilMs });
        if (untilMs === undefined) remove.run(key, place);
        else end.run(untilMs, key, place);
      },
    ),
    /** Its copy ends at another time. One that is not yet told to be readable still will be. */
    prolonged: (key: string, place: string, untilMs: number): void =>
      void prolong.run(untilMs, key, place),
    /** Nobody waits for it any more: it is gone, or has stayed in its archive. */
    remove: (key: string, place: string): void => void remove.run(key, place),
    /** Forgets those whose copies have ended. */
    forget: (nowMs: number): void => void forget.run(nowMs),
  };
}
