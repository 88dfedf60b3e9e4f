import * as fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { jobKinds } from '#shared/job.ts';
import { folderRule, folderStore } from '../../electron/engine/store/folders.ts';
import { jobGroups, type JobGroup } from '../../electron/engine/store/job-lists.ts';
import { jobStore, type Job, type NewJob } from '../../electron/engine/store/jobs.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

const newJob = (n: number, sizeBytes = 10): NewJob => ({ ...queuedJob(n), sizeBytes });

async function openLedger() {
  const dir = await tempDir();
  const file = join(dir.path, 'ledger.db');
  const db = openDatabase(file);
  const other = openDatabase(file);
  const heard: Job[] = [];
  const jobs = jobStore(db, Date.now, (job) => heard.push(job));
  const count = other.prepare<[], number>('SELECT count(*) FROM jobs').pluck();
  return {
    db,
    other,
    jobs,
    heard,
    /** What somebody else sees: only what was committed. */
    committed: () => count.get(),
    [Symbol.asyncDispose]: async () => {
      db.close();
      other.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

describe('writes that are made together', () => {
  test('are promised and told when they are on the disk, and not before', async () => {
    await using ledger = await openLedger();
    const { jobs, heard, committed } = ledger;
    const seen: unknown[] = [];
    const write = async (n: number) => {
      await jobs.together(() => {
        jobs.enqueue(newJob(n));
        seen.push([committed(), heard.length]);
      });
      expect(committed()).toBe(3);
    };
    await Promise.all([1, 2, 3].map(write));
    expect(seen).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(heard.map(({ name }) => name)).toEqual(['1.mp3', '2.mp3', '3.mp3']);
  });

  test('do not fail with one of them, of which nothing is written or told', async () => {
    await using ledger = await openLedger();
    const { jobs, heard, committed } = ledger;
    const results = await Promise.allSettled([
      jobs.together(() => jobs.enqueue(newJob(1))),
      jobs.together(() => {
        jobs.enqueue(newJob(2));
        throw new Error('half of it');
      }),
      jobs.together(() => jobs.enqueue(newJob(3))),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(heard.map(({ name }) => name)).toEqual(['1.mp3', '3.mp3']);
    expect(committed()).toBe(2);
    expect(jobs.tally()).toEqual([{ kind: 'queued', count: 2, bytes: 20 }]);
  });

  test('that find no room are not promised: what was is there, what was not is not, and later ones go on', async () => {
    await using ledger = await openLedger();
    const { db, jobs, heard, committed } = ledger;
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages + 4}`);
    const many = async (from: number): Promise<number> => {
      const writes = Array.from({ length: 300 }, (_, n) =>
        jobs.together(() => jobs.enqueue({ ...newJob(from + n), name: 'x'.repeat(500) })),
      );
      const ended = await Promise.allSettled(writes);
      return ended.filter(({ status }) => status === 'fulfilled').length;
    };
    const promised = await many(0);
    expect(promised).toBeLessThan(300);
    expect([committed(), heard.length, db.inTransaction]).toEqual([promised, promised, false]);
    expect(jobs.tally().map(({ count: kept }) => kept)).toEqual(promised === 0 ? [] : [promised]);
    db.pragma(`max_page_count = ${pages + 10_000}`);
    expect(await many(1_000)).toBe(300);
    expect([committed(), heard.length]).toEqual([promised + 300, promised + 300]);
  });

  test('all fail with their commit: none is there, none was told', async () => {
    await using ledger = await openLedger();
    const { db, other, jobs, heard, committed } = ledger;
    db.pragma('busy_timeout = 0');
    other.exec('BEGIN IMMEDIATE');
    const writes = [1, 2].map((n) => jobs.together(() => jobs.enqueue(newJob(n))));
    const ended = await Promise.allSettled(writes);
    other.exec('ROLLBACK');
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([committed(), heard.length]).toEqual([0, 0]);
  });

  test('leave what is written by itself as it was: on the disk when the call returns', async () => {
    await using ledger = await openLedger();
    const { jobs, committed } = ledger;
    const later = jobs.together(() => jobs.enqueue(newJob(1)));
    jobs.enqueue(newJob(2));
    expect(committed()).toBe(1);
    await later;
    expect(committed()).toBe(2);
  });
});

test('claims each of many at once from its own state', async () => {
  await using ledger = await openLedger();
  const attempts = [0, 2, 0, 2, 1];
  for (const [n, tried] of attempts.entries()) {
    // Some differ by their time alone, which claiming forgets.
    const state = {
      kind: 'queued',
      attempts: tried,
      notBeforeMs: n % 2,
      code: null,
      upload: null,
    } as const;
    ledger.jobs.enqueue({ ...newJob(n), state });
  }
  const claimed = ledger.jobs.claim('small', 5, 9).toSorted((a, b) => a.id - b.id);
  expect(claimed.map(({ state }) => 'attempts' in state && state.attempts)).toEqual(
    attempts.map((tried) => tried + 1),
  );
  expect(claimed.map(({ id }) => ledger.jobs.get(id)?.state)).toEqual(
    claimed.map(({ state }) => state),
  );
});

test('a document is claimed while large recordings take all the room that they have', async () => {
  await using ledger = await openLedger();
  const { jobs } = ledger;
  for (let n = 0; n < 5; n += 1) jobs.enqueue(newJob(n, 3_000_000_000));
  jobs.enqueue(newJob(9));
  expect(jobs.claim('large', Date.now(), 4)).toHaveLength(4);
  expect(jobs.claim('small', Date.now(), 64).map(({ name }) => name)).toEqual(['9.mp3']);
});

test('what waits is listed by its turn, the last one first, whatever its size; what is under way is not', async () => {
  await using ledger = await openLedger();
  const { jobs } = ledger;
  const turns = [30, 10, 20, 10, 20, 5];
  for (const [n, notBeforeMs] of turns.entries()) {
    const job = newJob(n, n % 2 === 0 ? 10 : 9_000_000);
    jobs.enqueue({ ...job, state: { ...job.state, notBeforeMs } as NewJob['state'] });
  }
  const names = (offset: number, limit: number) =>
    jobs
      .page('waiting', offset, limit)
      .rows.map(({ name }) => name[0])
      .join('');
  expect([names(0, 9), names(1, 2), names(4, 9)]).toEqual(['042315', '42', '15']);
  jobs.claim('large', 10, 2);
  expect(names(0, 9)).toBe('0423');
  expect(jobs.page('active', 0, 9)).toMatchObject({
    rows: [{ name: '5.mp3' }, { name: '1.mp3' }],
    total: 2,
  });
});

/** What may happen to a row, by whatever way. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      'add',
      'claim',
      'store',
      'break',
      'keep',
      'lose',
      'cancel',
      'adopt',
      'undo',
    ),
    which: fc.nat(5),
    sizeBytes: fc.constantFrom(0, 10, 9_000_000),
  }),
  { maxLength: 40 },
);

test('the counts that are kept are those that counting gives and every list has its rows, whatever happens to them', async () => {
  await using ledger = await openLedger();
  const { db, jobs } = ledger;
  const rule = folderRule.parse({ kind: 'uploads', userId: 'u' });
  const inFolder = { folderId: folderStore(db, Date.now).put('/r', rule).id };
  const counted = db.prepare(
    `SELECT kind, count(*) AS count, sum(size_bytes) AS bytes FROM jobs GROUP BY kind ORDER BY kind`,
  );
  const dismissed = db
    .prepare<[], number>(
      `SELECT count(*) FROM jobs WHERE kind = 'dropped' AND state ->> 'why' = 'cancelled'`,
    )
    .pluck();
  let n = 0;
  const act = (what: string, which: number, sizeBytes: number): void => {
    const all = jobs.list(undefined, -1);
    const job = all[which % Math.max(1, all.length)];
    if (what === 'add') jobs.enqueue({ ...newJob((n += 1), sizeBytes), ...inFolder });
    else if (what === 'claim') jobs.claim(which % 2 ? 'small' : 'large', Date.now(), which);
    else if (job === undefined) return;
    else if (what === 'store') jobs.apply(job.id, [{ type: 'stored' }]);
    else if (what === 'break')
      jobs.apply(job.id, [{ type: 'broke', code: 'file-unreadable', notBeforeMs: 0 }]);
    else if (what === 'keep') jobs.apply(job.id, [{ type: 'kept', hold: { reason: 'infected' } }]);
    else if (what === 'lose') jobs.apply(job.id, [{ type: 'lost' }]);
    else if (what === 'cancel') jobs.apply(job.id, [{ type: 'cancelled' }]);
    else if (what === 'adopt') jobs.adopt(job.id, all[(which + 1) % all.length]!, undefined, 0);
    else
      db.transaction(() => {
        jobs.enqueue(newJob((n += 1), sizeBytes));
        db.exec('DELETE FROM jobs');
        throw new Error('undone');
      })();
  };
  fc.assert(
    fc.property(steps, (course) => {
      for (const { what, which, sizeBytes } of course) {
        try {
          act(what, which, sizeBytes);
        } catch {
          // Not every step suits every state: then nothing must have changed.
        }
        expect(jobs.tally()).toEqual(counted.all());
        expect(jobs.dismissed()).toBe(dismissed.get());
      }
      const all = jobs.list(undefined, -1);
      for (const kind of jobKinds)
        expect(jobs.list(kind, -1)).toEqual(all.filter(({ state }) => state.kind === kind));
      for (const [group, kinds] of Object.entries(jobGroups)) {
        const { rows, total } = jobs.page(group as JobGroup, 0, 100);
        const ofGroup = all.filter(
          ({ state }) =>
            (kinds as readonly string[]).includes(state.kind) &&
            (state.kind !== 'dropped' || state.why === 'cancelled'),
        );
        expect(rows.toSorted((a, b) => a.id - b.id)).toEqual(ofGroup);
        expect(total).toBe(ofGroup.length);
      }
      const mayNeedFiles = new Set(['held', 'queued', 'uploading', 'failed']);
      expect(jobs.unsentOf(1, 0).map(({ id }) => id)).toEqual(
        all.filter(({ state }) => mayNeedFiles.has(state.kind)).map(({ id }) => id),
      );
    }),
    { numRuns: 50 },
  );
});
