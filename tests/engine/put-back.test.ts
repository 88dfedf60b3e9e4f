/** @file Hundreds of recordings that are put back at once wait for the disk once, and each is heard of after that. */
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createQueue } from '../../electron/engine/queue/queue.ts';
import { jobStore, type JobStore } from '../../electron/engine/store/jobs.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { AppError } from '../../shared/errors.ts';
import { tempDir } from '../support/temp-dir.ts';

const MANY = 4;

/** Jobs that are under way until they are stopped or `lose` is called. */
function queueOf(jobs: JobStore) {
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  lost.catch(() => {});
  let begun = 0;
  const queue = createQueue({
    jobs,
    width: { small: MANY, large: MANY },
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    run(_job, signal) {
      begun += 1;
      const { promise: stopped, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return Promise.race([lost, stopped]);
    },
    onSuperseded: () => {},
    onStorage: () => {},
    onError: () => {},
  });
  onTestFinished(() => queue.stop());
  queue.start();
  return { queue, lose, begun: () => begun };
}

const events = {
  'a start after a crash': async (jobs: JobStore) => {
    jobs.claim('small', Date.now(), MANY);
    return () => void jobs.recover();
  },
  'a pause': async (jobs: JobStore) => {
    const { queue, begun } = queueOf(jobs);
    await vi.waitFor(() => expect(begun()).toBe(MANY));
    return () => queue.setPaused(true);
  },
  'the loss of the storage': async (jobs: JobStore) => {
    const { lose, begun } = queueOf(jobs);
    await vi.waitFor(() => expect(begun()).toBe(MANY));
    return () => lose(new AppError('offline'));
  },
};

test.each(Object.entries(events))('%s puts back all in one commit', async (_what, begin) => {
  const dir = await tempDir();
  onTestFinished(() => dir[Symbol.asyncDispose]());
  const file = join(dir.path, 'ledger.db');
  const [db, outside] = [openDatabase(file), openDatabase(file)];
  onTestFinished(() => [db, outside].forEach((it) => it.close()));
  const underWay = outside
    .prepare<[], number>(`SELECT count(*) FROM jobs WHERE kind IN ('uploading', 'verifying')`)
    .pluck();
  const left: (number | undefined)[] = [];
  const jobs = jobStore(db, Date.now, ({ state }) => {
    if (state.kind === 'queued') left.push(underWay.get());
  });
  for (let n = 0; n < MANY; n += 1)
    jobs.enqueue({
      path: `/r/${n}.mp3`,
      sizeBytes: 10,
      mtimeNs: '1',
      name: `${n}.mp3`,
      folderId: undefined,
      contentType: 'audio/mpeg',
      destination: { kind: 'uploads', userId: 'u' },
      key: `uploads/u/${n}`,
      token: `token ${n}`,
      state: { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
    });
  const putBack = await begin(jobs);
  left.length = 0;
  expect(underWay.get()).toBe(MANY);
  putBack();
  await vi.waitFor(() => expect(left).toHaveLength(MANY));
  expect(left).toEqual(Array.from({ length: MANY }, () => 0));
});
