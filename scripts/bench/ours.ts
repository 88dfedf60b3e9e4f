/**
 * @file The engine as a contestant: one process that does one piece of work and prints what that cost as a
 * line of JSON. Built like the product, so that it runs what is shipped.
 *
 *   node ours.js upload|uploadSettling|scan|list|listAlone FOLDER       the storage is named by BENCH_ENDPOINT and BENCH_BUCKET
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { listIntoIndex } from '../../electron/engine/library/browse.ts';
import { QUIET_MS } from '../../electron/engine/defaults.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { createLeftOuts } from '../../electron/engine/watch/left-out.ts';
import { createPresence } from '../../electron/engine/watch/presence.ts';
import { createScanning } from '../../electron/engine/watch/scanning.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';
import { mostMemoryMiB } from './memory.ts';
import { forever, openHost, keepAll, rule } from './host.ts';

const [work = '', folder = ''] = process.argv.slice(2);
const host = openHost();
const { database, remote } = host;

/** Scan, settle, queue, send, verify. @returns What was verified. */
async function upload(quietMs = 0): Promise<number> {
  const engine = host.openEngine(quietMs);
  // Of a quiet time, from its end: all other waiting counts, and all work.
  engine.events.on(({ type }) => {
    if (type !== 'settling' || quietMs === 0 || quietEndMs !== undefined) return;
    quietEndMs = performance.now() + quietMs;
    loop.disable(); // It wakes a thousand times a second, which nothing else does meanwhile.
    setTimeout(() => (loop = watchLoop()), quietMs);
  });
  await engine.addFolder(folder, rule);
  const { verified } = await engine.syncOnce(forever);
  await engine.stop();
  return verified;
}

const uploadSettling = (): Promise<number> => upload(QUIET_MS);

async function list(): Promise<number> {
  const index = objectIndex(database);
  await listIntoIndex(remote, index, Date.now, forever);
  await sleep(5); // What follows is a question of the bench's own.
  return index.newest(null, 0, 1).total;
}

async function listAlone(): Promise<number> {
  let found = 0;
  let next: string | undefined;
  do {
    const page = await remote.list('', 1_000, next, forever);
    found += page.objects.length;
    next = page.next;
  } while (next !== undefined);
  return found;
}

/** Looks the folder through with nothing new in it. @returns What was found. */
async function scan(): Promise<number> {
  let all = 0;
  for (const of of folders.list()) all += (await scanning.scan(of, forever)).found;
  return all;
}
const folders = folderStore(database, Date.now);
const jobs = jobStore(database, Date.now);
const intake = createIntake(jobs, Date.now);
const scanning = createScanning({
  folders,
  jobs,
  presence: createPresence(folders, jobs),
  observe: (of, sightings) => {
    for (const { path: fresh } of intake.newsAmong(sightings, of))
      throw new Error(`${fresh} is new`);
  },
  onAbsent: () => {},
  leftOuts: createLeftOuts(Date.now),
  emit: () => {},
  log: () => {},
});

const works = new Map<string, () => Promise<number>>(
  Object.entries({ upload: () => upload(), uploadSettling, scan, list, listAlone }),
);
if (work === 'scan') await keepAll(database, folder);

function watchLoop() {
  const watched = monitorEventLoopDelay({ resolution: 1 });
  watched.enable();
  return watched;
}

let quietEndMs: number | undefined;
let loop = watchLoop();
await sleep(5); // It measures from one of its turns to the next: that which begins the work is to be between two.
const cpu = process.cpuUsage();
const startMs = performance.now();
const done = await works.get(work)?.();
const seconds = (performance.now() - (quietEndMs ?? startMs)) / 1_000;
const { user, system } = process.cpuUsage(cpu);
await sleep(5); // What kept the loop to the last is only heard of when it turns.
loop.disable();
const cpuSeconds = (user + system) / 1e6;
const loopMs = { p99: loop.percentile(99) / 1e6, worst: loop.max / 1e6 };
const rssMiB = mostMemoryMiB();
host.close();
process.stdout.write(`${JSON.stringify({ done, seconds, cpuSeconds, rssMiB, loopMs })}\n`);
