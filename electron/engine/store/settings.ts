import type { Database } from 'better-sqlite3';
import type { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { crashPoint } from '../test-hooks.ts';

export type SettingStore = ReturnType<typeof prepareStore>;

const stores = new WeakMap<Database, SettingStore>();

/** Settings by name, each a JSON value that its reader's schema checks. Prepared once for each connection. */
export function settingStore(db: Database): SettingStore {
  const before = stores.get(db);
  if (before) return before;
  const fresh = prepareStore(db);
  stores.set(db, fresh);
  return fresh;
}

function prepareStore(db: Database) {
  const read = db.prepare<[string], string>(`SELECT value FROM settings WHERE name = ?`).pluck();
  const write = db.prepare<[string, string]>(
    `INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)`,
  );
  const remove = db.prepare<[string]>(`DELETE FROM settings WHERE name = ?`);
  /** Some are asked for with each file: what stands there is read anew only when it is something else. */
  const parsed = new Map<string, Readonly<{ json: string; schema: unknown; value: unknown }>>();
  /** @throws AppError `saved-unreadable`: nobody shall take for "never set" what is there. */
  function get<T>(name: string, schema: z.ZodType<T>): T | undefined {
    const json = read.get(name);
    if (json === undefined) return undefined;
    const known = parsed.get(name);
    if (known?.json === json && known.schema === schema) return known.value as T;
    try {
      const value = schema.parse(JSON.parse(json));
      parsed.set(name, { json, schema, value });
      return value;
    } catch (cause) {
      throw new AppError('saved-unreadable', name, { cause });
    }
  }
  return {
    get,
    /** For what is found out anew when it is lost: `undefined` also for what this version cannot read. */
    getIfReadable<T>(name: string, schema: z.ZodType<T>): T | undefined {
      try {
        return get(name, schema);
      } catch {
        return undefined;
      }
    },
    isSet: (name: string): boolean => read.get(name) !== undefined,
    set: (name: string, value: unknown): void => void write.run(name, JSON.stringify(value)),
    /** Sets them together, and removes what is `undefined`: after a crash all of it is done, or nothing. */
    setAll: db.transaction((values: Readonly<Record<string, unknown>>): void => {
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) remove.run(name);
        else write.run(name, JSON.stringify(value));
        crashPoint('settings-half-written');
      }
    }),
  };
}
