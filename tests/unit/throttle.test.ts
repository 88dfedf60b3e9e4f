import { expect, test } from 'vitest';
import { createThrottle } from '../../electron/engine/s3/throttle.ts';
import { AppError } from '../../shared/errors.ts';

const signal = new AbortController().signal;

function open() {
  const clock = { ms: 0 };
  const told: unknown[] = [];
  const throttle = createThrottle({
    monotonicMs: () => clock.ms,
    random: () => 0,
    onChange: (why) => told.push(why),
  });
  /** So many calls that are on their way until they are ended. */
  function begin(calls: number) {
    const ends: ((error?: Error) => void)[] = [];
    const all = Array.from({ length: calls }, () =>
      throttle.run(
        () =>
          new Promise<void>((resolve, reject) => {
            ends.push((error) => (error ? reject(error) : resolve()));
          }),
        signal,
      ),
    );
    const settled = Promise.allSettled(all);
    return {
      running: () => ends.length,
      end: async (error?: Error) => {
        await new Promise(setImmediate);
        for (let i = 0; i < ends.length; i += 1) {
          ends[i]!(error);
          await new Promise(setImmediate);
        }
        await settled;
      },
    };
  }
  const succeed = () => throttle.run(async () => {}, signal);
  return { clock, told, throttle, begin, succeed };
}

/** Not made again in its place: the storage wants to be left alone for longer. */
const busy = () =>
  new AppError('busy', undefined, { cause: { $response: { headers: { 'retry-after': '3600' } } } });

test('calls that are refused together halve what is asked at a time, once', async () => {
  const { throttle, begin, told, clock } = open();
  const calls = begin(8);
  await calls.end(busy());
  expect([throttle.limit, throttle.why, told]).toEqual([4, 'asked', ['asked']]);
  clock.ms += 1_000;
  await begin(4).end(busy());
  expect(throttle.limit).toBe(2);
  for (let i = 0; i < 5; i += 1) {
    clock.ms += 1_000;
    await begin(1).end(busy());
  }
  expect([throttle.limit, told]).toEqual([1, ['asked']]);
});

test('what is more than that waits for its turn, in the order of asking', async () => {
  const { throttle, begin } = open();
  await begin(4).end(busy());
  expect(throttle.limit).toBe(2);
  const calls = begin(5);
  await new Promise(setImmediate);
  expect(calls.running()).toBe(2);
  await calls.end();
  expect(calls.running()).toBe(5);
});

test('with each round of successes one more is asked at a time, and the end of it is told', async () => {
  const { throttle, begin, succeed, told } = open();
  await begin(2).end(busy());
  const limits = new Set<number>();
  let calls = 0;
  for (; throttle.why !== undefined && calls < 1_000; calls += 1) {
    await succeed();
    limits.add(throttle.limit);
  }
  expect([...limits]).toEqual(
    Array.from({ length: throttle.limit }, (_, i) => i + 1).slice(-limits.size),
  );
  expect(told).toEqual(['asked', undefined]);
  // Additive: the way back from one takes as many rounds as there are calls, not twice as few.
  expect(calls).toBeGreaterThan(150);
});

test('a look that takes seconds is a sign, too; a large part that does is none', async () => {
  const { throttle, clock, told } = open();
  const slow = async () => void (clock.ms += 6_000);
  await throttle.run(slow, signal);
  expect(throttle.why).toBeUndefined();
  await throttle.run(slow, signal, true);
  expect(told).toEqual(['slow']);
});

test('other failures change nothing', async () => {
  const { throttle, begin } = open();
  const before = throttle.limit;
  await begin(3).end(new AppError('access-denied'));
  expect([throttle.limit, throttle.why]).toEqual([before, undefined]);
});

test('who is called off while waiting is let go at once, and takes nobody’s turn', async () => {
  const { throttle, begin } = open();
  await begin(2).end(busy());
  const first = begin(1);
  await new Promise(setImmediate);
  const stop = new AbortController();
  const second = throttle.run(async () => 'ran', stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(second).rejects.toThrow('cancelled');
  const third = throttle.run(async () => 'ran', signal);
  await first.end();
  expect(await third).toBe('ran');
});

/** A storage with so much to do for so many calls, in milliseconds of a clock of the test's own. @returns The limit after each round. */
async function load(calls: number, roundMs: (atOnce: number) => number): Promise<number[]> {
  const { throttle, clock } = open();
  const limits: number[] = [];
  let left = calls;
  let here: (() => void)[] = [];
  const all = Array.from({ length: calls }, () =>
    throttle.run(() => new Promise<void>((resolve) => void here.push(resolve)), signal),
  );
  while (left > 0) {
    await new Promise(setImmediate);
    const round = here;
    here = [];
    clock.ms += roundMs(round.length);
    left -= round.length;
    for (const end of round) end();
    limits.push(throttle.limit);
  }
  await Promise.all(all);
  return limits;
}

test('a storage that is far away is asked more at a time, as long as more comes back', async () => {
  const limits = await load(5_000, () => 30);
  expect(limits[8]).toBe(128);
  expect(limits).toEqual(limits.toSorted((a, b) => a - b));
});

test('one that answers no more for it, is not', async () => {
  const limits = await load(5_000, (atOnce) => atOnce * 2);
  expect(Math.min(...limits)).toBe(24);
  // A great step is tried once, and seen to be none within two rounds.
  const [first = 0, ...later] = limits.flatMap((limit, round) => (limit > 40 ? round : []));
  expect(first).toBeLessThan(8);
  expect(later.length).toBeLessThan(4);
});

test('what makes it slower falls back to what did not', async () => {
  const limits = await load(10_000, (atOnce) => (atOnce > 96 ? 60 : 30));
  const most = limits.indexOf(128);
  expect(most).toBeGreaterThan(0);
  expect(Math.min(...limits.slice(most))).toBe(96);
});
