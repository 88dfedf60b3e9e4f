/** @file Commits are shared (docs/adr/0009), and yet nothing is asked, told or promised before its own. */
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createQueue } from '../../electron/engine/queue/queue.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { groupOf } from '../../electron/engine/store/together.ts';
import { MIB } from '../../shared/parts.ts';
import { bioClass, countingServer, openTestEngine, randomFile } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

type Seen = Readonly<{ kind: string; isRead: number; parts: number }>;

/** A look from outside, which sees only what was committed. */
function outside(file: string) {
  const db = openDatabase(file);
  const columns = `kind, fingerprint IS NOT NULL AS isRead, (SELECT count(*) FROM parts WHERE job_id = jobs.id) AS parts`;
  const byKey = db.prepare<[string], Seen>(`SELECT ${columns} FROM jobs WHERE key = ?`);
  const byId = db.prepare<[number], Seen>(`SELECT ${columns} FROM jobs WHERE id = ?`);
  return {
    byKey: (key: string) => byKey.get(key),
    byId: (id: number) => byId.get(id),
    [Symbol.dispose]: () => void db.close(),
  };
}

const course = ['queued', 'uploading', 'verifying', 'verified'];

test('what a request, an event or a promise rests on is on the disk before it leaves, with many files at once', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  const FILES = 40;
  for (let n = 0; n < FILES; n += 1) await randomFile(join(folder.path, `${n}.mp3`), 3_000 + n);
  await randomFile(join(folder.path, 'long.mp3'), 17 * MIB);
  const early: unknown[] = [];
  let asked = 0;
  let told = 0;
  const rests = (request: string, key: string, parts = 0) => {
    asked += 1;
    const row = ledger.byKey(key);
    if (row?.kind !== 'uploading' || row.isRead !== 1 || row.parts !== parts)
      early.push([request, row]);
  };
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    wrap: (remote) => ({
      ...remote,
      putObject(key, ...rest) {
        rests('put', key);
        return remote.putObject(key, ...rest);
      },
      createUpload(key, ...rest) {
        rests('create', key);
        return remote.createUpload(key, ...rest);
      },
      completeUpload(key, id, parts, ...rest) {
        rests('complete', key, parts.length);
        return remote.completeUpload(key, id, parts, ...rest);
      },
    }),
  });
  using ledger = outside(join(app.home.path, 'ledger.db'));
  app.engine.events.on((event) => {
    if (event.type !== 'job') return;
    told += 1;
    const { id, state } = event.job;
    const row = ledger.byId(id);
    if (course.indexOf(row?.kind ?? '') < course.indexOf(state.kind)) early.push([state.kind, row]);
  });
  await app.engine.addFolder(folder.path, bioClass);
  const { verified } = await app.engine.syncOnce(AbortSignal.timeout(60_000));
  expect(early).toEqual([]);
  expect(verified).toBe(FILES + 1);
  expect(asked).toBe(FILES + 2);
  expect(told).toBeGreaterThanOrEqual(3 * (FILES + 1)); // Waiting, under way, verified.
});

test('what comes alone is written at once, what nothing waits for with what comes next, or after a while', async () => {
  await using dir = await tempDir();
  const db = openDatabase(join(dir.path, 'ledger.db'));
  const { together } = groupOf(db);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const written: string[] = [];
  const write = async (what: string, isPatient?: boolean) => {
    await together(() => {}, isPatient);
    written.push(what);
  };
  const all = [write('alone')];
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual(['alone']);
  all.push(write('a part', true));
  await vi.advanceTimersByTimeAsync(150);
  expect(written).toEqual(['alone']);
  await vi.advanceTimersByTimeAsync(100);
  expect(written).toEqual(['alone', 'a part']);
  all.push(write('another', true), write('a last one'));
  await vi.advanceTimersByTimeAsync(20);
  expect(written).toEqual(['alone', 'a part', 'another', 'a last one']);
  await Promise.all(all);
  db.close();
});

test('a job is begun once its claim is on the disk, never with one that could not be written', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, 'ledger.db');
  const db = openDatabase(file);
  const other = openDatabase(file);
  using ledger = outside(file);
  const jobs = jobStore(db, Date.now);
  const begun: unknown[] = [];
  const queue = createQueue({
    jobs,
    width: { small: 4, large: 4 },
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    run: async ({ id }) => {
      begun.push(ledger.byId(id)?.kind);
      await jobs.together(() => jobs.apply(id, [{ type: 'cancelled' }]));
    },
    onSuperseded: () => {},
    onStorage: () => {},
    onError: () => {},
  });
  queue.start();
  const { job } = jobs.enqueue({
    path: '/r/1.mp3',
    sizeBytes: 10,
    mtimeNs: '1',
    name: '1.mp3',
    folderId: undefined,
    contentType: 'audio/mpeg',
    destination: { kind: 'uploads', userId: 'u' },
    key: 'uploads/u/1',
    token: 'token',
    state: { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
  });
  db.pragma('busy_timeout = 0');
  other.exec('BEGIN IMMEDIATE');
  queue.pump();
  await expect(queue.idle(0, AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'home-unusable',
  });
  expect([begun, ledger.byId(job.id)?.kind]).toEqual([[], 'queued']);
  other.exec('ROLLBACK');
  queue.pump();
  await queue.idle(0, AbortSignal.timeout(10_000));
  expect(begun).toEqual(['uploading']);
  await queue.stop();
  db.close();
  other.close();
});
