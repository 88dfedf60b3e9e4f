/** @file Hundreds of recordings that are put back at once wait for the disk once, and each is heard of after that. */
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createQueue } from '../../electron/engine/queue/queue.ts';
import { jobStore, type JobStore } from '../../electron/engine/store/jobs.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { AppError } from '../../shared/errors.ts';
import { hang } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const MANY = 4;

type Run = Parameters<typeof createQueue>[0]['run'];

function startQueue(jobs: JobStore, run: Run) {
  const queue = createQueue({
    jobs,
    width: { small: MANY, large: MANY },
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    run,
    onSuperseded: () => {},
    onStorage: () => {},
    onError: () => {},
  });
  onTestFinished(() => queue.stop());
  queue.start();
  return queue;
}

/** Jobs that are under way until they are stopped or `lose` is called. */
function queueOf(jobs: JobStore) {
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  lost.catch(() => {});
  let begun = 0;
  const queue = startQueue(jobs, (_job, signal) => {
    begun += 1;
    return Promise.race([lost, hang(signal)]);
  });
  return { queue, lose, begun: () => begun };
}

function enqueue(jobs: JobStore, n: number) {
  return jobs.enqueue({
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
  for (let n = 0; n < MANY; n += 1) enqueue(jobs, n);
  const putBack = await begin(jobs);
  left.length = 0;
  expect(underWay.get()).toBe(MANY);
  putBack();
  await vi.waitFor(() => expect(left).toHaveLength(MANY));
  expect(left).toEqual(Array.from({ length: MANY }, () => 0));
});

test('an upload that puts itself back is begun again once it has ended, and is stopped before it is changed', async () => {
  const dir = await tempDir();
  onTestFinished(() => dir[Symbol.asyncDispose]());
  const db = openDatabase(join(dir.path, 'ledger.db'));
  onTestFinished(() => void db.close());
  const jobs = jobStore(db, Date.now);
  const { id } = enqueue(jobs, 0).job;
  const seen: string[] = [];
  const queue = startQueue(jobs, async (_job, signal) => {
    if (seen.length > 0) {
      seen.push('second begins');
      await hang(signal).finally(() => seen.push('second ends'));
    }
    seen.push('first begins');
    const back = { type: 'interrupted', atMs: Date.now(), code: null } as const;
    await jobs.together(() => jobs.apply(id, [back]));
    queue.soon();
    await vi.waitFor(() => expect(jobs.get(id)?.state.kind).toBe('uploading'));
    seen.push('first ends');
  });
  await vi.waitFor(() => expect(seen).toHaveLength(3));
  const seenThen = await queue.change([id], () => [...seen]);
  expect(seenThen).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});
