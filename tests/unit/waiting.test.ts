import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createTurns, unlessAborted, within } from '../../electron/engine/waiting.ts';

const never = new Promise<never>(() => {});

test('an end is waited for no longer than it may take, and a failure is told', async () => {
  await within(5, never);
  await within(60_000, Promise.resolve());
  await expect(within(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('an answer is given, or why there is none', async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow(
    'broken',
  );
});

test('whoever stops waits no longer, whether that comes before, meanwhile or with the answer', async () => {
  const stop = new AbortController();
  const meanwhile = unlessAborted(never, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(meanwhile).rejects.toThrow('stopped');
  await expect(unlessAborted(never, stop.signal)).rejects.toThrow('stopped');
  await expect(unlessAborted(Promise.resolve(7), stop.signal)).rejects.toThrow('stopped');
});

test('nothing of a wait stays on the signal', async () => {
  const { signal } = new AbortController();
  await unlessAborted(Promise.resolve(), signal);
  await unlessAborted(Promise.reject(new Error('broken')), signal).catch(() => {});
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('of those who name the same thing one works at a time, and who stops waiting holds up nobody', async () => {
  const { signal } = new AbortController();
  const turns = createTurns();
  const first = await turns.take('a', signal);
  await turns.take('b', signal);
  const stop = new AbortController();
  const told: string[] = [];
  const impatient = turns.take('a', stop.signal);
  const waits = turns.take('a', signal).then((turn) => (told.push('its turn'), turn));
  stop.abort(new Error('stopped'));
  await expect(impatient).rejects.toThrow('stopped');
  told.push('the first ends');
  first[Symbol.dispose]();
  using _ = await waits;
  expect(told).toEqual(['the first ends', 'its turn']);
});
