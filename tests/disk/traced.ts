/** @file The command line under strace, which kills it at a chosen system call, or makes that call fail. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { bioClass, openTestEngine } from '../support/engine.ts';
import { storageEnv } from '../support/cli.ts';
import type { S3Access } from '../support/s3-servers.ts';
import { acknowledgements, forgotten } from './acknowledged.ts';

export type Call =
  | 'pwrite64'
  | 'fsync'
  | 'fdatasync'
  | 'rename'
  | 'unlink'
  | 'writev'
  | 'write'
  | 'pread64';
/** The nth call of a thread; what it meets instead. */
export type Point = Readonly<{ call: Call; nth: number; fault: 'kill' | 'EIO' | 'ENOSPC' }>;

const cli = join(import.meta.dirname, '../../electron/cli.ts');

/** Two recordings, one in two parts, with contents of their own; a home that watches them. */
function prepare(dir: string): string[] {
  const folder = join(dir, 'recordings');
  mkdirSync(folder, { recursive: true });
  const hashes = [70_000, 8_500_000].map((sizeBytes) => {
    const bytes = Buffer.alloc(sizeBytes, `${dir} ${sizeBytes}`);
    writeFileSync(join(folder, `${sizeBytes}.ogg`), bytes);
    return createHash('sha256').update(bytes).digest('hex');
  });
  const home = openHome({ path: join(dir, 'home') });
  folderStore(home.database, Date.now).put(folder, bioClass);
  home.close();
  return hashes;
}

/** libuv must make ordinary system calls, that strace can see. */
const env = (s3: S3Access, dir: string): Record<string, string> => ({
  ...storageEnv(s3),
  PATH: process.env['PATH'] ?? '',
  HOME: dir,
  PANSEA_SYNC_HOME: join(dir, 'home'),
  PANSEA_SETTLE_SECONDS: '0.02',
  UV_USE_IO_URING: '0',
});

type Ended = { code: number | string | null; stdout: string; stderr: string };

function strace(options: readonly string[], s3: S3Access, dir: string): Promise<Ended> {
  const args = ['-f', '-qq', ...options, process.execPath, '--', cli];
  return new Promise((resolve) => {
    execFile(
      'strace',
      [...args, 'sync', '--json'],
      { env: env(s3, dir), timeout: 120_000, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : (error.code ?? error.signal ?? null),
          stdout,
          stderr,
        }),
    );
  });
}

/** How often one thread makes each call while both recordings are uploaded. */
export async function countCalls(
  calls: readonly Call[],
  s3: S3Access,
  dir: string,
): Promise<Map<Call, number>> {
  prepare(dir);
  const { stderr, code } = await strace(['-e', `trace=${calls.join(',')}`], s3, dir);
  if (code !== 0) throw new Error(`The traced run ended with ${code}: ${stderr.slice(-500)}`);
  const most = new Map<Call, number>();
  const counts = new Map<string, number>();
  for (const [, thread = '', call = ''] of stderr.matchAll(/^(?:\[pid +(\d+)\] )?(\w+)\(/gm)) {
    const count = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, count);
    if (count > (most.get(call as Call) ?? 0)) most.set(call as Call, count);
  }
  return most;
}

export type Outcome = Readonly<{
  point: Point;
  /** Whether the run got as far as this call. */
  wasHit: boolean;
  acknowledged: number;
  problems: string[];
  /** SHA-256 of what must be in the storage, once each. */
  hashes: string[];
}>;

/** Meets one fault, then lets an undisturbed engine finish. */
export async function meet(point: Point, s3: S3Access, dir: string): Promise<Outcome> {
  const hashes = prepare(dir);
  const { call, nth, fault } = point;
  const what = fault === 'kill' ? 'signal=KILL' : `error=${fault}`;
  // The filter makes all other calls quick; with it strace 6.13 sends no signals.
  const quick = fault === 'kill' ? [] : ['--seccomp-bpf'];
  const options = [...quick, '-o', '/dev/null', '-e', `trace=${call}`];
  const ended = await strace([...options, '-e', `inject=${call}:${what}:when=${nth}`], s3, dir);
  const said = acknowledgements(ended.stdout);
  const problems = forgotten(join(dir, 'home'), said);
  const isKilled = ended.code === 'SIGKILL' || ended.code === 137;
  if (fault !== 'kill' && typeof ended.code !== 'number')
    problems.push(`It did not end by itself: ${ended.code}`);
  problems.push(...(await finish(s3, dir)));
  return {
    point,
    wasHit: fault === 'kill' ? isKilled : ended.code !== 0,
    acknowledged: said.length,
    problems: problems.map((text) => `${call} ${nth} ${fault}: ${text}`),
    hashes,
  };
}

/** What a person would do: start again, and press Retry where that is asked for. */
async function finish(s3: S3Access, dir: string): Promise<string[]> {
  await using app = openTestEngine(s3, dir, { quietMs: 20, random: () => 0 });
  const { engine } = app;
  for (const { id } of engine.jobs.list('failed', -1))
    engine.jobs.apply(id, [{ type: 'retried', atMs: 0 }]);
  // A sync leaves a file for the next one when a busy machine took too long to look at it twice.
  do await engine.syncOnce(AbortSignal.timeout(60_000));
  while (engine.settling().length > 0);
  const proven = engine.jobs.list('verified', -1).length;
  const states = engine.jobs.list(undefined, -1).map(({ state }) => JSON.stringify(state));
  return proven === 2 ? [] : [`Not everything was uploaded afterwards: ${states.join(' ')}`];
}
