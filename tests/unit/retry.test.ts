import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryDelayMs } from '../../shared/retry.ts';

test('a retry waits at least one second, at most doubling from two seconds to a quarter of an hour', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), random, (attempts, at) => {
      const delay = retryDelayMs(attempts, () => at);
      expect(Number.isInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(1_000);
      expect(delay).toBeLessThanOrEqual(900_000);
    }),
  );
  const longest = [1, 2, 3, 9, 10, 11, 1_000].map((n) => retryDelayMs(n, () => 1 - 2 ** -53));
  expect(longest).toEqual([1_999, 3_999, 7_999, 511_999, 899_999, 899_999, 899_999]);
});
