import DatabaseConstructor, { type Database } from 'better-sqlite3';
import type { OpenOptions } from './open.ts';

/**
 * Opens a database that the disk holds and that ends with the process: any number of rows in little memory.
 *
 * @param schema Statements that make its tables. A transaction is open behind them, as nothing is ever kept.
 */
export function openTemporary(schema: string, { nativeBinding }: OpenOptions): Database {
  // An empty name is SQLite's own way: https://www.sqlite.org/inmemorydb.html, "Temporary Databases".
  const db = new DatabaseConstructor('', nativeBinding === undefined ? {} : { nativeBinding });
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.exec(`${schema}; BEGIN`);
  return db;
}
