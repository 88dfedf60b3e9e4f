import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

test('what may end the program at each start goes behind all others, and one by one; what came further does not', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  let now = 50;
  const jobs = jobStore(
    database,
    () => now,
    () => {},
  );
  for (const n of [0, 1, 2, 3]) jobs.enqueue(queuedJob(n, 10 + n));
  const claim = (most: number) => jobs.claim('small', now, most).map(({ name }) => name);
  expect(claim(3)).toEqual(['0.mp3', '1.mp3', '2.mp3']);
  jobs.recover();
  // A kill by itself says nothing: what was begun goes on.
  const [poison, , further] = jobs.claim('small', now, 3);
  expect(claim(0)).toEqual([]);
  const part = { number: 1, sizeBytes: 5, crc32: 1, etag: 'e' };
  jobs.apply(further!.id, [{ type: 'began', upload: { id: 'u', partBytes: 5 } }]);
  jobs.addPart(further!.id, 'u', part, 5);
  jobs.recover();
  expect(claim(4)).toEqual(['2.mp3', '3.mp3']);
  now = jobs.nextStartMs()!;
  expect(claim(4)).toEqual([poison!.name]);
  now = jobs.nextStartMs()!;
  expect(claim(4)).toEqual(['1.mp3']);
  close();
});
