import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAwake } from '../../electron/shell/awake.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;

/** A computer that says by what it is kept awake. */
function openComputer() {
  const held = new Set<number>();
  let ids = 0;
  let isOnBattery = false;
  const awake = createAwake({
    blocker: {
      start(kind) {
        expect(kind).toBe('prevent-app-suspension');
        held.add((ids += 1));
        return ids;
      },
      stop: (id) => held.delete(id),
    },
    isOnBattery: () => isOnBattery,
  });
  return {
    follow: (counts: Record<string, number>) => awake.follow({ counts }),
    toBattery: (is: boolean) => void (isOnBattery = is),
    isHeld: () => held.size > 0,
    times: () => ids,
  };
}

test('the computer stays awake while recordings are sent or checked, and between two of them', () => {
  const { follow, isHeld, times } = openComputer();
  expect([follow({ queued: 3, held: 1, verified: 9 }), isHeld()]).toEqual([false, false]);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([true, true]);
  expect([follow({ queued: 1 }), isHeld()]).toEqual([false, true]);
  vi.advanceTimersByTime(MINUTE_MS - 1);
  expect([follow({ verifying: 1 }), isHeld()]).toEqual([true, true]);
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect([isHeld(), times()]).toEqual([true, 1]);
});

test('what only waits lets it fall asleep after a minute, however often it is told', () => {
  const { follow, isHeld } = openComputer();
  follow({ uploading: 1 });
  for (let second = 0; second < 60; second += 1) {
    expect(isHeld()).toBe(true);
    follow({ queued: 1 });
    vi.advanceTimersByTime(1_000);
  }
  expect(isHeld()).toBe(false);
});

test('on battery it sleeps as it always does', () => {
  const { follow, isHeld, toBattery } = openComputer();
  toBattery(true);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([false, false]);
  toBattery(false);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([true, true]);
  toBattery(true);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([false, false]);
});
