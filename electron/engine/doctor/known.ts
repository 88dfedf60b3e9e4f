/** @file What was found out about a storage, remembered in the ledger for its endpoint and bucket. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { abilityNames, type Abilities } from '#shared/abilities.ts';
import { permissions, s3ActionNames, type S3Action } from '#shared/policy.ts';
import { isAnswered, report, type Report } from '#shared/report.ts';
import type { SignIn } from '#shared/sign-in.ts';
import { correctionText } from '#shared/corrections.ts';
import type { StorageFacts } from '#shared/api/connection.ts';
import type { Diagnosis } from './doctor.ts';
import type { StoragePlace } from '../s3/storage-settings.ts';
import { placeOf, type Facts, type Known } from '../s3/known.ts';
import { settingStore } from '../store/settings.ts';

const remembered = z.record(
  z.string(),
  z.object({ value: z.union([z.boolean(), z.string()]), atMs: z.int() }),
);

type Remembered = z.output<typeof remembered>;

export type KnownStorage = Known &
  Readonly<{
    /** When a fact was found out, Unix milliseconds. */
    whenMs: (name: keyof Facts) => number | undefined;
    /** What the last test found that got an answer, for the account that is asked for. */
    lastTest: (who: SignIn) => LastTest | undefined;
    keepTest: (who: SignIn, found: Report) => void;
    /** What has just been done is allowed, whatever a test once found. */
    allow: (action: S3Action) => void;
  }>;
type LastTest = Readonly<{ report: Report; atMs: number }>;

/** What a former version found does not name every action of this one. */
const foundPermissions = z
  .partialRecord(z.enum(s3ActionNames), z.enum(permissions))
  .transform(
    (found) =>
      Object.fromEntries(
        s3ActionNames.map((name) => [name, found[name] ?? 'unknown']),
      ) as Report['permissions'],
  );
const keptTest = z.object({
  who: z.string(),
  report: report.extend({ permissions: foundPermissions }),
  atMs: z.int(),
});

/** Keys that end are renewed under other names: then it is their source that stays. */
const accountOf = ({ isTemporary, source, profile = '', keyEnding }: SignIn) =>
  isTemporary ? `${source} ${profile}` : keyEnding;

/**
 * Another endpoint or bucket is another storage, of which nothing is known yet; and what was found in the
 * place of one region says nothing to who asks for another.
 */
export function knownStorage(
  { endpoint, bucket, region }: StoragePlace,
  database: Database,
  nowMs: () => number,
): KnownStorage {
  const store = settingStore(database);
  const place = placeOf({ endpoint, bucket });
  const name = `storage ${place}`;
  const test = `test of ${place}`;
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
    lastTest(who) {
      const kept = store.getIfReadable(test, keptTest);
      // Of keys that nothing is known of nobody knows whose the test was.
      if (accountOf(who) === '' || kept?.who !== accountOf(who)) return undefined;
      return { report: kept.report, atMs: kept.atMs };
    },
    keepTest: (who, found) =>
      store.set(test, { who: accountOf(who), report: found, atMs: nowMs() }),
    allow(action) {
      const kept = store.getIfReadable(test, keptTest);
      if (kept?.report.permissions[action] !== 'denied') return;
      const now = { ...kept.report.permissions, [action]: 'allowed' };
      store.set(test, { ...kept, report: { ...kept.report, permissions: now } });
    },
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

/** Takes over what a test found out. A ledger keeps all of it. */
export function rememberTest(
  known: Known | KnownStorage,
  { report: found, signIn }: Diagnosis,
): void {
  rememberAbilities(known, found.abilities);
  if ('keepTest' in known && signIn && isAnswered(found)) known.keepTest(signIn, found);
}

/** What could not be found out stays as it was known before. */
function rememberAbilities(known: Known, abilities: Abilities): void {
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
