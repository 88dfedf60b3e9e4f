import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { groupSyncs } from '../../electron/embedded-s3/store/durability.ts';
import { openEmbedded, type Fixture } from './fixture.ts';
import { createUpload, putPart } from './multipart-steps.ts';

/** How many unfinished and finished files there are at each flush that `action` causes. */
async function filesAtFlushes(s3: Fixture, action: () => Promise<unknown>): Promise<number[][]> {
  const count = (name: string) => readdirSync(join(s3.dataDir, name)).length;
  const handle = await open(join(s3.dataDir, 'index.sqlite'));
  const prototype = Object.getPrototypeOf(handle) as typeof handle; // There is no other way to it.
  await handle.close();
  const seen: number[][] = [];
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(function flush(this: typeof handle) {
    seen.push([count('tmp'), count('data')]);
    return this.datasync();
  });
  try {
    await action();
  } finally {
    spy.mockRestore();
  }
  return seen;
}

// Windows flushes the names in a folder by itself.
test.skipIf(process.platform === 'win32')(
  'before an upload is answered its bytes, then its name, then its index entry are flushed',
  async () => {
    await using s3 = await openEmbedded();
    const object = await filesAtFlushes(s3, () => s3.ask('PUT', 'x', { body: 'x' }));
    expect(object).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
    const uploadId = await createUpload(s3, 'm');
    const part = await filesAtFlushes(s3, () =>
      putPart(s3, 'm', { uploadId, number: 1, body: 'x' }),
    );
    expect(part).toEqual([
      [1, 1],
      [0, 2],
      [0, 2],
    ]);
  },
);

test('a delete is flushed before it is answered', async () => {
  await using s3 = await openEmbedded();
  await s3.ask('PUT', 'x', { body: 'x' });
  expect(await filesAtFlushes(s3, () => s3.ask('DELETE', 'x'))).toHaveLength(1);
});

test('those who ask while a flush runs share the next one, and nobody is answered by an earlier one', async () => {
  const ends: (() => void)[] = [];
  const sync = groupSyncs(() => new Promise((resolve) => void ends.push(resolve)));
  const answered: string[] = [];
  const ask = (name: string) => sync().then(() => answered.push(name));
  const all = [ask('first'), ask('second'), ask('third')];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await all[0];
  await expect.poll(() => ends).toHaveLength(2);
  expect(answered).toEqual(['first']);
  ends[1]?.();
  await Promise.all(all);
  expect(answered).toEqual(['first', 'second', 'third']);
  expect(ends).toHaveLength(2);
});

test('a flush that failed does not stop the next one', async () => {
  const sync = groupSyncs(
    vi.fn().mockRejectedValueOnce(new Error('disk')).mockResolvedValue(undefined),
  );
  const results = await Promise.allSettled([sync(), sync()]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});
