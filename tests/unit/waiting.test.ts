import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { unlessAborted, within } from '../../electron/engine/waiting.ts';

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
