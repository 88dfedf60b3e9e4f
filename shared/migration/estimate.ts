/** @file What a migration takes and costs, each from the least to the most that is likely. */
import { z } from 'zod';
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
  /** US dollars, once, for the requests. */
  requestDollars: range,
  /** US dollars for each month in which all of it is kept. */
  monthlyDollars: range,
});
export type Estimate = z.infer<typeof estimate>;

/** What a school's line does, from a slow one to a good one. */
const USUAL_MBIT: Range = { least: 20, most: 200 };
/** Files a second, however small they are. */
const FILES_PER_SECOND: Range = { least: 10, most: 200 };
/**
 * S3 Standard's list prices in US dollars, from its cheapest region to its dearest, as known in 2025
 * (aws.amazon.com/s3/pricing): for 1,000 PUT requests, and for a gigabyte (2³⁰ bytes) and month.
 */
const PUTS_DOLLARS: Range = { least: 0.005, most: 0.007 };
const MONTH_DOLLARS: Range = { least: 0.023, most: 0.0405 };
const GIB = 2 ** 30;

export function estimateFor(
  total: Readonly<{ files: number; bytes: number; requests: number }>,
  mbit: Range = USUAL_MBIT,
): Estimate {
  const { files, bytes, requests } = total;
  const seconds = (line: number, pace: number) =>
    Math.ceil(Math.max((bytes * 8) / (line * 1e6), files / pace));
  const dollars = ({ least, most }: Range, amount: number) => ({
    least: cents(least * amount),
    most: cents(most * amount),
  });
  return {
    sends: { files, bytes },
    mbit,
    seconds: {
      least: seconds(mbit.most, FILES_PER_SECOND.most),
      most: seconds(mbit.least, FILES_PER_SECOND.least),
    },
    requests,
    requestDollars: dollars(PUTS_DOLLARS, requests / 1_000),
    monthlyDollars: dollars(MONTH_DOLLARS, bytes / GIB),
  };
}

function cents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}

/** `2 to 15 hours at 20 to 200 megabits a second` */
export function timeText({ mbit, seconds }: Estimate): string {
  const time = between(duration(seconds.least), duration(seconds.most));
  return `${time} at ${between(`${mbit.least}`, `${mbit.most}`)} megabits a second`;
}

export function costText({ requestDollars, monthlyDollars }: Estimate): string {
  const once = between(requestDollars.least.toFixed(2), requestDollars.most.toFixed(2));
  const monthly = between(monthlyDollars.least.toFixed(2), monthlyDollars.most.toFixed(2));
  return `$${once} once and $${monthly} a month with AWS’s list prices of 2025 for S3 Standard`;
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
