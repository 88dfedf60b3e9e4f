import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createOnTheWay } from '../../electron/engine/upload/on-the-way.ts';
import { jobView } from '../../electron/engine/window/views.ts';
import { MIB } from '../../shared/parts.ts';
import { bioClass, countingServer, openTestEngine, randomFile } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

test.each([
  ['on a slow line', { bytesPerSecond: () => 6 * MIB }],
  ['over plain http without a limit', {}],
])(
  'of a large recording %s is seen what has left, before the storage has a part of it',
  async (_, settings) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    await using folder = await tempDir();
    const sizeBytes = 12 * MIB;
    await randomFile(join(folder.path, 'long.mp3'), sizeBytes);
    await using app = openTestEngine(s3, dir.path, { settings });
    const { engine } = app;
    const seen: { sent: number; left: number }[] = [];
    engine.events.on((event) => {
      if (event.type !== 'on-the-way' && event.type !== 'job') return;
      const job = engine.jobs.get(event.type === 'job' ? event.job.id : event.jobId)!;
      const view = jobView(job, engine.jobs.sentOf(job), false, engine.onTheWay(job.id));
      seen.push({ sent: view.sentBytes, left: view.onTheWayBytes });
    });
    await engine.addFolder(folder.path, bioClass);
    const { verified } = await engine.syncOnce(AbortSignal.timeout(60_000));
    expect(verified).toBe(1);
    expect(seen.some(({ sent, left }) => sent === 0 && left > 0)).toBe(true);
    for (const { sent, left } of seen) expect(sent + left).toBeLessThanOrEqual(sizeBytes);
    expect(engine.jobs.list('verified', -1).map(({ id }) => engine.onTheWay(id))).toEqual([0]);
  },
);

test('what has left is that of the last attempt, is gone when that is over, and is told twice a second', () => {
  let nowMs = 0;
  const told: number[] = [];
  const onTheWay = createOnTheWay(
    () => nowMs,
    (id) => told.push(id),
  );
  onTheWay.note(1, 1, 5);
  onTheWay.note(1, 2, 7);
  onTheWay.note(2, 1, 1);
  expect([onTheWay.of(1), onTheWay.of(2), told]).toEqual([12, 1, [1, 2]]);
  nowMs = 500;
  onTheWay.note(1, 2, 3);
  expect([onTheWay.of(1), told]).toEqual([8, [1, 2, 1]]);
  onTheWay.note(1, 1, 0);
  onTheWay.note(1, 2, 0);
  expect(onTheWay.of(1)).toBe(0);
});
