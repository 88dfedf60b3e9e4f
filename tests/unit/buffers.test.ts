import { expect, test } from 'vitest';
import { createBuffers } from '../../electron/engine/buffers.ts';

test('memory that came back is used again, is nobody else’s meanwhile, and is let go in the end', () => {
  const buffers = createBuffers();
  const [first, second] = [buffers.take(8), buffers.take(8)];
  expect(first).not.toBe(second);
  buffers.giveBack(first);
  const third = buffers.take(5);
  expect(third).toBe(first);
  expect(buffers.take(8)).not.toBe(first);
  for (const buffer of [second, third]) buffers.giveBack(buffer);
  buffers.drop();
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
