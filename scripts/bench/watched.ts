/**
 * @file The engine with folders to watch. Built like the product; prints one line of JSON.
 *
 *   node watched.js burst FILES             made at once by another process while our loop stands still
 *   node watched.js idle FOLDER SECONDS     each of its files was sent; nothing happens
 *   node watched.js least SECONDS           Node alone, and what a look at a folder costs on this machine
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { lockHome } from '../../electron/engine/home/home.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { memoryMiB, mostMemoryMiB } from './memory.ts';
import { newHome, openHost, keepAll, rule } from './host.ts';

const [work = '', ...given] = process.argv.slice(2);

const BLOCKED_MS = 3_000;
const FOLDERS = 100;
/** When nothing more has come for so long, nothing more will. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

/** Its own process: one file after the other, as fast as the disk takes them. */
const MAKE = `
  const [folder, files, folders] = process.argv.slice(1);
  const { writeFileSync } = require('node:fs');
  for (let i = 0; i < files; i += 1)
    writeFileSync(folder + '/d' + (i % folders) + '/f' + i + '.mp3', 'recording ' + i);
`;

async function burst(files: number) {
  const folder = mkdtempSync(join(process.env['BENCH_WORK'] ?? '', 'burst-'));
  for (let i = 0; i < FOLDERS; i += 1) mkdirSync(join(folder, `d${i}`));
  const host = openHost();
  const engine = host.openEngine();
  engine.queue.setPaused(true); // What is asked is whether they are found.
  await engine.addFolder(folder, rule);
  engine.start();
  await untilCalm();
  const known = () => knownTo(engine);

  const blockedFromMs = performance.now();
  const made = spawnSync(process.execPath, ['-e', MAKE, folder, `${files}`, `${FOLDERS}`]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  const madeMs = performance.now() - blockedFromMs;
  standStill(BLOCKED_MS - madeMs);
  const fromMs = performance.now();

  await untilKnown(known, files);
  const byHints = known();
  // The look that follows a burst was not enough. There is one every quarter of an hour, too.
  if (byHints < files) engine.woke();
  await untilKnown(known, files);
  const figures = {
    madeMs,
    byHints,
    missed: files - known(),
    secondsUntilAll: (performance.now() - fromMs) / 1_000,
  };
  await engine.stop();
  host.close();
  rmSync(folder, { recursive: true });
  return figures;
}

/** Without a turn of the loop, and without work. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(0, ms));
}

const knownTo = ({ jobs }: Engine): number =>
  jobs.tally().reduce((sum, { count }) => sum + count, 0);

async function untilKnown(known: () => number, files: number): Promise<void> {
  let before = known();
  let sinceMs = performance.now();
  while (known() < files && performance.now() - sinceMs < PATIENCE_MS) {
    await sleep(LOOK_MS);
    if (known() === before) continue;
    before = known();
    sinceMs = performance.now();
  }
}

/** In calm the engine does next to nothing for two seconds. */
const CALM = { ms: 2_000, cpuMicroseconds: 20_000, mostMs: 120_000 } as const;

async function untilCalm(): Promise<void> {
  const endMs = performance.now() + CALM.mostMs;
  while (performance.now() < endMs) {
    const before = process.cpuUsage();
    await sleep(CALM.ms);
    const { user, system } = process.cpuUsage(before);
    if (user + system < CALM.cpuMicroseconds) return;
  }
  throw new Error('It does not come to rest');
}

/** How often a thread slept and was woken, by default each of them. Linux tells. */
function wakeUps(threads = readdirSync('/proc/self/task')): number {
  const statuses = threads.map((id) => readFileSync(`/proc/self/task/${id}/status`, 'utf8'));
  return statuses.reduce(
    (sum, status) => sum + Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]),
    0,
  );
}

/** In a process of its own: what it takes to make the ledger is not what is measured. */
async function prepare(folder: string, path: string) {
  const home = lockHome({ path });
  const changes = await keepAll(home.database, folder);
  home.close();
  return { changes };
}

const EVERY_MS = 5_000;

/** `cpuShare`: of one core. Wake-ups: of all threads, and of the main one. */
type Rest = Readonly<Record<'cpuShare' | 'wakeUpsPerSecond' | 'ofMainPerSecond', number>>;

async function rest(seconds: number): Promise<Rest> {
  const wokenBefore = wakeUps();
  const mainBefore = wakeUps([String(process.pid)]);
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await sleep(seconds * 1_000);
  const { user, system } = process.cpuUsage(cpu);
  const tookSeconds = (performance.now() - startMs) / 1_000;
  return {
    cpuShare: (user + system) / 1e6 / tookSeconds,
    wakeUpsPerSecond: (wakeUps() - wokenBefore) / tookSeconds,
    ofMainPerSecond: (wakeUps([String(process.pid)]) - mainBefore) / tookSeconds,
  };
}

async function least(seconds: number): Promise<Rest> {
  const timer = setInterval(() => void stat('/'), EVERY_MS);
  await untilCalm();
  const rested = await rest(seconds);
  clearInterval(timer);
  return rested;
}

async function idle(folder: string, seconds: number) {
  const path = newHome();
  execFileSync(process.execPath, [import.meta.filename, 'prepare', folder, path]);
  const host = openHost(path);
  const beforeMiB = memoryMiB();
  const engine = host.openEngine();
  const looked = new Promise((resolve) => {
    engine.events.on((event) => event.type === 'scanned' && resolve(event));
  });
  engine.start();
  await looked;
  await untilCalm();
  const besides = promisify(execFile)(process.execPath, [
    import.meta.filename,
    'least',
    String(seconds),
  ]);
  const own = await rest(seconds);
  const figures = {
    ...own,
    addedMiB: memoryMiB() - beforeMiB,
    mostAddedMiB: mostMemoryMiB() - beforeMiB,
    known: knownTo(engine),
  };
  const alone = JSON.parse((await besides).stdout) as Rest;
  await engine.stop();
  host.close();
  const wakingSeconds = alone.cpuShare / alone.wakeUpsPerSecond;
  return { ...figures, leastShare: wakingSeconds * own.wakeUpsPerSecond, wakingSeconds };
}

const [first = '', second = ''] = given;
const works = new Map<string, () => Promise<object>>([
  ['burst', () => burst(Number(first))],
  ['prepare', () => prepare(first, second)],
  ['idle', () => idle(first, Number(second))],
  ['least', () => least(Number(first))],
]);
process.stdout.write(`${JSON.stringify(await works.get(work)?.())}\n`);
