/** @file The prices that a storage is reckoned with: Amazon's list, and over it what a person has set for this storage. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { prices, type Price, type Prices, type Tariff } from '#shared/cost/prices.ts';
import type { StorageClass } from '#shared/storage-class.ts';
import type { StoragePlace } from '../s3/storage-settings.ts';
import { placeOf } from '../s3/known.ts';
import { settingStore } from '../store/settings.ts';

const kept = z.object({ own: prices, atMs: z.int() });
const nameOf = (place: StoragePlace) => `prices of ${placeOf(place)}`;

const AMAZON = /(^|\.)amazonaws\.com(\.cn)?$/;

/** @param database Where there is a ledger. @param region Where the bucket was found to be; else that of the settings. */
export function tariffOf(
  place: StoragePlace,
  database: Database | undefined,
  region: string,
): Tariff {
  const { endpoint } = place;
  const set = database && settingStore(database).getIfReadable(nameOf(place), kept);
  return {
    isAmazon: endpoint === undefined || AMAZON.test(new URL(endpoint).hostname),
    region,
    own: set?.own ?? {},
    setAtMs: set && Object.keys(set.own).length > 0 ? set.atMs : null,
  };
}

/**
 * The price of one class, beside those of the others, which another window or command may have set meanwhile.
 *
 * @param price `undefined` forgets what was set.
 */
export function setPrice(
  place: StoragePlace,
  database: Database,
  storageClass: StorageClass,
  price: Price | undefined,
  nowMs: number,
): void {
  const merge = database.transaction(() => {
    const before = settingStore(database).getIfReadable(nameOf(place), kept);
    const { [storageClass]: _, ...own } = before?.own ?? {};
    setAll(place, database, price ? { ...own, [storageClass]: price } : own, nowMs);
  });
  merge.immediate();
}

/** As before any was set. */
export const forgetPrices = (place: StoragePlace, database: Database, nowMs: number): void =>
  setAll(place, database, {}, nowMs);

function setAll(place: StoragePlace, database: Database, own: Prices, nowMs: number): void {
  settingStore(database).set(nameOf(place), { own, atMs: nowMs } satisfies z.output<typeof kept>);
}
