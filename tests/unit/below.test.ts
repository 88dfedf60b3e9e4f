import { expect, test } from 'vitest';
import { isBelow } from '../../electron/engine/watch/watchable.ts';

test.each([
  ['/archive', '/archive', true],
  ['/archive/2023', '/archive', true],
  ['/archive 2/2023', '/archive', false],
  // The top of a disk ends in what divides names, as `E:\` does.
  ['/2023', '/', true],
])('%s in %s: %s', (inner, outer, isIn) => {
  expect(isBelow(inner, outer)).toBe(isIn);
});
