/** @file What was found out about a storage, remembered in the ledger for its endpoint and bucket. */
import { z } from 'zod';
import { abilityNames, type Abilities } from '#shared/abilities.ts';
import type { StorageFacts } from '#shared/api-connection.ts';
import type { StorageSettings } from './s3/client.ts';
import type { Facts, Known } from './s3/known.ts';
import type { SettingStore } from './store/settings.ts';

const remembered = z.record(
  z.string(),
  z.object({ value: z.union([z.boolean(), z.string()]), atMs: z.int() }),
);

export type KnownStorage = Known &
  Readonly<{
    /** When a fact was found out, Unix milliseconds. */
    whenMs: (name: keyof Facts) => number | undefined;
  }>;

/** Another endpoint or bucket is another storage, of which nothing is known yet. */
export function knownStorage(
  { endpoint, bucket }: Pick<StorageSettings, 'endpoint' | 'bucket'>,
  store: Pick<SettingStore, 'get' | 'set'>,
  nowMs: () => number,
): KnownStorage {
  const name = `storage ${bucket} at ${endpoint ?? 'AWS'}`;
  const all = () => store.get(name, remembered) ?? {};
  return {
    // Written by `set` alone, which takes no other type.
    get: (fact) => all()[fact]?.value as never,
    set: (fact, value) => store.set(name, { ...all(), [fact]: { value, atMs: nowMs() } }),
    whenMs: (fact) => all()[fact]?.atMs,
  };
}

/** Takes over what a test found out. What it could not find out stays as it was known before. */
export function rememberAbilities(known: Known, abilities: Abilities): void {
  for (const name of abilityNames) {
    const { value } = abilities[name];
    if (value !== 'unknown') known.set(name, value);
  }
}

export function factsView(known: KnownStorage): StorageFacts {
  const abilities = abilityNames.map((name) => ({
    name,
    value: known.get(name) ?? null,
    foundAtMs: known.whenMs(name) ?? null,
  }));
  return { abilities };
}
