/** @file Finds objects in the index of listings: by the words of their names, classes and days, and by pieces of their keys. */
import type { Database } from 'better-sqlite3';
import type { IndexedObject } from './objects.ts';

/** A UUID's beginning, among other things. */
const numberStart = /(?<![0-9a-z])[0-9a-f]{8}(?![0-9a-z])/i;
const hasWords = `id IN (SELECT rowid FROM objects_text WHERE objects_text MATCH ?)`;
/** A name may hold such a number too, such as a day and a time. */
const hasPiece = `id IN (SELECT id FROM objects WHERE instr('/' || lower(key), '/' || ?) > 0
  UNION ALL SELECT rowid FROM objects_text WHERE objects_text MATCH ?)`;

/**
 * What an object is found by, of its row. A UUID is none of it, which is in the key and looked for there: as a
 * word it would be half of the work that an object is.
 */
export const foundBy = `
  -- A name's punctuation separates words: \`lecture_03.mp4\` is found by \`03\`.
  replace(ifnull(name, ''), '_', ' ') || ' ' || ifnull(date(last_modified_ms / 1000, 'unixepoch'), '') || ' ' ||
  CASE WHEN kind IS NULL THEN key ELSE
    kind || ' ' || owner_id || ' ' || substr(key, length(kind) + length(owner_id) + 39) END`;

/** @param columns What is told of each object. */
export function objectSearch(db: Database, columns: string) {
  /** Every word has to be there, each may be the beginning of a longer one. Newest first. */
  return (
    words: readonly string[],
    limit: number,
    offset = 0,
  ): { rows: IndexedObject[]; total: number } => {
    const pieces = words.flatMap((word) => (numberStart.test(word) ? word.split(/\s+/) : [word]));
    const plain = pieces.filter((piece) => !numberStart.test(piece)).map(phrase);
    const numbers = pieces.filter((piece) => numberStart.test(piece));
    const conditions = [...plain.slice(0, 1).map(() => hasWords), ...numbers.map(() => hasPiece)];
    if (conditions.length === 0) return { rows: [], total: 0 };
    const values = [
      ...(plain.length > 0 ? [plain.join(' ')] : []),
      ...numbers.flatMap((piece) => [piece.toLowerCase(), phrase(piece)]),
    ];
    const found = `FROM objects WHERE ${conditions.join(' AND ')}`;
    return {
      rows: db
        .prepare<unknown[], IndexedObject>(
          `SELECT ${columns} ${found} ORDER BY last_modified_ms DESC, id LIMIT ? OFFSET ?`,
        )
        .all(...values, limit, offset),
      total:
        db
          .prepare<unknown[], number>(`SELECT count(*) ${found}`)
          .pluck()
          .get(...values) ?? 0,
    };
  };
}

/** As FTS5 takes it: text, never an instruction. */
function phrase(word: string): string {
  return `"${word.replaceAll('\0', ' ').replaceAll('"', '""')}"*`;
}
