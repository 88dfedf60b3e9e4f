import { expect, test } from 'vitest';
import { createFindJobs } from '../../electron/engine/queue/find-jobs.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

async function ledger(names: readonly string[]) {
  const dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  const jobs = jobStore(database, Date.now);
  const ids: number[] = [];
  await jobs.together(() => {
    for (const [n, name] of names.entries()) {
      const { job } = jobs.enqueue({
        ...queuedJob(n),
        path: `/Aufnahmen/${name}`,
        name,
        destination: { kind: 'audio', classId: n % 2 === 0 ? 'BIO-101' : 'chem-2', userId: 'u' },
      });
      ids.push(job.id);
    }
  });
  const find = createFindJobs(jobs);
  const found = async (words: string, ...groups: Parameters<typeof find>[0]) =>
    (await find(groups, words)).rows.map(({ name }) => name);
  const end = async () => {
    close();
    await dir[Symbol.asyncDispose]();
  };
  return { database, jobs, ids, find, found, [Symbol.asyncDispose]: end };
}

test('all words have to be in name, folder or class, whatever case and accents, the newest first', async () => {
  await using all = await ledger(['Zellen 1.mp3', 'Säuren.mp3', 'Zellen 2.mp3', 'zellen 3.mp3']);
  const { jobs, ids, found } = all;
  expect(await found('ZELLEN', 'waiting')).toEqual([
    'zellen 3.mp3',
    'Zellen 2.mp3',
    'Zellen 1.mp3',
  ]);
  expect(await found('  zellen   bio ', 'waiting')).toEqual(['Zellen 2.mp3', 'Zellen 1.mp3']);
  expect(await found('sauren aufnahmen', 'waiting')).toEqual(['Säuren.mp3']);
  expect(await found('zellen %', 'waiting')).toEqual([]);
  jobs.apply(ids[0]!, [{ type: 'cancelled' }]);
  jobs.apply(ids[2]!, [{ type: 'superseded' }]);
  expect(await found('zellen', 'waiting', 'attention')).toEqual(['zellen 3.mp3']);
  expect(await found('zellen', 'dismissed')).toEqual(['Zellen 1.mp3']);
});

test('what cannot be read of a row keeps no other from being found', async () => {
  await using all = await ledger(['Zellen 1.mp3', 'Zellen 2.mp3', 'Zellen 3.mp3']);
  const { database, ids, found } = all;
  const harm = (column: string, id: number) =>
    database.prepare(`UPDATE jobs SET ${column} WHERE id = ?`).run(id);
  harm(`state = json_set(state, '$.attempts', 'many')`, ids[1]!);
  harm(`destination = '{'`, ids[2]!);
  expect(await found('zellen', 'waiting')).toEqual(['Zellen 1.mp3']);
});

test('among very many, others have their turn, a hundred are enough, and a search ends the one before', async () => {
  const names = Array.from({ length: 30_000 }, (_, n) => `Lecture ${10_000 + n}.mp3`);
  await using all = await ledger(names);
  const { find } = all;
  const many = await find(['waiting'], 'lecture');
  expect([many.rows.length, many.hasMore]).toEqual([100, true]);
  expect(many.rows[0]?.name).toBe('Lecture 39999.mp3');
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const first = await find(['waiting'], 'lecture 10017');
  isOver = true;
  expect([first.rows.map(({ name }) => name), first.hasMore]).toEqual([
    ['Lecture 10017.mp3'],
    false,
  ]);
  expect(turns).toBeGreaterThan(2);
  const [ended, last] = await Promise.all([
    find(['waiting'], 'lecture 10017'),
    find(['waiting'], 'lecture 10018'),
  ]);
  expect(ended).toEqual({ rows: [], hasMore: true });
  expect(last.rows.map(({ name }) => name)).toEqual(['Lecture 10018.mp3']);
});
