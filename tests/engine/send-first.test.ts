import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { createDecisions } from '../../electron/engine/queue/decisions.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore, type NewJob } from '../../electron/engine/store/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

const newJob = (n: number, notBeforeMs: number): NewJob => ({
  path: `/r/${n}.mp3`,
  sizeBytes: 10,
  mtimeNs: String(n),
  name: `${n}.mp3`,
  folderId: undefined,
  contentType: 'audio/mpeg',
  destination: { kind: 'uploads', userId: 'u' },
  key: `uploads/u/${n}`,
  token: `token-${n}`,
  state: { kind: 'queued', attempts: 0, notBeforeMs, code: null, upload: null },
});

test('sends first what a person puts first, the last put before the others, and lists it so', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  const jobs = jobStore(database, Date.now, () => {});
  const ids = [10, 20, 30, 40].map((at, n) => jobs.enqueue(newJob(n, at)).job.id);
  const decisions = createDecisions({
    jobs,
    intake: createIntake(jobs, Date.now),
    folders: folderStore(database, Date.now),
    nowMs: Date.now,
  });
  expect(decisions.sendFirst({ ids: [ids[3]!] })).toBe(1);
  expect(decisions.sendFirst({ ids: [ids[2]!, ids[1]!, 999] })).toBe(2);
  const names = (offset: number, limit: number) =>
    jobs.page('waiting', offset, limit).rows.map(({ name }) => name);
  expect(names(0, 9)).toEqual(['2.mp3', '1.mp3', '3.mp3', '0.mp3']);
  expect([names(1, 2), names(2, 2), names(3, 2)]).toEqual([
    ['1.mp3', '3.mp3'],
    ['3.mp3', '0.mp3'],
    ['0.mp3'],
  ]);
  // An interruption does not cost it its turn; a failure of its own does.
  const claim = () => jobs.claim('small', 50, 1)[0]!;
  const interrupted = { type: 'interrupted', atMs: 45, code: 'offline' } as const;
  expect(jobs.apply(claim().id, [interrupted]).name).toBe('2.mp3');
  expect(jobs.apply(claim().id, [interrupted]).name).toBe('2.mp3');
  const broke = { type: 'broke', code: 'server-error', notBeforeMs: 46 } as const;
  expect(jobs.apply(claim().id, [broke]).name).toBe('2.mp3');
  expect([1, 2, 3, 4].map(() => claim().name)).toEqual(['1.mp3', '3.mp3', '0.mp3', '2.mp3']);
  close();
});
