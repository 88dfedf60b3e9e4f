/**
 * @file Fills a home's disk by steps, down to its last byte, and looks each time whether what was said is
 * still so. The disk is a small tmpfs in a mount namespace of its own (`unshare -m node full-disk.ts PLAN`).
 * Prints its result as one JSON line.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { openHome } from '../../electron/engine/home/home.ts';
import { folderRule, folderStore } from '../../electron/engine/store/folders.ts';
import { acknowledgements, forgotten, type Acknowledgement } from './acknowledged.ts';

export type FullPlan = Readonly<{
  dir: string;
  env: Record<string, string>;
  /** Bytes that are left free, one sync for each. */
  free: readonly number[];
}>;
export type FullResult = {
  acknowledged: number;
  files: number;
  /** How each sync ended, with what it said to a person. */
  ends: { free: number; code: number | null; output: string }[];
  problems: string[];
};

/** Larger than the floor under which the engine takes in nothing new. */
const DISK_BYTES = 100 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
const plan = JSON.parse(process.argv[2]!) as FullPlan; // Written by the test beside.
const disk = join(plan.dir, 'small-disk');
const home = join(disk, 'home');
const folder = join(plan.dir, 'recordings');
const ballast = join(disk, 'ballast');
const cli = join(import.meta.dirname, '../../electron/cli.ts');
const result: FullResult = { acknowledged: 0, files: 0, ends: [], problems: [] };
const said: Acknowledgement[] = [];

/** Writes until so much is free, or nothing goes any more. */
function fill(leaveBytes: number): void {
  const { bavail, bsize } = statfsSync(disk);
  const file = openSync(ballast, 'w');
  try {
    for (let left = bavail * bsize - leaveBytes; left > 0; left -= CHUNK_BYTES)
      writeSync(file, Buffer.alloc(Math.min(CHUNK_BYTES, left)));
  } finally {
    closeSync(file);
  }
}

function sync(): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--', cli, 'sync', '--json'], {
    env: { ...plan.env, PANSEA_SYNC_HOME: home },
    encoding: 'utf8',
    timeout: 90_000,
  });
  said.push(...acknowledgements(stdout));
  return { code: status, output: `${stdout}${stderr}` };
}

mkdirSync(disk);
mkdirSync(folder);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk], {
  encoding: 'utf8',
});
if (mounted.status !== 0) throw new Error(mounted.stderr);
try {
  const first = openHome({ path: home });
  const rule = folderRule.parse({ kind: 'audio', classId: 'bio-101', userId: 't' });
  folderStore(first.database, Date.now).put(folder, rule);
  first.close();
  for (const free of plan.free) {
    for (let i = 0; i < 3; i += 1) {
      result.files += 1;
      writeFileSync(join(folder, `r${result.files}.ogg`), `recording ${result.files}, ${free}`);
    }
    fill(free);
    result.ends.push({ free, ...sync() });
    rmSync(ballast);
    result.problems.push(...forgotten(home, said).map((text) => `${free} bytes free: ${text}`));
  }
  const last = sync();
  if (last.code !== 0)
    result.problems.push(`With space again it ended with ${last.code}: ${last.output}`);
  result.problems.push(...forgotten(home, said));
  result.acknowledged = said.length;
} finally {
  spawnSync('umount', [disk]);
}
process.stdout.write(`${JSON.stringify(result)}\n`);
