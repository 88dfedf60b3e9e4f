/**
 * @file The one table of prices: Amazon's list, and what a person has set in its place. US dollars.
 *
 * Where the list is from: the AWS price list of us-east-1 (Northern Virginia), as public repositories that read it
 * from pricing.us-east-1.amazonaws.com give it. Storage, and requests to STANDARD: read on 28 October 2025. Requests
 * to and moves into the other classes: from the same offer file, by usage type and operation, on a day that is not
 * named. Of what gets cheaper with its amount it is the first and dearest step.
 */
import { z } from 'zod';
import { storageClasses, type StorageClass } from '../storage-class.ts';

const amount = z.number().min(0).max(1_000);

export const price = z.strictObject({
  /** For a gigabyte and month. A gigabyte is 2³⁰ bytes, as in the examples of Amazon's S3 FAQ. */
  month: amount,
  /** For 1,000 requests that store something. */
  puts: amount,
  /** For 1,000 recordings that a rule of the bucket moves into this class. */
  moves: amount,
  /** For 1,000 recordings and month, beside their size. */
  watch: amount,
});
export type Price = z.output<typeof price>;
export const priceNames = ['month', 'puts', 'moves', 'watch'] as const satisfies (keyof Price)[];

export const prices = z.partialRecord(z.enum(storageClasses), price);
export type Prices = z.output<typeof prices>;

const listRegion = 'us-east-1';
const listName = `Amazon’s list prices for ${listRegion}, as of October 2025`;

const amazonList: Readonly<Record<StorageClass, Price>> = {
  STANDARD: { month: 0.023, puts: 0.005, moves: 0, watch: 0 },
  STANDARD_IA: { month: 0.0125, puts: 0.01, moves: 0.01, watch: 0 },
  ONEZONE_IA: { month: 0.01, puts: 0.01, moves: 0.01, watch: 0 },
  // Of its tiers the dearest, in which everything begins.
  INTELLIGENT_TIERING: { month: 0.023, puts: 0.005, moves: 0.01, watch: 0.0025 },
  GLACIER_IR: { month: 0.004, puts: 0.02, moves: 0.02, watch: 0 },
  GLACIER: { month: 0.0036, puts: 0.03, moves: 0.03, watch: 0 },
  DEEP_ARCHIVE: { month: 0.00099, puts: 0.05, moves: 0.05, watch: 0 },
};

/** What a storage is reckoned with. */
export const tariff = z.object({
  /** Amazon itself: its list holds where nobody has set another price, and its smallest sizes do. */
  isAmazon: z.boolean(),
  /** Where the bucket is. */
  region: z.string(),
  /** What a person has set. */
  own: prices,
  /** When, Unix milliseconds; null for never. */
  setAtMs: z.int().nullable(),
});
export type Tariff = z.output<typeof tariff>;

/** `undefined` where nobody knows it. */
export const priceOf = (
  { isAmazon, own }: Pick<Tariff, 'isAmazon' | 'own'>,
  storageClass: StorageClass,
): Price | undefined => own[storageClass] ?? (isAmazon ? amazonList[storageClass] : undefined);

/** While no storage is set up. */
export const listTariff: Tariff = { isAmazon: true, region: listRegion, own: {}, setAtMs: null };

/** Where the price of one class is from, in a few words; `undefined` where there is none. */
export function priceSource(
  { isAmazon, own }: Tariff,
  storageClass: StorageClass,
): string | undefined {
  if (own[storageClass] !== undefined) return 'your own prices';
  return isAmazon ? listName : undefined;
}

/** Where the prices are from, and of when: said with every number that is reckoned with them. */
export function tariffText({ isAmazon, region, own }: Tariff, setOn: string | null): string {
  const set = storageClasses.filter((name) => own[name] !== undefined);
  const those = set.length === 0 ? undefined : `your own${setOn === null ? '' : ` of ${setOn}`}`;
  if (!isAmazon)
    return those === undefined
      ? 'No prices are known for this storage. Enter those of its provider.'
      : `Estimate. The prices of ${set.join(', ')} are ${those}; no others are known for this storage.`;
  const away =
    region === listRegion ? '' : ` This bucket is in ${region}, where they may be higher.`;
  const tail = 'Discounts, taxes, requests to read and what leaves the storage are not in it.';
  return those === undefined
    ? `Estimate with ${listName}.${away} ${tail}`
    : `Estimate. The prices of ${set.join(', ')} are ${those}; the others are ${listName}.${away} ${tail}`;
}
