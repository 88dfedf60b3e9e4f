import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import {
  billOf,
  dollarsText,
  movable,
  moveOf,
  moveText,
  partsClass,
  putsOf,
} from '../../shared/cost/cost.ts';
import { costText, estimateFor } from '../../shared/migration/estimate.ts';
import { tariffText, type Tariff } from '../../shared/cost/prices.ts';
import {
  addStored,
  allOf,
  joined,
  storedTotals,
  type AgeDays,
  type StoredSums,
} from '../../shared/cost/stored.ts';
import type { StorageClass } from '../../shared/storage-class.ts';

const GIB = 2 ** 30;
const amazon: Tariff = { isAmazon: true, region: 'us-east-1', own: {}, setAtMs: null };
const other: Tariff = { ...amazon, isAmazon: false };

function sumsOf(...objects: (readonly [storageClass: string | null, bytes: number])[]): StoredSums {
  const sums: StoredSums = {};
  for (const object of objects) addStored(sums, ...object);
  return sums;
}
const monthly = (sums: StoredSums, tariff = amazon) => billOf({ stored: sums }, tariff).total;

test('a month costs by size and class, in binary gigabytes, as in the examples of Amazon’s FAQ', () => {
  const sums = sumsOf([null, 1_000 * GIB], ['GLACIER_IR', 1_000 * GIB]);
  const { lines, total } = billOf({ stored: sums }, amazon);
  expect(lines.map(({ storageClass, dollars }) => [storageClass, dollars])).toEqual([
    ['STANDARD', 23],
    ['GLACIER_IR', 4],
  ]);
  expect(total).toEqual({ objects: 2, bytes: 2_000 * GIB, dollars: 27, isWhole: true });
});

test('what Amazon adds to small and archived objects is in it, and not for another storage', () => {
  const small = sumsOf(...Array.from({ length: 8_192 }, () => ['STANDARD_IA', 1] as const));
  expect(monthly(small).dollars).toBeCloseTo(0.0125, 5); // 8,192 times 128 KiB is a gigabyte.
  const own = { STANDARD_IA: { month: 0.0125, puts: 0, moves: 0, watch: 0 } };
  expect(monthly(small, { ...other, own }).dollars).toBeLessThan(0.000_001);
  const archived: StoredSums = {
    DEEP_ARCHIVE: { objects: 32_768, bytes: 0, smallObjects: 0, smallBytes: 0 },
  };
  // 32 KiB each in its own class, and 8 KiB each in STANDARD.
  expect(monthly(archived).dollars).toBeCloseTo(0.00099 + 0.023 / 4, 6);
  const watched: StoredSums = {
    INTELLIGENT_TIERING: { objects: 3_000, bytes: 0, smallObjects: 1_000, smallBytes: 0 },
  };
  expect(monthly(watched).dollars).toBeCloseTo(0.005, 6);
});

test('old versions and parts of unfinished uploads count beside what is stored', () => {
  const bill = billOf(
    {
      stored: sumsOf(['STANDARD', GIB]),
      old: sumsOf(['STANDARD', 2 * GIB]),
      unfinished: sumsOf([partsClass('DEEP_ARCHIVE'), 3 * GIB]),
    },
    amazon,
  );
  expect(bill.lines.map(({ of, storageClass }) => `${of} ${storageClass}`)).toEqual([
    'stored STANDARD',
    'old STANDARD',
    'unfinished STANDARD',
  ]);
  expect(bill.total.dollars).toBeCloseTo(6 * 0.023, 6);
  expect(joined(sumsOf(['A', 1]), sumsOf(['A', 2], ['B', 3]))).toEqual(
    sumsOf(['A', 2], ['A', 1], ['B', 3]),
  );
});

test('without a price nothing is invented: not for another storage, nor for a class that nobody knows', () => {
  expect(monthly(sumsOf(['STANDARD', GIB]), other)).toMatchObject({ dollars: 0, isWhole: false });
  const { lines, total } = billOf({ stored: sumsOf(['FROSTY', GIB], ['STANDARD', GIB]) }, amazon);
  expect(lines.at(-1)).toMatchObject({ storageClass: 'FROSTY', dollars: null });
  expect(total).toMatchObject({ dollars: 0.023, isWhole: false });
  expect(putsOf({ STANDARD: { objects: 1, requests: 1 } }, other)).toBeUndefined();
  expect(moveText(moveOf(sumsOf(['STANDARD', GIB]), 'GLACIER', other))).toContain(
    'cannot be said without the prices',
  );
});

