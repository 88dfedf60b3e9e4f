/** @file What windows see of a storage's cost. A part of the contract in api.ts. What it comes to is reckoned by whoever shows it. */
import { z } from 'zod';
import { price, tariff } from '../cost/prices.ts';
import { storedSums, storedView } from '../cost/stored.ts';
import { storageClasses } from '../storage-class.ts';
import { mark } from './deleted.ts';
import { ms } from './stored.ts';

export const costCalls = {
  /** By the last listing alone. `indexedAtMs`: when that was; null for never. */
  getCost: {
    input: z.object({}),
    output: z.object({ stored: storedView, indexedAtMs: ms.nullable(), tariff }),
  },
  /** Some of what is kept below objects and deletions: the rest is behind `next`. */
  countOldVersions: {
    input: z.object({ from: mark.nullable() }),
    output: z.object({
      sums: storedSums,
      /** Versions and deletions that were looked at. */
      looked: z.int(),
      next: mark.nullable(),
    }),
  },
  /** Parts of uploads that were not completed, of everybody. */
  countUnfinished: {
    input: z.object({}),
    output: z.object({
      sums: storedSums,
      uploads: z.int(),
      /** Of these, those of which nobody can tell what they hold. */
      unknown: z.int(),
      /** There may be more. */
      isCutOff: z.boolean(),
    }),
  },
  /** Of one class of this storage; null: as before any was set. The others stay as they are. */
  setPrice: {
    input: z.object({ storageClass: z.enum(storageClasses), price: price.nullable() }),
    output: z.object({}),
  },
} as const;
