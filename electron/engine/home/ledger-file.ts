/** @file The ledger as a file: where it is, and which one, written down in it. A whole home that came back from a back-up is another one. */
import type { Database } from 'better-sqlite3';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { inodeOf } from '../watch/scan.ts';
import { settingStore } from '../store/settings.ts';

export const ledgerPath = (home: string): string => join(home, 'ledger.db');

const NAME = 'ledger_file';

/** Its number and its birth. A snapshot of the whole disk that is put back brings the same ones: that is not seen. */
const identityOf = (file: string): string => inodeOf(statSync(file, { bigint: true }));

export const noteFile = (db: Database, file: string): void =>
  settingStore(db).set(NAME, identityOf(file));

/** Also where it was never written down. */
export function isSameFile(db: Database, file: string): boolean {
  const noted = settingStore(db).getIfReadable(NAME, z.string());
  return noted === undefined || noted === identityOf(file);
}
