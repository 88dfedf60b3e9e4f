import { describe, expect, test } from 'vitest';
import { paceOf, type Mark } from '../../shared/pace.ts';

const MB = 1_000_000;
/** One acknowledgement a second, each of so many bytes. */
function steady(
  seconds: number,
  bytesPerSecond: number,
  from: Mark = { atMs: 0, bytes: 0 },
): Mark[] {
  return Array.from({ length: seconds }, (_, i) => ({
    atMs: from.atMs + (i + 1) * 1_000,
    bytes: from.bytes + (i + 1) * bytesPerSecond,
  }));
}

describe('how fast uploads are', () => {
  test('is not said before it is known, nor when nothing is left, nor when nothing moves any more', () => {
    expect(paceOf([], 100 * MB, 60_000)).toBeUndefined();
    expect(paceOf(steady(10, MB), 100 * MB, 10_000)).toBeUndefined();
    // Three acknowledgements in a minute may be anything.
    const few = [1, 2, 3].map((n) => ({ atMs: n * 20_000, bytes: n * MB }));
    expect(paceOf(few, 100 * MB, 60_000)).toBeUndefined();
    expect(paceOf(steady(60, MB), 0, 60_000)).toBeUndefined();
    expect(paceOf(steady(60, MB), 100 * MB, 60_000)).toBeDefined();
    expect(paceOf(steady(60, MB), 100 * MB, 95_000)).toBeUndefined();
  });

  test('is one figure while it is steady, and tells what is left by it', () => {
    const pace = paceOf(steady(120, 2 * MB), 240 * MB, 120_000)!;
    for (const speed of Object.values(pace.bytesPerSecond)) expect(speed / MB).toBeCloseTo(2, 1);
    for (const left of Object.values(pace.leftMs)) expect(left / 1_000).toBeCloseTo(120, -1);
  });

  test('is a range while it changes: both what was and what is now are in it', () => {
    const slow = steady(100, MB);
    const marks = [...slow, ...steady(20, 5 * MB, slow.at(-1))];
    const { bytesPerSecond, leftMs } = paceOf(marks, 100 * MB, 120_000)!;
    expect(bytesPerSecond.most / MB).toBeCloseTo(5, 1);
    expect(bytesPerSecond.least / MB).toBeLessThan(2);
    expect(leftMs.least / 1_000).toBeCloseTo(20, 0);
    expect(leftMs.most).toBeGreaterThan(2 * leftMs.least);
  });

  test('forgets what was long ago', () => {
    const old = steady(60, 50 * MB);
    const since = { atMs: 300_000, bytes: old.at(-1)!.bytes };
    const { bytesPerSecond } = paceOf(
      [...old, since, ...steady(60, MB, since)],
      100 * MB,
      360_000,
    )!;
    expect(bytesPerSecond.most / MB).toBeLessThan(1.2);
  });
});
