import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { abreast } from '../../electron/engine/migrate/abreast.ts';
import type { PlannedFile } from '../../electron/engine/store/plans.ts';

const FILES = 1_000;

/** Counts how far ahead of the work files are asked for. */
function* filesOf(asked: { files: number }): Generator<PlannedFile> {
  for (let id = 0; id < FILES; id += 1) {
    asked.files += 1;
    yield { id } as PlannedFile;
  }
}

test('so many files at a time, in order, and few are held whatever their number', async () => {
  const asked = { files: 0 };
  let running = 0;
  let most = 0;
  let done = 0;
  let held = 0;
  const work = async ({ id }: PlannedFile): Promise<number> => {
    most = Math.max(most, (running += 1));
    held = Math.max(held, asked.files - done);
    await setImmediate();
    running -= 1;
    done += 1;
    return id;
  };
  const found: number[] = [];
  for await (const page of abreast(filesOf(asked), 4, undefined, work)) found.push(...page);
  expect(found).toEqual(Array.from({ length: FILES }, (_, id) => id));
  expect(most).toBe(4);
  expect(held).toBeLessThanOrEqual(256);
});

test('nothing goes on any more when it fails, and nothing new was begun', async () => {
  let running = 0;
  let begun = 0;
  const found: number[] = [];
  const work = async ({ id }: PlannedFile): Promise<number> => {
    running += 1;
    begun += 1;
    await setImmediate();
    if (id === 2) {
      running -= 1;
      throw new Error('the storage is away');
    }
    await setImmediate();
    running -= 1;
    return id;
  };
  const all = async () => {
    for await (const page of abreast(filesOf({ files: 0 }), 4, undefined, work))
      found.push(...page);
  };
  await expect(all()).rejects.toThrow('the storage is away');
  expect(running).toBe(0);
  expect(begun).toBeLessThanOrEqual(8);
  // What was done before, and beside it, is told.
  expect(found).toEqual([0, 1, 3]);
  const gone = AbortSignal.abort(new Error('stopped'));
  const none = abreast(filesOf({ files: 0 }), 4, gone, work);
  await expect(none.next()).rejects.toThrow('stopped');
});
