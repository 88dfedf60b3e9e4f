/** @file The steps of an archive go on one at a time, and none beside what reads a plan as a whole. */
import { expect, test } from 'vitest';
import { createWorks } from '../../electron/engine/migrate/works.ts';

const openWorks = () =>
  createWorks({
    monotonicMs: () => 0,
    log: () => {},
    tell: () => {},
    left: { forgetLeft: () => {}, leave: () => {} },
  });

test('a step waits for what reads the plan, and beside a step nothing begins to read it', async () => {
  const works = openWorks();
  const order: string[] = [];
  const read = Promise.withResolvers<void>();
  const step = Promise.withResolvers<void>();
  const looked = works.look(() => read.promise.then(() => order.push('read')));
  works.begin('purge', null, () => {
    order.push('step');
    return step.promise;
  });
  expect(() => works.look(() => Promise.resolve())).toThrow('Another step goes on');
  read.resolve();
  await looked;
  await expect.poll(() => order).toEqual(['read', 'step']);
  step.resolve();
  await expect.poll(works.working).toBeNull();
  expect(await works.look(() => Promise.resolve('read'))).toBe('read');
});

test('a step begins although what was read before it has failed', async () => {
  const works = openWorks();
  const failed = works.look(() => Promise.reject(new Error('no disk')));
  let hasBegun = false;
  works.begin('purge', null, async () => {
    hasBegun = true;
  });
  await expect(failed).rejects.toThrow('no disk');
  await expect.poll(() => hasBegun).toBe(true);
});
