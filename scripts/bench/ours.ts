/**
 * @file The engine as a contestant: one process that does one piece of work and prints what that cost as a
 * line of JSON. Built like the product, so that it runs what is shipped.
 *
 *   node ours.js upload|scan|list FOLDER       the storage is named by BENCH_ENDPOINT and BENCH_BUCKET
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { listIntoIndex } from '../../electron/engine/browse.ts';
import { openEngine } from '../../electron/engine/engine.ts';
import { lockHome } from '../../electron/engine/home.ts';
import { createIntake } from '../../electron/engine/intake.ts';
import { knownStorage } from '../../electron/engine/known.ts';
import { createLeftOuts } from '../../electron/engine/left-out.ts';
import { createPresence } from '../../electron/engine/presence.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { scanFolder, type Sighting } from '../../electron/engine/scan.ts';
import { createScanning } from '../../electron/engine/scanning.ts';
import { folderStore, type FolderRule } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { objectIndex } from '../../electron/engine/store/objects.ts';

const [work = '', folder = ''] = process.argv.slice(2);
const { BENCH_ENDPOINT = '', BENCH_BUCKET = '', BENCH_CA = '', BENCH_WORK = '' } = process.env;

const path = mkdtempSync(join(BENCH_WORK, 'home-'));
const home = lockHome({ path });
const { database } = home;
const settings = {
  endpoint: BENCH_ENDPOINT,
  region: 'us-east-1',
  bucket: BENCH_BUCKET,
  credentials: {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID']!,
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY']!,
  },
  profile: undefined,
  verifyTls: true,
  ca: BENCH_CA === '' ? undefined : readFileSync(BENCH_CA, 'utf8'),
  proxyEnv: {},
};
const known = knownStorage(settings, database, Date.now);
known.set('conditionalWrites', true); // As the connection test finds out when a storage is set up.
const remote = openStorage(settings, known);
const forever = new AbortController().signal;

const rule: FolderRule = { kind: 'uploads', userId: 'teacher-7', include: ['**'], exclude: [] };

function openBenchEngine() {
  return openEngine({
    database,
    remote,
    homePath: path,
    clientVersion: 'bench',
    quietMs: 0, // That files have come to rest is waited for, not worked for.
    graceMs: 0,
    rescanMs: 3_600_000,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    log: (level, message, fields) => {
      if (level !== 'info') process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
    },
  });
}

/** Scan, settle, queue, send, verify. @returns What was verified. */
async function upload(): Promise<number> {
  const engine = openBenchEngine();
  await engine.addFolder(folder, rule);
  const { verified } = await engine.syncOnce(forever);
  await engine.stop();
  return verified;
}

async function list(): Promise<number> {
  const index = objectIndex(database);
  await listIntoIndex(remote, index, Date.now, forever);
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
const jobs = jobStore(database, Date.now, () => {});
const intake = createIntake(jobs, Date.now);
const scanning = createScanning({
  folders,
  jobs,
  presence: createPresence(folders, jobs),
  observe: (of, sighting) => {
    if (intake.isNews(sighting, of)) throw new Error(`${sighting.path} is new`);
  },
  onAbsent: () => {},
  leftOuts: createLeftOuts(Date.now),
  emit: () => {},
  log: () => {},
});

/** Every file is in the ledger. */
async function queueAll(): Promise<void> {
  const of = folders.put(folder, rule);
  const sightings: Sighting[] = [];
  for await (const found of scanFolder(of, forever))
    if (found.kind === 'file') sightings.push(found.sighting);
  database.transaction(() => {
    for (const sighting of sightings) intake.accept(sighting, of);
  })();
}

const works = new Map(Object.entries({ upload, scan, list, listAlone }));
if (work === 'scan') await queueAll();

const loop = monitorEventLoopDelay({ resolution: 1 });
const cpu = process.cpuUsage();
const startMs = performance.now();
loop.enable();
const done = await works.get(work)?.();
loop.disable();
const seconds = (performance.now() - startMs) / 1_000;
const { user, system } = process.cpuUsage(cpu);
const cpuSeconds = (user + system) / 1e6;
const loopMs = { p99: loop.percentile(99) / 1e6, worst: loop.max / 1e6 };
const rssMiB = process.resourceUsage().maxRSS / 1024;
remote.close();
home.close();
rmSync(path, { recursive: true });
process.stdout.write(`${JSON.stringify({ done, seconds, cpuSeconds, rssMiB, loopMs })}\n`);
