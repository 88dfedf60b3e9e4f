/** @file Lists of files by why they are named, in a temporary database: any number of them in little memory. */
import type { NamedFile, NamedList } from '#shared/api/migration-lists.ts';
import type { OpenOptions } from './open.ts';
import { PAGE, paged } from './paged.ts';
import { openTemporary } from './temporary.ts';

type Row = NamedFile & { id: number };

export type NamedFiles = ReturnType<typeof openNamedFiles>;

/** Nothing of it is kept. */
export function openNamedFiles(options: OpenOptions) {
  const db = openTemporary(
    `CREATE TABLE named (id INTEGER PRIMARY KEY, list TEXT NOT NULL, why TEXT NOT NULL,
       path TEXT NOT NULL, detail TEXT, folded TEXT NOT NULL) STRICT;
     CREATE INDEX named_by_path ON named (list, why, path, id)`,
    options,
  );
  const add = db.prepare<[string, string, string, string | null, string]>(
    `INSERT INTO named (list, why, path, detail, folded) VALUES (?, ?, ?, ?, ?)`,
  );
  const forget = db.prepare<[string]>(`DELETE FROM named WHERE list = ?`);
  const found = `FROM named WHERE list = ? AND why = ? AND instr(folded, ?) > 0`;
  const total = db.prepare<[string, string, string], number>(`SELECT count(*) ${found}`).pluck();
  const page = db.prepare<[string, string, string, number, number], NamedFile>(
    `SELECT path, detail ${found} ORDER BY path, id LIMIT ? OFFSET ?`,
  );
  const after = db.prepare<[string, string, string, number], Row>(
    `SELECT id, path, detail FROM named WHERE list = ? AND why = ? AND (path, id) > (?, ?)
     ORDER BY path, id LIMIT ${PAGE}`,
  );
  return {
    add: (list: NamedList, why: string, path: string, detail?: string): void =>
      void add.run(list, why, path, detail ?? null, folded(path)),
    forget: (list: NamedList): void => void forget.run(list),
    /** Those with `words` in their path, whatever the case. */
    page: (list: NamedList, why: string, words: string, offset: number, limit: number) => ({
      rows: page.all(list, why, folded(words), limit, offset),
      total: total.get(list, why, folded(words)) ?? 0,
    }),
    /** By path; what is written meanwhile may be among them. */
    each: (list: NamedList, why: string): Generator<NamedFile> =>
      paged<Row>((last) => after.all(list, why, last?.path ?? '', last?.id ?? 0)),
    close: () => db.close(),
  };
}

const folded = (text: string): string => text.normalize('NFC').toLowerCase();