test('a move saves the difference, costs by the recording, and leaves what is small or cannot be moved', () => {
  const sums = sumsOf(
    ...Array.from({ length: 1_000 }, () => ['STANDARD', GIB] as const),
    ['STANDARD', 10],
    ['DEEP_ARCHIVE', GIB],
  );
  const move = moveOf(sums, 'GLACIER_IR', amazon);
  expect(move).toMatchObject({ objects: 1_000, bytes: 1_000 * GIB, leftObjects: 1 });
  expect(move.saves).toBeCloseTo(19, 6);
  expect(move.once).toBeCloseTo(0.02, 6);
  expect(moveText(move)).toBe(
    'It would save $19.00 a month. Moving it costs $0.02 once, which is back within a month. 1 below 128 KB each would stay.',
  );
  const many = sumsOf(...Array.from({ length: 1_000 }, () => ['STANDARD', 200_000] as const));
  expect(moveText(moveOf(many, 'DEEP_ARCHIVE', amazon))).toMatch(
    /\$0\.05 once, .* in \d+ months\.$/,
  );
  expect(moveText(moveOf(many, 'INTELLIGENT_TIERING', amazon))).toMatch(/^It would save nothing/);
  expect(moveText(moveOf({}, 'GLACIER', amazon))).toBe('Nothing there would be moved.');
  const same = { month: 0.01, puts: 0, moves: 0.1, watch: 0 };
  const own = { STANDARD: same, GLACIER_IR: same };
  expect(moveText(moveOf(many, 'GLACIER_IR', { ...other, own }))).toBe('It would save nothing.');
});

test('a rule moves into the infrequent classes only what has lain there for 30 days', () => {
  const totals = storedTotals(400 * DAY_MS);
  totals.add('STANDARD', GIB, 399 * DAY_MS);
  totals.add('STANDARD', GIB, 370 * DAY_MS);
  totals.add('STANDARD', GIB, 100 * DAY_MS);
  const moved = (target: StorageClass, least: AgeDays) => {
    const { days, sums } = movable(totals.total(), target, least);
    return [days, sums['STANDARD']?.objects];
  };
  expect(moved('STANDARD_IA', 0)).toEqual([30, 2]);
  expect(moved('ONEZONE_IA', 0)).toEqual([30, 2]);
  expect(moved('ONEZONE_IA', 90)).toEqual([90, 1]);
  expect(moved('GLACIER_IR', 0)).toEqual([0, 3]);
});

test('what came lately is told with its requests, and by age what could be moved', () => {
  const totals = storedTotals(400 * DAY_MS);
  totals.add('STANDARD', 100, 399 * DAY_MS);
  totals.add('DEEP_ARCHIVE', 80 * 2 ** 20, 399 * DAY_MS);
  totals.add('STANDARD', 100, 100 * DAY_MS);
  totals.add('STANDARD', 100, 401 * DAY_MS); // By a clock that is behind.
  const stored = totals.total();
  expect(allOf(stored)['STANDARD']?.objects).toBe(3);
  expect(stored.older.map(({ sums }) => sums['STANDARD']?.objects ?? 0)).toEqual([3, 1, 1, 1, 0]);
  expect(stored.lately).toEqual({
    STANDARD: { objects: 2, requests: 2 },
    DEEP_ARCHIVE: { objects: 1, requests: 12 },
  });
  // The parts go in at the price of STANDARD; completing it is at its own.
  expect(putsOf(stored.lately, amazon)).toBeCloseTo((2 * 0.005 + 0.05 + 11 * 0.005) / 1_000, 9);
});

test('where prices are from, and of when, is said with them', () => {
  expect(tariffText(amazon, null)).toBe(
    'Estimate with Amazon’s list prices for us-east-1, as of October 2025. Discounts, taxes, requests to read and what leaves the storage are not in it.',
  );
  expect(tariffText({ ...amazon, region: 'eu-central-1' }, null)).toContain(
    'This bucket is in eu-central-1, where they may be higher.',
  );
  expect(tariffText(other, null)).toContain('No prices are known for this storage');
  const own = { STANDARD: { month: 0.01, puts: 0, moves: 0, watch: 0 } };
  expect(tariffText({ ...amazon, own }, '5 Mar 2026')).toContain(
    'The prices of STANDARD are your own of 5 Mar 2026; the others are Amazon’s list',
  );
  expect(monthly(sumsOf(['STANDARD', GIB]), { ...amazon, own }).dollars).toBe(0.01);
});

test('amounts are written as money', () => {
  expect([0, 0.001, 12.345, 1_234.5].map(dollarsText)).toEqual([
    '$0.00',
    'under $0.01',
    '$12.35',
    '$1,235',
  ]);
});

test('a migration is reckoned with the same prices, and without any none is named', () => {
  const total = { files: 2_000, bytes: 1_000 * GIB, requests: 2_000 };
  expect(costText(estimateFor(total, amazon))).toBe(
    '$0.01 once and $23.00 a month in STANDARD, with Amazon’s list prices for us-east-1, as of October 2025',
  );
  const own = { STANDARD: { month: 0.006, puts: 0, moves: 0, watch: 0 } };
  expect(costText(estimateFor(total, { ...other, own }))).toBe(
    '$0.00 once and $6.00 a month in STANDARD, with your own prices',
  );
  expect(costText(estimateFor(total, other))).toBe('no prices are known for this storage');
  // Of a plan that an older version has written.
  const range = { least: 1, most: 2 };
  const before = { ...estimateFor(total, other), requestDollars: range, monthlyDollars: range };
  expect(costText(before)).toBe(
    '$1.00 to 2.00 once and $1.00 to 2.00 a month in STANDARD, with AWS’s list prices of 2025',
  );
});
