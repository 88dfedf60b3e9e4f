/** @file What a migration takes and costs, each from the least to the most that is likely. */
import { z } from 'zod';
import { partBytesFor, SINGLE_PUT_BYTES } from './parts.ts';

const range = z.strictObject({ least: z.number(), most: z.number() });
type Range = z.infer<typeof range>;

export const estimate = z.strictObject({
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

/** PUT, or an upload in parts with its beginning and end. */
export function requestsFor(sizeBytes: number): number {
  if (sizeBytes <= SINGLE_PUT_BYTES) return 1;
  return Math.ceil(sizeBytes / partBytesFor(sizeBytes)) + 2;
}

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
