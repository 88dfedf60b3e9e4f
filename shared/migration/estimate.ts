/** @file What a migration takes and costs, each from the least to the most that is likely. */
import { z } from 'zod';
import { GIB } from '../cost/cost.ts';
import { priceOf, priceSource, type Tariff } from '../cost/prices.ts';
import { count, formatBytes } from '../format.ts';
import { sum, type Sum } from './migration.ts';

const range = z.strictObject({ least: z.number(), most: z.number() });
type Range = z.infer<typeof range>;

export const estimate = z.strictObject({
  /** What it is of: neither what is in the bucket already, nor what is the same as another file of the plan. */
  sends: sum.optional(),
  /** Megabits per second that the times are for. */
  mbit: range,
  seconds: range,
  requests: z.int(),
  /** US dollars, once, for the requests; left out where no price is known. */
  requestDollars: range.optional(),
  /** US dollars for each month in which all of it is kept. */
  monthlyDollars: range.optional(),
  /** Whose prices; older plans went by those of 2025, from Amazon’s cheapest region to its dearest. */
  pricesFrom: z.string().optional(),
});
export type Estimate = z.infer<typeof estimate>;

/** What a school's line does, from a slow one to a good one. */
const USUAL_MBIT: Range = { least: 20, most: 200 };
/** Files a second, however small they are. */
const FILES_PER_SECOND: Range = { least: 10, most: 200 };
/** @param tariff Of the storage: everything goes to STANDARD. */
export function estimateFor(
  total: Readonly<{ files: number; bytes: number; requests: number }>,
  tariff: Tariff,
  mbit: Range = USUAL_MBIT,
): Estimate {
  const { files, bytes, requests } = total;
  const seconds = (line: number, pace: number) =>
    Math.ceil(Math.max((bytes * 8) / (line * 1e6), files / pace));
  const price = priceOf(tariff, 'STANDARD');
  return {
    sends: { files, bytes },
    mbit,
    seconds: {
      least: seconds(mbit.most, FILES_PER_SECOND.most),
      most: seconds(mbit.least, FILES_PER_SECOND.least),
    },
    requests,
    ...(price && {
      requestDollars: exactly((requests / 1_000) * price.puts),
      monthlyDollars: exactly((bytes / GIB) * price.month),
      pricesFrom: priceSource(tariff, 'STANDARD'),
    }),
  };
}

const exactly = (dollars: number): Range => ({ least: cents(dollars), most: cents(dollars) });

function cents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}

/** `2 to 15 hours at 20 to 200 megabits a second` */
export function timeText({ mbit, seconds }: Estimate): string {
  const time = between(duration(seconds.least), duration(seconds.most));
  return `${time} at ${between(`${mbit.least}`, `${mbit.most}`)} megabits a second`;
}

export function costText({ requestDollars, monthlyDollars, pricesFrom }: Estimate): string {
  if (!requestDollars || !monthlyDollars) return 'no prices are known for this storage';
  const once = between(requestDollars.least.toFixed(2), requestDollars.most.toFixed(2));
  const monthly = between(monthlyDollars.least.toFixed(2), monthlyDollars.most.toFixed(2));
  return `$${once} once and $${monthly} a month in STANDARD, with ${pricesFrom ?? 'AWS’s list prices of 2025'}`;
}

/** What of a plan is not sent; nothing, when all is. */
export function othersText(plan: Sum, { sends = plan }: Estimate): string {
  const { files, bytes } = plan;
  if (sends.files === files) return '';
  return ` Of ${count(files, 'file')} (${formatBytes(bytes)}) in the plan, the others are in the bucket already, or the same as another.`;
}

function between(least: string, most: string): string {
  return least === most ? least : `${least} to ${most}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return count(Math.max(1, Math.round(seconds)), 'second');
  if (seconds < 5_400) return count(Math.round(seconds / 60), 'minute');
  if (seconds < 172_800) return count(Math.round(seconds / 3_600), 'hour');
  return count(Math.round(seconds / 86_400), 'day');
}
