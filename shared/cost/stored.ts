/** @file What is stored, added up by storage class: all that a cost is reckoned from. */
import { z } from 'zod';
import { DAY_MS } from '../time.ts';
import { MAX_OBJECT_BYTES, requestsFor } from '../parts.ts';

/** Amazon asks for smaller objects in some classes as if they had this size, and moves none of them by rule. */
export const SMALL_BYTES = 128 * 1_024;

const storedSum = z.object({
  objects: z.int(),
  bytes: z.int(),
  /** Of these, those below 128 KiB. */
  smallObjects: z.int(),
  smallBytes: z.int(),
});
export type StoredSum = z.output<typeof storedSum>;

/** By the class as the storage names it; also such as nobody here knows. */
export const storedSums = z.record(z.string(), storedSum);
export type StoredSums = z.output<typeof storedSums>;

/** The class of what a storage names none for, as the S3 API has it. */
const USUAL = 'STANDARD';

const noneStored = (): StoredSum => ({ objects: 0, bytes: 0, smallObjects: 0, smallBytes: 0 });

/** Counts one more. */
export function addStored(sums: StoredSums, storageClass: string | null, bytes: number): void {
  const name = storageClass ?? USUAL;
  const sum = (sums[name] ??= noneStored());
  sum.objects += 1;
  sum.bytes += bytes;
  if (bytes >= SMALL_BYTES) return;
  sum.smallObjects += 1;
  sum.smallBytes += bytes;
}

/** All of both. */
export function joined(a: StoredSums, b: StoredSums): StoredSums {
  const sums: StoredSums = {};
  for (const [name, { objects, bytes, smallObjects, smallBytes }] of [
    ...Object.entries(a),
    ...Object.entries(b),
  ]) {
    const sum = (sums[name] ??= noneStored());
    sum.objects += objects;
    sum.bytes += bytes;
    sum.smallObjects += smallObjects;
    sum.smallBytes += smallBytes;
  }
  return sums;
}

/** Days for which something may have lain in the storage: what is older can be asked about. */
export const ageDays = [0, 30, 90, 180, 365] as const;
const ageDay = z.union(ageDays.map((days) => z.literal(days)));
export type AgeDays = (typeof ageDays)[number];

/** What came last is told by itself: that is what uploading costs in a month. */
export const LATELY_DAYS = 30;

export const storedView = z.object({
  /** What was stored at least so many days ago, by the storage's time; of 0 days it is all. */
  older: z.array(z.object({ days: ageDay, sums: storedSums })),
  /** What was stored within 30 days, and the requests that this took if this program has sent it. */
  lately: z.record(z.string(), z.object({ objects: z.int(), requests: z.int() })),
});
export type StoredView = z.output<typeof storedView>;

/** Adds up what a listing showed, object by object. */
export function storedTotals(nowMs: number) {
  const older = ageDays.map((days) => ({ days, sums: {} as StoredSums }));
  const lately: StoredView['lately'] = {};
  return {
    add(storageClass: string | null, sizeBytes: number, storedAtMs: number): void {
      const ageMs = nowMs - storedAtMs;
      // A clock that is behind makes nothing vanish.
      for (const { days, sums } of older)
        if (days === 0 || ageMs >= days * DAY_MS) addStored(sums, storageClass, sizeBytes);
      if (ageMs >= LATELY_DAYS * DAY_MS) return;
      const sum = (lately[storageClass ?? USUAL] ??= { objects: 0, requests: 0 });
      sum.objects += 1;
      sum.requests += requestsFor(Math.min(sizeBytes, MAX_OBJECT_BYTES));
    },
    total: (): StoredView => ({ older, lately }),
  };
}

/** Of which all others are a part. */
export const allOf = ({ older }: StoredView): StoredSums =>
  older.find(({ days }) => days === 0)?.sums ?? {};
