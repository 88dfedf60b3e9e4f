import type { Database } from 'better-sqlite3';
import { parseObjectKey } from '#shared/recording.ts';
import { historyStore } from './history.ts';

export type LinkMode = 'watch' | 'download';
/** A link that was made. The URL itself is a secret and is not kept. Times in Unix milliseconds. */
export type Link = Readonly<{
  id: number;
  key: string;
  name: string;
  mode: LinkMode;
  note: string | null;
  createdAtMs: number;
  expiresAtMs: number;
  deadAtMs: number | null;
}>;

export type LinkStore = ReturnType<typeof linkStore>;

/** Who may open what until when: every link that was made here. */
export function linkStore(db: Database) {
  const columns = `id, key, name, mode, note, created_at_ms AS createdAtMs, expires_at_ms AS expiresAtMs, dead_at_ms AS deadAtMs`;
  const insert = db.prepare<[string, string, string, string | null, number, number], Link>(
    `INSERT INTO links (key, name, mode, note, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const all = db.prepare<[], Link>(`SELECT ${columns} FROM links ORDER BY id DESC`);
  const kill = db.prepare<[number, string]>(
    `UPDATE links SET dead_at_ms = ? WHERE key = ? AND dead_at_ms IS NULL`,
  );
  const ofKey = db.prepare<[string], number>(`SELECT 1 FROM links WHERE key = ? LIMIT 1`).pluck();
  return {
    has: (key: string): boolean => ofKey.get(key) !== undefined,
    insert: db.transaction((link: Omit<Link, 'id' | 'deadAtMs'>): Link => {
      const { key, name, mode, note, createdAtMs, expiresAtMs } = link;
      const parsed = parseObjectKey(key);
      const classId = parsed?.kind === 'audio' ? parsed.ownerId : undefined;
      historyStore(db, () => createdAtMs).add({ kind: 'link', name, classId, number: expiresAtMs });
      return insert.get(key, name, mode, note, createdAtMs, expiresAtMs)!;
    }),
    list: (): Link[] => all.all(),
    /** Marks the links of a deleted object. */
    kill: (key: string, atMs: number): number => kill.run(atMs, key).changes,
  };
}

/** `dead`: its object was deleted. `expired`: its time is over. */
export function linkState(link: Link, nowMs: number): 'live' | 'expired' | 'dead' {
  if (link.deadAtMs !== null) return 'dead';
  return link.expiresAtMs <= nowMs ? 'expired' : 'live';
}
