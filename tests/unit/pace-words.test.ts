import { expect, test } from 'vitest';
import { paceWords } from '../../renderer/words/states.ts';

const words = (bytesPerSecond: readonly [number, number], seconds: readonly [number, number]) =>
  paceWords({
    bytesPerSecond: { least: bytesPerSecond[0] * 1e6, most: bytesPerSecond[1] * 1e6 },
    leftMs: { least: seconds[0] * 1_000, most: seconds[1] * 1_000 },
  });

test.each([
  [[4.1, 4.3], [38, 39], 'about 4.2 MB a second, less than a minute to go'],
  [[4.1, 5.6], [720, 900], '4.1 to 5.6 MB a second, about 14 min to go'],
  [[4.1, 5.6], [660, 900], '4.1 to 5.6 MB a second, 11 to 15 min to go'],
  [[0.9, 1.4], [50, 80], '900 kB to 1.4 MB a second, about 1 min to go'],
  [[2, 4], [3_300, 6_700], '2 to 4 MB a second, 55 min to 1 h 50 min to go'],
  [[2, 4], [4_000, 8_100], '2 to 4 MB a second, 1 h 10 min to 2 h 20 min to go'],
] as const)(
  '%s MB/s and %s s are told as one value where both ends are alike: %s',
  (speed, left, told) => {
    expect(words(speed, left)).toBe(told);
  },
);

test('an estimate that hardly changes is told in the same words', () => {
  const told = [1_500, 1_505, 1_512, 1_520].map((s) => words([3, 3.1], [s, s + 9]));
  expect(new Set(told)).toEqual(new Set(['about 3.1 MB a second, about 25 min to go']));
});
