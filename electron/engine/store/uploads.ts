import type { Database } from 'better-sqlite3';

/** A multipart upload of ours that is not known to have ended. */
export type OpenRow = Readonly<{
  id: number;
  key: string;
  /** `null`: the answer that named it may have been lost. The key is ours alone, so what is open there is ours. */
  uploadId: string | null;
  /** The storage in which it was begun, see `Remote`; `null` where nobody knows. */
  place: string | null;
  openedAtMs: number;
  /** When the last part was on record. */
  movedAtMs: number;
  /** Nobody needs it any more: the storage has yet to be told. */
  isOwed: boolean;
  /** The storage was told once. */
  endedAtMs: number | null;
  /** What kept it from being ended when that was last tried. */
  code: string | null;
}>;

/** An upload that was ended may get a part that was still on its way: it is ended once more after this time. */
const LATE_PART_MS = 10 * 60_000;

export type UploadStore = ReturnType<typeof uploadStore>;

/** Rows whose owner is at work in this process. They die with it, and then the rows are owed. */
const heldBy = new WeakMap<Database, Set<number>>();

/**
 * Every multipart upload that was begun from this home, from before its first request until the storage
 * has completed or ended it: whatever happens in between, none is forgotten.
 */
export function uploadStore(db: Database, nowMs: () => number) {
  const held = heldBy.get(db) ?? new Set<number>();
  heldBy.set(db, held);
  const columns = `id, key, upload_id AS uploadId, place, opened_at_ms AS openedAtMs, moved_at_ms AS movedAtMs,
    is_owed AS isOwed, ended_at_ms AS endedAtMs, code`;
  const insert = db
    .prepare<[string, string | null, number, number, number, string | null], number>(
      `INSERT INTO uploads (key, upload_id, opened_at_ms, moved_at_ms, is_owed, place) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (upload_id) DO UPDATE SET is_owed = excluded.is_owed RETURNING id`,
    )
    .pluck();
  const lastUnnamed = db
    .prepare<[string], number | null>(
      `SELECT max(id) FROM uploads WHERE key = ? AND upload_id IS NULL`,
    )
    .pluck();
  const name = db.prepare<[string, number]>(`UPDATE uploads SET upload_id = ? WHERE id = ?`);
  const move = db.prepare<[number, string]>(
    `UPDATE uploads SET moved_at_ms = ? WHERE upload_id = ?`,
  );
  const notAfter = db.prepare<[{ now: number }]>(
    `UPDATE uploads SET moved_at_ms = min(moved_at_ms, :now), opened_at_ms = min(opened_at_ms, :now),
     ended_at_ms = min(ended_at_ms, :now) WHERE max(moved_at_ms, opened_at_ms, ifnull(ended_at_ms, 0)) > :now`,
  );
  const removeNamed = db.prepare<[string]>(`DELETE FROM uploads WHERE upload_id = ?`);
  const remove = db.prepare<[number]>(`DELETE FROM uploads WHERE id = ?`);
  const settle = db.prepare<[number, number]>(
    `UPDATE uploads SET ended_at_ms = ?, code = NULL WHERE id = ?`,
  );
  const refuse = db.prepare<[string, number]>(`UPDATE uploads SET code = ? WHERE id = ?`);
  const all = db.prepare<[], Omit<OpenRow, 'isOwed'> & { isOwed: number }>(
    `SELECT ${columns} FROM uploads ORDER BY id`,
  );

  const isDue = (row: OpenRow) => row.isOwed || (row.uploadId === null && !held.has(row.id));
  const rows = (): OpenRow[] =>
    all.all().map(({ isOwed, ...row }) => Object.assign(row, { isOwed: isOwed === 1 }));

  return {
    /** Before an upload is begun. @returns The row, which is this process's until it is released. */
    opening(key: string, place: string): number {
      const now = nowMs();
      const id = insert.get(key, null, now, now, 0, place)!; // An insert with RETURNING gives a row.
      held.add(id);
      return id;
    },
    /** Its owner is done with the row: what the storage has not named by now is owed. */
    release: (id: number): void => void held.delete(id),
    /** The storage has named it. @param isOwed Whether nobody would go on with it after a crash. */
    opened(key: string, uploadId: string, isOwed = false): void {
      const id = lastUnnamed.get(key) ?? insert.get(key, null, nowMs(), nowMs(), 0, null)!;
      name.run(uploadId, id);
      if (isOwed) insert.get(key, uploadId, nowMs(), nowMs(), 1, null);
      else held.delete(id);
    },
    moved: (uploadId: string): void => void move.run(nowMs(), uploadId),
    /** Completed: there is nothing left of it. */
    completed: (uploadId: string): void => void removeNamed.run(uploadId),
    /** Given up. */
    owe: (key: string, uploadId: string): void =>
      void insert.get(key, uploadId, nowMs(), nowMs(), 1, null),
    rows,
    /** Those that the storage at `place` has to be told of, but for what this process is at work on. */
    due: (place: string) =>
      rows().filter(
        (row) =>
          isDue(row) &&
          (row.place ?? place) === place &&
          !held.has(row.id) &&
          (row.endedAtMs === null || nowMs() - row.endedAtMs >= LATE_PART_MS),
      ),
    isDue,
    /** Whether an upload may be being opened at this key just now. */
    isOpening: (key: string) =>
      rows().some((row) => row.key === key && row.uploadId === null && held.has(row.id)),
    /** The storage was told: for the first time, or for good. */
    ended({ id, endedAtMs }: OpenRow): void {
      if (endedAtMs === null) settle.run(nowMs(), id);
      else remove.run(id);
    },
    /** The same by its number alone, just after it was given up. */
    told: (id: number): void => void settle.run(nowMs(), id),
    /** Nothing was ever opened. */
    forget: (id: number): void => void remove.run(id),
    refused: (id: number, code: string): void => void refuse.run(code, id),
    /** A clock that was ahead and was put right must not make anything look young for years. */
    capTimes: (): void => void notAfter.run({ now: nowMs() }),
  };
}
