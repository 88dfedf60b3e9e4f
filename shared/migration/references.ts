/** @file What a school's database is told after a migration: which path is which key now; and the way back. */
import { AppError } from '../errors.ts';

export const referenceFormats = ['sql', 'csv', 'json'] as const;
export type ReferenceFormat = (typeof referenceFormats)[number];
export const sqlDialects = ['postgresql', 'sqlite'] as const;
export type SqlDialect = (typeof sqlDialects)[number];

/** `path` as the database has it. */
export type Reference = Readonly<{ path: string; key: string }>;
/** Names of the database, as it spells them; `table` may have its schema before a dot. */
export type ReferenceColumns = Readonly<{ table: string; pathColumn: string; keyColumn: string }>;
/** The way there, or back. */
export type Way = 'update' | 'rollback';

/**
 * Writes a key only where there is none, so that the rollback, which takes away only that very key, leaves
 * every row as it was.
 *
 * @throws AppError `usage` when both columns are one, or a name cannot be one.
 */
export function statements({ table, pathColumn, keyColumn }: ReferenceColumns) {
  if (pathColumn === keyColumn)
    throw new AppError('usage', 'The path and the key need two columns: the rollback needs both');
  const [names, set] = [table.split('.').map(quoteName).join('.'), quoteName(keyColumn)];
  // With the table before it, as SQLite takes the quoted name of a column that is not there for a text, and finds
  // no row: https://sqlite.org/quirks.html, 8.
  const [path, key] = [`${names}.${quoteName(pathColumn)}`, `${names}.${set}`];
  const write = (way: Way, one: Readonly<{ path: string; key: string }>) =>
    way === 'update'
      ? `UPDATE ${names} SET ${set} = ${one.key} WHERE ${path} = ${one.path} AND ${key} IS NULL`
      : `UPDATE ${names} SET ${set} = NULL WHERE ${path} = ${one.path} AND ${key} = ${one.key}`;
  return {
    /** With the values in it, quoted. */
    withValues: (way: Way, reference: Reference) =>
      `${write(way, { path: quoteText(reference.path), key: quoteText(reference.key) })};\n`,
    /** For a program that binds them, by these names. */
    withNames: (way: Way) => write(way, { path: ':path', key: ':key' }),
  };
}

/** The way back lies beside the way there, and has its name. */
export function rollbackName(update: string, format: ReferenceFormat): string {
  return `${update.replace(/\.[^./\\]*$/, '')}.rollback.${format}`;
}

/** What comes before the first statement. */
export function sqlHead(dialect: SqlDialect): string {
  if (dialect === 'sqlite') return 'BEGIN;\n';
  // A terminal of Windows would have the file read as WIN1252. And a backslash is a backslash, as it is in
  // SQLite: PostgreSQL's manual, 4.1.2.1.
  return `SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nBEGIN;\n`;
}

function quoteName(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new AppError('usage', 'A name of the database is empty');
  return `"${name.replaceAll('"', '""')}"`;
}

/** A file's name holds no NUL, which is all that such a literal cannot hold. */
function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
