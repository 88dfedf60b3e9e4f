import DatabaseConstructor from 'better-sqlite3';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore, type Job, type NewJob } from '../../electron/engine/store/jobs.ts';
import { migrations } from '../../electron/engine/store/migrations.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

async function openLedger() {
  const dir = await tempDir();
  const file = join(dir.path, 'ledger.db');
  const db = openDatabase(file);
  const heard: Job[] = [];
  const asked: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = (sql: string) => {
    asked.push(sql);
    return prepare(sql);
  };
  return {
    file,
    db,
    heard,
    /** Every statement that was prepared. */
    asked,
    jobs: jobStore(
      db,
      () => 1_000,
      (job) => heard.push(job),
    ),
    [Symbol.asyncDispose]: async () => {
      db.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

describe('the ledger', () => {
  test('writes through to the disk before it says so, also after its first write and when it is opened again', async () => {
    await using ledger = await openLedger();
    const durability = () => ({
      journal: ledger.db.pragma('journal_mode', { simple: true }),
      // 2 is FULL. Builds of SQLite fall back to 1 with the first write, and that loses commits.
      synchronous: ledger.db.pragma('synchronous', { simple: true }),
    });
    ledger.jobs.enqueue(queuedJob(1));
    expect(durability()).toEqual({ journal: 'wal', synchronous: 2 });
    const again = openDatabase(ledger.file);
    jobStore(again, Date.now).enqueue(queuedJob(2));
    expect(again.pragma('synchronous', { simple: true })).toBe(2);
    again.close();
  });

  test('is for its owner’s eyes only', async () => {
    await using ledger = await openLedger();
    ledger.jobs.enqueue(queuedJob(1));
    const modes = [ledger.file, `${ledger.file}-wal`, `${ledger.file}-shm`].map(
      async (file) => (await stat(file)).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o600, 0o600, 0o600]);
  });

  test('takes no value of another type, and no part without its job', async () => {
    await using ledger = await openLedger();
    const { job } = ledger.jobs.enqueue(queuedJob(1));
    const run = (sql: string) => () => ledger.db.exec(sql);
    expect(run(`UPDATE jobs SET size_bytes = 'large'`)).toThrow(/cannot store TEXT/);
    expect(run(`UPDATE jobs SET size_bytes = -1`)).toThrow(/CHECK/);
    expect(run(`UPDATE jobs SET token = NULL`)).toThrow(/NOT NULL/);
    expect(run(`INSERT INTO parts VALUES (${job.id}, 'u', 10001, 1, 1, 'e')`)).toThrow(/CHECK/);
    expect(run(`INSERT INTO parts VALUES (999, 'u', 1, 1, 1, 'e')`)).toThrow(/FOREIGN KEY/);
    expect(run(`UPDATE links SET mode = 'x'`)).not.toThrow();
    expect(
      run(`INSERT INTO links VALUES (1, 'k', 'n', 'steal', NULL, 1, 2, NULL, 0, NULL, NULL)`),
    ).toThrow(/CHECK/);
  });

  test('is made from nothing by the migrations, and opening it again changes nothing', async () => {
    await using ledger = await openLedger();
    const schema = () =>
      ledger.db.prepare(`SELECT name, sql FROM sqlite_schema ORDER BY name`).all() as object[];
    const before = schema();
    openDatabase(ledger.file).close();
    expect(schema()).toEqual(before);
    expect(ledger.db.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(ledger.db.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  test('of a newer version is refused and left as it is, to the byte', async () => {
    await using dir = await tempDir();
    for (const journal of ['delete', 'wal']) {
      const file = join(dir.path, `${journal}.db`);
      const newer = new DatabaseConstructor(file);
      newer.pragma(`journal_mode = ${journal}`);
      newer.exec(`CREATE TABLE of_tomorrow (x); PRAGMA user_version = ${migrations.length + 1}`);
      newer.close();
      const before = await readFile(file);
      expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'home-newer' }));
      expect((await readFile(file)).equals(before)).toBe(true);
    }
  });

  test('that is no ledger at all is refused and left as it is', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'ledger.db');
    await writeFile(file, 'these are my notes, not a database, and they are long enough');
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'home-damaged' }));
    for (const open of [lockHome, openHome])
      expect(() => open({ path: dir.path })).toThrow(
        expect.objectContaining({ code: 'home-unusable' }),
      );
    expect(await readFile(file, 'utf8')).toMatch(/^these are my notes/);
  });

  test('of another program is refused and left as it is, to the byte', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'ledger.db');
    const other = new DatabaseConstructor(file);
    other.exec('CREATE TABLE accounts (iban TEXT)');
    other.close();
    const before = await readFile(file);
    expect(() => lockHome({ path: dir.path })).toThrow(
      expect.objectContaining({ code: 'home-unusable' }),
    );
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  test('runs no code that a file brings along, and lets nobody rewrite its schema', async () => {
    await using ledger = await openLedger();
    expect(ledger.db.pragma('trusted_schema', { simple: true })).toBe(0);
    expect(() =>
      ledger.db.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''`),
    ).toThrow(/may not be modified/);
  });
});

describe('the queue in the ledger', () => {
  test('is asked through its indexes, however long it is', async () => {
    await using ledger = await openLedger();
    const insert = ledger.db.transaction(() => {
      for (let n = 0; n < 2_000; n++) ledger.jobs.enqueue(queuedJob(n));
    });
    insert();
    const plan = (sql: string) =>
      ledger.db
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(
          ...sql
            .split('?')
            .slice(1)
            .map(() => null),
        )
        .map(({ detail }) => detail);
    const claims = ledger.asked.filter((sql) => sql.includes('ORDER BY not_before_ms, id'));
    expect(claims).toHaveLength(4);
    for (const sql of claims) {
      expect(plan(sql)[0]).toMatch(
        /^(SEARCH|SCAN) jobs USING (COVERING )?INDEX jobs_moving_(small|large)/,
      );
      expect(plan(sql).join()).not.toContain('TEMP B-TREE');
    }
    const turns = claims.filter((sql) => plan(sql)[0]?.includes('>? AND not_before_ms<?)'));
    expect(turns).toHaveLength(2); // No row is read whose turn it is not.
    expect(
      plan(
        `SELECT * FROM jobs WHERE path = '/r/1.mp3' AND size_bytes = 10 AND mtime_ns = '1' ORDER BY id`,
      )[0],
    ).toBe('SEARCH jobs USING INDEX jobs_version (path=? AND size_bytes=? AND mtime_ns=?)');
    expect(plan(`SELECT * FROM jobs WHERE path = '/r/1.mp3' ORDER BY id`)[0]).toBe(
      'SEARCH jobs USING INDEX jobs_version (path=?)',
    );
    const indexes = (what: string) =>
      ledger.asked
        .filter((sql) => sql.includes(what))
        .flatMap((sql) => plan(sql).flatMap((line) => /INDEX ([a-z]\w+)/.exec(line)?.[1] ?? []));
    expect(indexes(`substr(?, 1, 12)`)).toEqual(['jobs_by_content']);
    expect(indexes('inode = ? AND')).toEqual(['jobs_by_file']);
    expect(indexes('OR same_as = ?')).toEqual(['sqlite_autoindex_jobs_1', 'jobs_by_same']);
    expect(indexes('folder_id = ? ORDER')).toEqual(['jobs_by_folder']);
    const lanes = ['jobs_moving_small', 'jobs_moving_large'];
    // What is under way, what was put first, and the rest.
    expect(indexes('WITH page')).toEqual([...lanes, ...lanes, ...lanes]);
    expect(indexes('min(not_before_ms)')).toEqual(lanes);
    expect(indexes('count(*) FROM (SELECT id, not_before')).toEqual(lanes);
  });

  test('gives each job to one claimer, the longest waiting first, and none before its time', async () => {
    await using ledger = await openLedger();
    for (const [n, at] of [30, 10, 20, 10, 99].entries()) ledger.jobs.enqueue(queuedJob(n, at));
    const other = openDatabase(ledger.file);
    const stores = [ledger.jobs, jobStore(other, Date.now)];
    const claimed: (string | undefined)[] = [];
    for (let n = 0; n < 6; n++) claimed.push(stores[n % 2]!.claim('small', 50, 1)[0]?.name);
    expect(claimed).toEqual(['1.mp3', '3.mp3', '2.mp3', '0.mp3', undefined, undefined]);
    expect(ledger.jobs.nextStartMs()).toBe(99);
    other.close();
  });

  test('holds each version of a file once for each place it goes to', async () => {
    await using ledger = await openLedger();
    const once = queuedJob(1);
    const added = [
      once,
      { ...once, key: 'uploads/u/other', token: 'other' },
      { ...once, key: 'uploads/v/1', destination: { kind: 'uploads', userId: 'v' } },
      { ...once, key: 'uploads/u/larger', sizeBytes: 11 },
      { ...once, key: 'uploads/u/touched', mtimeNs: '2' },
    ].map((job) => ledger.jobs.enqueue(job as NewJob).added);
    expect(added).toEqual([true, false, true, true, true]);
    expect(ledger.jobs.ofVersion(once).map(({ token }) => token)).toEqual(['token-1', 'token-1']);
    expect(ledger.heard).toHaveLength(4);
  });

  test('tells each change once, after its commit, and a change that fails not at all', async () => {
    await using ledger = await openLedger();
    const { job } = ledger.jobs.enqueue(queuedJob(1));
    ledger.jobs.claim('small', 5, 1);
    ledger.jobs.apply(job.id, [{ type: 'began', upload: { id: 'u', partBytes: 8 } }]);
    ledger.jobs.addPart(job.id, 'u', { number: 1, sizeBytes: 8, crc32: 1, etag: 'e' }, 8);
    expect(() =>
      ledger.jobs.apply(job.id, [{ type: 'stored' }, { type: 'released', atMs: 0 }]),
    ).toThrow(/cannot be released while verifying/);
    expect(() => ledger.jobs.apply(999, [{ type: 'claimed' }])).toThrow('No job 999');
    expect(ledger.heard.map(({ state }) => state.kind)).toEqual([
      'queued',
      'uploading',
      'uploading',
      'uploading',
    ]);
    expect(ledger.jobs.get(job.id)).toEqual(ledger.heard.at(-1));
  });

  test('loses the old parts with the old key', async () => {
    await using ledger = await openLedger();
    const { job } = ledger.jobs.enqueue(queuedJob(1));
    ledger.jobs.claim('small', 5, 1);
    ledger.jobs.addPart(job.id, 'u', { number: 1, sizeBytes: 8, crc32: 2 ** 32 - 1, etag: 'e' }, 8);
    expect(ledger.jobs.parts(job.id, 'u')).toEqual([
      { number: 1, sizeBytes: 8, crc32: 2 ** 32 - 1, etag: 'e' },
    ]);
    const broke = { type: 'broke', code: 'key-taken', notBeforeMs: 0 } as const;
    const moved = ledger.jobs.retarget(job.id, [broke], {
      destination: { kind: 'uploads', userId: 'u' },
      key: 'new',
      token: 't2',
    });
    expect(moved).toMatchObject({
      key: 'new',
      token: 't2',
      state: { kind: 'queued', upload: null },
    });
    expect(ledger.jobs.parts(job.id, 'u')).toEqual([]);
  });

  test('puts back at the start what a crash left running, without an attempt spent', async () => {
    await using ledger = await openLedger();
    for (const n of [1, 2]) ledger.jobs.enqueue(queuedJob(n));
    const [first, second] = ledger.jobs.claim('small', 5, 2);
    ledger.jobs.apply(second!.id, [{ type: 'stored' }]);
    expect(ledger.jobs.recover().map(({ state }) => state)).toEqual([
      { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null, cuts: 1 },
      { kind: 'uploaded', attempts: 0, notBeforeMs: 0, code: null, cuts: 1 },
    ]);
    expect(ledger.jobs.tally().map(({ kind, count }) => [kind, count])).toEqual([
      ['queued', 1],
      ['uploaded', 1],
    ]);
    expect(first?.state.kind).toBe('uploading');
  });

  test('keeps the jobs of a folder that is taken off the list', async () => {
    await using ledger = await openLedger();
    const folders = folderStore(ledger.db, () => 5);
    const folder = folders.put('/r', { kind: 'uploads', userId: 'u', include: [], exclude: [] });
    const { job } = ledger.jobs.enqueue({ ...queuedJob(1), folderId: folder.id });
    expect([folders.remove('/r'), folders.remove('/r'), folders.list()]).toEqual([true, false, []]);
    expect(ledger.jobs.get(job.id)).toEqual({ ...job, folderId: undefined });
  });
});
