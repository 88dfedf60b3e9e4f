import { expect, onTestFinished, test, vi } from 'vitest';
import { createBuffers } from '../../electron/engine/upload/buffers.ts';

test('memory that came back is used again, is nobody else’s meanwhile, and is let go in the end', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const buffers = createBuffers();
  const [first, second] = [buffers.take(8), buffers.take(8)];
  expect(first).not.toBe(second);
  buffers.giveBack(first);
  const third = buffers.take(5);
  expect(third).toBe(first);
  expect(buffers.take(8)).not.toBe(first);
  for (const buffer of [second, third]) buffers.giveBack(buffer);
  buffers.drop();
  const kept = buffers.take(8);
  expect([first, second]).toContain(kept);
  // One that is on its way is no reason to let the others go.
  vi.advanceTimersByTime(60_000);
  buffers.giveBack(kept);
  expect([first, second]).toContain(buffers.take(8));
  buffers.giveBack(kept);
  vi.advanceTimersByTime(60_000);
  expect([first, second]).not.toContain(buffers.take(8));
});

test('memory whose request failed is never used again: its socket may still read it', () => {
  const buffers = createBuffers();
  const [failed, other] = [buffers.take(8), buffers.take(8)];
  buffers.drop();
  expect(buffers.take(8)).not.toBe(failed);
  buffers.giveBack(other);
  expect(buffers.take(8)).toBe(other);
});
