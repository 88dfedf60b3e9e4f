/**
 * @file The ledger with very many rows: how fast they come in, and, in a process of its own, how soon an engine
 * can work with it, what that takes, and how fast rows are claimed and counted. Prints one line of JSON.
 *
 *   node scripts/bench/ledger.ts fill HOME ROWS [40]: folder by folder, or from 40 of them in turn
 *   node scripts/bench/ledger.ts use HOME
 */
import { setImmediate } from 'node:timers/promises';
import { lockHome } from '../../electron/engine/home/home.ts';
import { jobStore, type JobStore, type NewJob } from '../../electron/engine/store/jobs.ts';
import { walOf } from '../../electron/engine/store/wal.ts';
import { memoryMiB, mostMemoryMiB } from './memory.ts';
import { median } from './measure.ts';

const [work = '', path = '', count = '', inTurn = ''] = process.argv.slice(2);
const AT_ONCE = 512;
const CLAIMED = 64;
/** Of claims, or so many as there are rows for; the first ones, of a program that has just begun, are told beside. */
const ROUNDS = 1_000;
const FIRST = 50;

/** A scan finds a folder's files together. News of a watcher can come from several folders in turn. */
const folderOf = (n: number) => (inTurn ? n % Number(inTurn) : Math.floor(n / 1_000));

const newJob = (n: number): NewJob => ({
  path: `/recordings/2026/autumn/room ${folderOf(n)}/Lecture ${n}.mp3`,
  sizeBytes: 20_000 + (n % 1_000),
  mtimeNs: String(1_700_000_000_000_000_000n + BigInt(n)),
  name: `Lecture ${n}.mp3`,
  folderId: undefined,
  contentType: 'audio/mpeg',
  destination: { kind: 'audio', classId: 'BIO-101', userId: 'teacher-7' },
  key: `audio/BIO-101/01a20b0d-d75b-705f-9734-${n.toString(16).padStart(12, '0')}.mp3`,
  token: `01a20b0d-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
  file: { device: '66305', inode: `${n}.1`, ctimeNs: String(n) },
  state: { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
});

function timed(run: () => void): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}

/** As the engine does, each row by itself: so many that wait are a commit. */
async function fill(rows: number) {
  const home = lockHome({ path });
  const store = jobStore(home.database, Date.now);
  let insertMs = 0;
  for (let from = 0; from < rows; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, rows - from) }, (_, n) => newJob(from + n));
    const startMs = performance.now();
    await Promise.all(some.map((job) => store.together(() => store.enqueue(job))));
    await setImmediate(); // A thread that moves the log is heard of.
    insertMs += performance.now() - startMs;
  }
  home.close();
  return { insertsPerSecond: (rows / insertMs) * 1_000 };
}

function claim(jobs: JobStore) {
  if (jobs.claim('small', Date.now(), CLAIMED).length !== CLAIMED) throw new Error('No more rows');
}

async function use() {
  const beforeMiB = memoryMiB();
  const startMs = performance.now();
  const home = lockHome({ path });
  const jobs = jobStore(home.database, Date.now);
  jobs.recover();
  jobs.tally();
  const usableMs = performance.now() - startMs;
  const waiting = jobs.page('waiting', 0, 1).total;
  const claims: number[] = [];
  while (claims.length < Math.min(ROUNDS, Math.floor(waiting / CLAIMED))) {
    claims.push(timed(() => claim(jobs)));
    // As after each commit of the engine.
    walOf(home.database).look();
    await setImmediate();
  }
  const counts = Array.from({ length: FIRST }, () => timed(() => jobs.tally()));
  const addedMiB = mostMemoryMiB() - beforeMiB;
  home.close();
  const [claimMs, firstClaimMs] = [median(claims), median(claims.slice(0, FIRST))];
  return { claimMs, firstClaimMs, countMs: median(counts), usableMs, addedMiB };
}

const figures = work === 'fill' ? await fill(Number(count)) : await use();
process.stdout.write(`${JSON.stringify(figures)}\n`);
