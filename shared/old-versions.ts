/** @file How long a bucket keeps what was deleted in it, by its own rules. */
import { z } from 'zod';
import type { LifecycleRule } from './lifecycle.ts';

const where = {
  Prefix: z.string().nullish(),
  ObjectSizeGreaterThan: z.number().nullish(),
  ObjectSizeLessThan: z.number().nullish(),
};
/** What of a rule says which old versions it ends, and when; the rest does not matter here. */
const ending = z.object({
  Status: z.literal('Enabled'),
  Prefix: z.string().nullish(),
  Filter: z.object({ ...where, And: z.object(where).nullish() }).nullish(),
  NoncurrentVersionExpiration: z.object({ NoncurrentDays: z.number() }),
});

/**
 * Days for which an object is kept at least once it is deleted; `null` when no rule ends it. A rule that asks for
 * more than can be seen here, such as tags or a number of newer versions, counts as one that ends it: nobody is
 * promised more than the bucket keeps.
 */
export function keptDays(
  rules: readonly LifecycleRule[],
  { key, sizeBytes }: Readonly<{ key: string; sizeBytes: number }>,
): number | null {
  const days = rules.flatMap((rule) => {
    const read = ending.safeParse(rule);
    if (!read.success) return [];
    const { Prefix, Filter, NoncurrentVersionExpiration } = read.data;
    const isMet = [{ Prefix }, Filter, Filter?.And].every(
      (part) =>
        key.startsWith(part?.Prefix ?? '') &&
        sizeBytes >
          (part && 'ObjectSizeGreaterThan' in part ? (part.ObjectSizeGreaterThan ?? -1) : -1) &&
        sizeBytes <
          (part && 'ObjectSizeLessThan' in part ? (part.ObjectSizeLessThan ?? Infinity) : Infinity),
    );
    return isMet ? [NoncurrentVersionExpiration.NoncurrentDays] : [];
  });
  return days.length > 0 ? Math.min(...days) : null;
}
