/** @file A small copy of what nobody could find out again, beside the ledger: folders, settings, links. */
import type { Database } from 'better-sqlite3';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files/durable-file.ts';
import { folderRule } from '../store/folders.ts';
import { migrations } from '../store/migrations.ts';
import { settingStore } from '../store/settings.ts';

const homeCopy = z.object({
  format: z.literal(1),
  schemaVersion: z.int(),
  /** Counts the openings of the home. A ledger with a lower number is older than this copy. */
  generation: z.int(),
  folders: z.array(z.object({ path: z.string(), rule: folderRule, addedAtMs: z.int() })),
  settings: z.record(z.string(), z.string()),
  links: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
});
export type HomeCopy = z.output<typeof homeCopy>;

const copyPath = (home: string): string => join(home, 'ledger-copy.json');

/** @returns `undefined` when there is none, or none that can be read. */
export function readCopy(home: string): HomeCopy | undefined {
  try {
    const parsed = homeCopy.safeParse(JSON.parse(readFileSync(copyPath(home), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Settings that belong to one ledger, not to the person. Copies of former versions hold them, too. */
const ofThisLedger = [
  'generation',
  'ledger_file',
  'indexed_at_ms',
  'listing_number',
  'recovery',
  'stands',
  'suspect',
];
const isOfPerson = (row: string) =>
  `${row}.name NOT IN (${ofThisLedger.map((name) => `'${name}'`).join(', ')})`;

/**
 * Puts the copy's folders, settings and links into a ledger that lost them. A folder that the copy does not
 * know yet is kept while it is there.
 */
export function restoreCopy(db: Database, copy: HomeCopy): void {
  const folder = db.prepare(
    `INSERT INTO folders (path, rule, added_at_ms) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE SET rule = excluded.rule`,
  );
  for (const { path, rule, addedAtMs } of copy.folders)
    folder.run(path, JSON.stringify(rule), addedAtMs);
  const kept = new Set(copy.folders.map(({ path }) => path));
  for (const { path } of db.prepare<[], { path: string }>(`SELECT path FROM folders`).all())
    if (!kept.has(path) && !existsSync(path))
      db.prepare(`DELETE FROM folders WHERE path = ?`).run(path);
  const setting = db.prepare(`INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`);
  for (const [name, value] of Object.entries(copy.settings))
    if (!ofThisLedger.includes(name)) setting.run(name, value);
  for (const link of copy.links) {
    const names = Object.keys(link).filter((name) => /^[a-z_]+$/.test(name));
    db.prepare(
      `INSERT OR IGNORE INTO links (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ).run(names.map((name) => link[name]));
  }
}

/**
 * Keeps the copy up to date for as long as the home is open: each change of a copied table, by whatever
 * store, is followed by a new copy, many at once by one.
 *
 * @returns `end` writes it a last time.
 */
export function keepCopy(home: string, db: Database, onError: (error: unknown) => void) {
  let isDue: NodeJS.Immediate | undefined;
  const write = (): boolean => {
    clearImmediate(isDue);
    isDue = undefined;
    try {
      replaceFile(copyPath(home), JSON.stringify(copyOf(db)));
      return true;
    } catch (error) {
      onError(error); // A full disk: the ledger itself is what counts. The next change tries again.
      return false;
    }
  };
  db.function('copy_is_due', () => {
    isDue ??= setImmediate(write);
    return null;
  });
  for (const table of ['folders', 'settings', 'links'])
    for (const [change, row] of Object.entries({ INSERT: 'new', UPDATE: 'new', DELETE: 'old' })) {
      const when = table === 'settings' ? `WHEN ${isOfPerson(row)}` : '';
      db.exec(
        `CREATE TEMP TRIGGER copy_${table}_${change} AFTER ${change} ON main.${table} ${when} BEGIN SELECT copy_is_due(); END`,
      );
    }
  write();
  return {
    end(): void {
      // Also what another process wrote meanwhile, which no trigger of ours has seen.
      if (!write()) disown(home, db);
    },
  };
}

/** A copy that is behind must not pass for what was meant: a start after a clean end would take its rules. */
function disown(home: string, db: Database): void {
  try {
    settingStore(db).set('generation', generationOf(db) + 1);
  } catch {
    rmSync(copyPath(home), { force: true });
  }
}

/** How often the home was opened. */
export const generationOf = (db: Database): number =>
  settingStore(db).getIfReadable('generation', z.int()) ?? 0;

export function copyOf(db: Database): HomeCopy {
  const all = <Row>(sql: string) => db.prepare<[], Row>(sql).all();
  const settings = all<{ name: string; value: string }>(
    `SELECT name, value FROM settings WHERE ${isOfPerson('settings')}`,
  );
  return {
    format: 1,
    schemaVersion: migrations.length,
    generation: generationOf(db),
    folders: all<{ path: string; rule: string; added_at_ms: number }>(
      `SELECT path, rule, added_at_ms FROM folders ORDER BY id`,
    ).map(({ path, rule, added_at_ms: addedAtMs }) => ({
      path,
      rule: folderRule.parse(JSON.parse(rule)),
      addedAtMs,
    })),
    settings: Object.fromEntries(settings.map(({ name, value }) => [name, value])),
    links: all(`SELECT * FROM links ORDER BY id`),
  };
}
