import type { Database } from 'better-sqlite3';
import { endsSoon } from '#shared/link.ts';
import { parseObjectKey } from '#shared/recording.ts';
import { historyStore } from './history.ts';

export type LinkMode = 'watch' | 'download';
/** A link that was made. The URL itself is a secret and is not kept. Times in Unix milliseconds. */
export type Link = Readonly<{
  id: number;
  /** The storage that it leads to, as `Remote.place`; `null` of one from before that was written down. */
  place: string | null;
  key: string;
  name: string;
  mode: LinkMode;
  note: string | null;
  createdAtMs: number;
  expiresAtMs: number;
  /** The keys that signed it end on some day, and did not tell when. */
  mayEndSooner: boolean;
  deadAtMs: number | null;
  /** The link that was made in its place; this one works until its own end all the same. */
  renewedBy: number | null;
}>;
type NewLink = Omit<Link, 'id' | 'deadAtMs' | 'renewedBy'>;
type Row = Omit<Link, 'mayEndSooner'> & Readonly<{ mayEndSooner: 0 | 1 }>;
const linkOf = (row: Row): Link => ({ ...row, mayEndSooner: row.mayEndSooner === 1 });

export type LinkStore = ReturnType<typeof linkStore>;

/** Who may open what until when: every link that was made here. */
export function linkStore(db: Database) {
  const columns = `id, place, key, name, mode, note, created_at_ms AS createdAtMs, expires_at_ms AS expiresAtMs, may_end_sooner AS mayEndSooner, dead_at_ms AS deadAtMs, renewed_by AS renewedBy`;
  const insert = db.prepare<unknown[], Row>(
    `INSERT INTO links (place, key, name, mode, note, created_at_ms, expires_at_ms, may_end_sooner) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const all = db.prepare<[], Row>(`SELECT ${columns} FROM links ORDER BY id DESC`);
  const one = db.prepare<[number], Row>(`SELECT ${columns} FROM links WHERE id = ?`);
  const kill = db.prepare<[number, string, string]>(
    `UPDATE links SET dead_at_ms = ? WHERE key = ? AND place = ? AND dead_at_ms IS NULL`,
  );
  const revive = db.prepare<[string, string]>(
    `UPDATE links SET dead_at_ms = NULL WHERE key = ? AND (place IS NULL OR place = ?)`,
  );
  const ofKey = db
    .prepare<[string, string], number>(
      `SELECT 1 FROM links WHERE key = ? AND (place IS NULL OR place = ?) LIMIT 1`,
    )
    .pluck();
  const renew = db.prepare<[number, number, number]>(
    `UPDATE links SET renewed_by = ? WHERE id = ? AND expires_at_ms < ?`,
  );
  const takeBack = db.prepare<[number], Row>(
    `DELETE FROM links WHERE id = ? AND dead_at_ms IS NULL RETURNING ${columns}`,
  );
  const next = db.prepare<[string, number], Row>(
    `SELECT ${columns} FROM links WHERE place = ? AND expires_at_ms > ?`,
  );
  const working = db.prepare<[string, string, number], Row>(
    `SELECT ${columns} FROM links
     WHERE key = ? AND (place IS NULL OR place = ?) AND dead_at_ms IS NULL AND expires_at_ms > ? ORDER BY id DESC`,
  );
  return {
    /** Those that open it now, or may, the newest first: deleting it ends them. */
    workingOf: (key: string, place: string, nowMs: number): Link[] =>
      working.all(key, place, nowMs).map(linkOf),
    /** Whether there is one to it that leads to that place, or may. */
    has: (key: string, place: string): boolean => ofKey.get(key, place) !== undefined,
    insert: db.transaction((link: NewLink): Link => {
      const { place, key, name, mode, note, createdAtMs, expiresAtMs } = link;
      const mayEndSooner = link.mayEndSooner ? 1 : 0;
      const parsed = parseObjectKey(key);
      const classId = parsed?.kind === 'audio' ? parsed.ownerId : undefined;
      historyStore(db, () => createdAtMs).add({ kind: 'link', name, classId, number: expiresAtMs });
      const values = [place, key, name, mode, note, createdAtMs, expiresAtMs, mayEndSooner];
      return linkOf(insert.get(...values)!);
    }),
    /** Marks one as renewed by another. One that ends no sooner than the other is not: its end is still to come. */
    renew: (id: number, by: Link): void => void renew.run(by.id, id, by.expiresAtMs),
    /** Of links that nobody was given, with what the history says of them. One whose object was deleted stays. */
    takeBack: db.transaction((ids: readonly number[]): void => {
      for (const id of ids)
        for (const { createdAtMs, name, expiresAtMs } of takeBack.all(id))
          historyStore(db, () => createdAtMs).takeBack({ kind: 'link', name, number: expiresAtMs });
    }),
    get(id: number): Link | undefined {
      const row = one.get(id);
      return row && linkOf(row);
    },
    list: (): Link[] => all.all().map(linkOf),
    /** Those that lead to that place and are to be renewed by now, if at all: see `endsSoon`. */
    endingSoon: (place: string, nowMs: number): Link[] =>
      next
        .all(place, nowMs)
        .map(linkOf)
        .filter((link) => isEndingSoon(link, nowMs)),
    /** Marks the links of a deleted object. One that may lead elsewhere is not said to lead nowhere. */
    kill: (key: string, place: string, atMs: number): number => kill.run(atMs, key, place).changes,
    /** Of an object that is there again: what was signed for it works until it ends. */
    revive: (key: string, place: string): number => revive.run(key, place).changes,
  };
}

/** Whether it is to be renewed by now, if at all: there is no newer one yet. */
export const isEndingSoon = (link: Link, nowMs: number): boolean =>
  link.deadAtMs === null && link.renewedBy === null && endsSoon(link, nowMs);

/** `dead`: its object was deleted. `expired`: its time is over. */
export function linkState(link: Link, nowMs: number): 'live' | 'expired' | 'dead' {
  if (link.deadAtMs !== null) return 'dead';
  return link.expiresAtMs <= nowMs ? 'expired' : 'live';
}
