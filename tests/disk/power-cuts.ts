/**
 * @file Cuts the power of a home's disk, again and again, and looks each time whether what was said is
 * still so. Runs in a mount namespace of its own (`unshare -m node power-cuts.ts PLAN`): what it
 * mounts nobody else sees, and it goes with the process. Prints its result as one JSON line.
 *
 * The disk is ext4 on a file; `xfs_io -x -c shutdown` stops it at once, with all that was not synced.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { openHome } from '../../electron/engine/home/home.ts';
import { folderRule, folderStore } from '../../electron/engine/store/folders.ts';
import { acknowledgements, forgotten, type Acknowledgement } from './acknowledged.ts';
import { chance } from './tools.ts';

export type Plan = Readonly<{
  /** For the disk's file, its mount point and the recordings: recordings are not on the disk. */
  dir: string;
  env: Record<string, string>;
  cuts: number;
  seed: number;
  /** Ends the run early. */
  limitMs: number;
}>;
export type Result = { cuts: number; acknowledged: number; files: number; problems: string[] };

const plan = JSON.parse(process.argv[2]!) as Plan; // Written by the test beside.
const disk = join(plan.dir, 'disk.img');
const mountPoint = join(plan.dir, 'disk');
const home = join(mountPoint, 'home');
const folder = join(plan.dir, 'recordings');
const cli = join(import.meta.dirname, '../../electron/cli.ts');
const random = chance(plan.seed);
/** Sparse, and so large that the engine does not take it for nearly full. */
const DISK_BYTES = 256 * 2 ** 20;
/** Promises after which the power goes. Half of it is more than three files have: what waits must not grow. */
const PROMISES = 36;

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr || error?.message}`);
}

/** Ten bytes to two parts; no two alike. */
function record(number: number): void {
  const seed = createHash('sha256').update(`${plan.seed} ${number}`).digest('base64');
  const sizeBytes = number % 12 === 0 ? 9_000_000 : 10 + random(50_000);
  writeFileSync(join(folder, `r${number}.ogg`), Buffer.alloc(sizeBytes, `${seed}:`));
}

/** Syncs; cuts the power once that many promises were printed. @returns What was said before. */
async function syncUntilCut(promises: number): Promise<Acknowledgement[]> {
  const child = spawn(process.execPath, ['--', cli, 'sync', '--json'], {
    env: { ...plan.env, PANSEA_SYNC_HOME: home },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  let stdout = '';
  const isTime = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (acknowledgements(stdout).length >= promises) isTime.resolve();
  });
  await Promise.race([isTime.promise, ended]);
  const said = acknowledgements(stdout);
  run('xfs_io', '-x', '-c', 'shutdown', mountPoint);
  child.kill('SIGKILL');
  await ended;
  return said;
}

/** What a sync said of what is left, and of itself. */
const leftBy = (stdout: string): string =>
  stdout
    .split('\n')
    .filter((line) => /"event":"(?:waiting|held|failed|summary|error)"/.test(line))
    .join('\n');

const result: Result = { cuts: 0, acknowledged: 0, files: 0, problems: [] };
mkdirSync(mountPoint);
mkdirSync(folder);
writeFileSync(disk, '');
truncateSync(disk, DISK_BYTES);
run('mkfs.ext4', '-q', '-F', disk);
const said: Acknowledgement[] = [];
const deadline = performance.now() + plan.limitMs;
const mount = () => run('mount', '-o', 'loop', disk, mountPoint);
try {
  mount();
  const first = openHome({ path: home });
  const rule = folderRule.parse({ kind: 'audio', classId: 'bio-101', userId: 't' });
  folderStore(first.database, Date.now).put(folder, rule);
  first.close();
  while (result.cuts < plan.cuts && performance.now() < deadline) {
    for (let i = 0; i < 3; i += 1) record((result.files += 1));
    said.push(...(await syncUntilCut(1 + random(PROMISES))));
    run('umount', mountPoint);
    mount();
    result.cuts += 1;
    result.problems.push(...forgotten(home, said).map((text) => `cut ${result.cuts}: ${text}`));
    if (result.problems.length > 0) break;
  }
  result.acknowledged = said.length;
  // What the last cut left is finished, so that the test can look at the storage.
  const last = spawnSync(process.execPath, ['--', cli, 'sync', '--json'], {
    env: { ...plan.env, PANSEA_SYNC_HOME: home },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (last.status !== 0)
    result.problems.push(
      `The last sync ended with ${last.status}: ${last.stderr}${leftBy(last.stdout)}`,
    );
  result.problems.push(...forgotten(home, [...said, ...acknowledgements(last.stdout)]));
} finally {
  spawnSync('umount', [mountPoint]);
}
process.stdout.write(`${JSON.stringify(result)}\n`);
