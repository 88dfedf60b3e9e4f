import { expect, test } from 'vitest';
import { partSlots } from '../../electron/engine/upload/part-slots.ts';

/** Begins each, and ends them by hand. */
function openParts(mostBytes: number, sizes: readonly number[], mostUnderWay?: number) {
  const slots = partSlots(mostBytes, mostUnderWay);
  const held: number[] = [];
  const leave: (() => void)[] = [];
  const stops = sizes.map(() => new AbortController());
  const ends = sizes.map((bytes, i) => {
    const end = Promise.withResolvers<void>();
    const run = async (gone: () => void) => {
      held.push(bytes);
      leave.push(gone);
      await end.promise.finally(() => held.splice(held.indexOf(bytes), 1));
    };
    const done = slots(bytes, run, stops[i]!.signal);
    return { end, done };
  });
  return {
    held,
    leave,
    stop: async (part: number) => {
      stops[part]!.abort(new Error('not wanted any more'));
      await expect(ends[part]!.done).rejects.toThrow('not wanted any more');
    },
    finish: async (part: number) => {
      ends[part]!.end.resolve();
      await ends[part]!.done;
    },
    fail: async (part: number) => {
      ends[part]!.end.reject(new Error('lost'));
      await expect(ends[part]!.done).rejects.toThrow('lost');
    },
  };
}

test('as many run as there are bytes for, in the order of asking', async () => {
  const { held, finish } = openParts(48, [16, 16, 16, 32, 1]);
  await expect.poll(() => held).toEqual([16, 16, 16]);
  await finish(1);
  // The small one does not overtake: a large one would wait for ever.
  expect(held).toEqual([16, 16]);
  await finish(0);
  await expect.poll(() => held).toEqual([16, 32]);
  await finish(2);
  await expect.poll(() => held).toEqual([32, 1]);
});

test('what is larger than all the room runs alone, and a failure gives its room back', async () => {
  const { held, fail, finish } = openParts(48, [8, 5_000, 8]);
  await expect.poll(() => held).toEqual([8]);
  await fail(0);
  await expect.poll(() => held).toEqual([5_000]);
  await finish(1);
  await expect.poll(() => held).toEqual([8]);
});

test('what has gone makes room for others, once, until so many wait for their answers', async () => {
  const { held, leave, finish } = openParts(8, [8, 8, 8, 8], 24);
  await expect.poll(() => held).toEqual([8]);
  leave[0]!();
  leave[0]!();
  await expect.poll(() => held).toEqual([8, 8]);
  leave[1]!();
  await expect.poll(() => held).toEqual([8, 8, 8]);
  leave[2]!();
  await finish(2);
  await expect.poll(() => leave).toHaveLength(4);
  expect(held).toEqual([8, 8, 8]);
});

test('who gives up while others run waits for none of them, and makes room for who comes after', async () => {
  const { held, stop, finish } = openParts(48, [16, 48, 16, 16]);
  await expect.poll(() => held).toEqual([16]);
  await stop(1);
  await expect.poll(() => held).toEqual([16, 16, 16]);
  for (const part of [0, 2, 3]) await finish(part);
  expect(held).toEqual([]);
});
