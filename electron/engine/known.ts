/** @file What was found out about a storage, remembered in the ledger for its endpoint and bucket. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { abilityNames, type Abilities } from '#shared/abilities.ts';
import { correctionText } from '#shared/corrections.ts';
import type { StorageFacts } from '#shared/api-connection.ts';
import type { StorageSettings } from './s3/client.ts';
import type { Facts, Known } from './s3/known.ts';
import { settingStore } from './store/settings.ts';

const remembered = z.record(
  z.string(),
  z.object({ value: z.union([z.boolean(), z.string()]), atMs: z.int() }),
);

type Remembered = z.output<typeof remembered>;

export type KnownStorage = Known &
  Readonly<{
    /** When a fact was found out, Unix milliseconds. */
    whenMs: (name: keyof Facts) => number | undefined;
  }>;

/**
 * Another endpoint or bucket is another storage, of which nothing is known yet; and what was found in the
 * place of one region says nothing to who asks for another.
 */
export function knownStorage(
  { endpoint, bucket, region }: Pick<StorageSettings, 'endpoint' | 'bucket' | 'region'>,
  database: Database,
  nowMs: () => number,
): KnownStorage {
  const store = settingStore(database);
  const name = `storage ${bucket} at ${endpoint ?? 'AWS'}`;
  const inMemory = cached(database);
  const all = (): Remembered => {
    const before = inMemory.get(name);
    if (before) return before;
    const read = store.getIfReadable(name, remembered) ?? {};
    inMemory.set(name, read);
    return read;
  };
  const as = (fact: string) => (fact === 'region' ? `region for ${region}` : fact);
  return {
    // Written by `set` alone, which takes no other type.
    get: (fact) => all()[as(fact)]?.value as never,
    set(fact, value) {
      const next = { ...all(), [as(fact)]: { value, atMs: nowMs() } };
      store.set(name, next);
      inMemory.set(name, next);
    },
    whenMs: (fact) => all()[as(fact)]?.atMs,
  };
}

/** It is asked for several times a request: whoever has the ledger open shares what was read. */
const caches = new WeakMap<Database, Map<string, Remembered>>();

function cached(database: Database): Map<string, Remembered> {
  const before = caches.get(database);
  if (before) return before;
  const fresh = new Map<string, Remembered>();
  caches.set(database, fresh);
  return fresh;
}

/** Takes over what a test found out. What it could not find out stays as it was known before. */
export function rememberAbilities(known: Known, abilities: Abilities): void {
  for (const name of abilityNames) {
    const { value } = abilities[name];
    if (value !== 'unknown') known.set(name, value);
  }
}

/** @param asked The region of the settings. */
export function factsView(known: KnownStorage, asked: string): StorageFacts {
  const abilities = abilityNames.map((name) => ({
    name,
    value: known.get(name) ?? null,
    foundAtMs: known.whenMs(name) ?? null,
  }));
  const found = known.get('region');
  const notes = found === undefined ? [] : [correctionText({ kind: 'region', asked, found })];
  return { abilities, notes };
}
