import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BURST_HINTS, createBursts, PAUSE_MS } from '../../electron/engine/watch/bursts.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('after so many hints that some may be missing a folder is told of, once, when they pause', () => {
  const told: number[] = [];
  const bursts = createBursts<number>((id) => told.push(id));
  for (let n = 0; n < BURST_HINTS; n += 1) {
    bursts.hint(1);
    if (n > 0) bursts.hint(2);
    vi.advanceTimersByTime(1);
  }
  expect(told).toEqual([]);
  vi.advanceTimersByTime(PAUSE_MS);
  expect(told).toEqual([1]);
  vi.advanceTimersByTime(60_000);
  bursts.hint(1);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([1]);
});

test('nothing is told of once all has been stopped', () => {
  const told: number[] = [];
  const bursts = createBursts<number>((id) => told.push(id));
  for (let n = 0; n < BURST_HINTS; n += 1) bursts.hint(1);
  bursts.stop();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});
