/** @file The two real S3 servers that the tests can start: Ceph radosgw and OpenStack Swift. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';

import { missingPrograms } from '../../scripts/bootstrap/programs.mjs';
import { canaryKeys } from './canary.ts';

const scriptsDir = path.join(import.meta.dirname, 'servers');

export const realServerNames = ['rgw', 'swift'] as const;
export type RealServerName = (typeof realServerNames)[number];

/** What a test needs to reach a server. */
export type S3Keys = Readonly<{
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}>;

/** A server that runs, or the reason why it does not. */
export type ServerState = S3Keys | Readonly<{ reason: string }>;

type RealServer = Readonly<{
  title: string;
  programs: readonly string[];
  /** Ports in a row that the start script uses, from the one it is given. */
  ports: number;
  keys: Omit<S3Keys, 'endpoint'>;
}>;

const realServers: Record<RealServerName, RealServer> = {
  rgw: {
    title: 'Ceph radosgw',
    programs: ['radosgw', 'radosgw-admin', 'ceph', 'ceph-mon', 'ceph-osd', 'openssl'],
    ports: 61,
    keys: { region: 'us-east-1', ...canaryKeys },
  },
  swift: {
    title: 'OpenStack Swift',
    programs: [
      'swift-proxy-server',
      'swift-object-server',
      'swift-ring-builder',
      'memcached',
      'openssl',
    ],
    ports: 6,
    // Swift has names for accounts and users where S3 has an access key.
    keys: { region: 'us-east-1', ...canaryKeys, accessKeyId: 'test:demo' },
  },
};

/** Why this server cannot be started on this machine, and what to do; `undefined` when it can. */
export function whyNotStartable(name: RealServerName): string | undefined {
  const { title, programs } = realServers[name];
  if (process.platform !== 'linux') return `${title} runs on Linux only`;
  const missing = missingPrograms(programs);
  if (missing.length > 0)
    return `${title} is not installed (no ${missing.join(', ')}): on Debian run tests/support/servers/${name}/install.sh as root`;
  if (process.getuid?.() !== 0) return `${title} is started by root only: run the tests as root`;
  return undefined;
}

/** Why there is no server of the user's own in this run; `undefined` when `S3_TEST_ENDPOINT` names one. */
export function customServerMissing(): string | undefined {
  if (!process.env.S3_TEST_ENDPOINT) return 'S3_TEST_ENDPOINT is not set';
  const needed = ['S3_TEST_ACCESS_KEY_ID', 'S3_TEST_SECRET_ACCESS_KEY'];
  const missing = needed.filter((variable) => !process.env[variable]);
  if (missing.length === 0) return undefined;
  throw new Error(`S3_TEST_ENDPOINT is set, but ${missing.join(' and ')} not`);
}

/**
 * Starts a server with its data below `dataDir`, on free ports of its own choice.
 *
 * @throws Error with what the server said last, when it does not come up. That it is installed and
 * does not start is a fault to look at, not a reason to skip.
 */
export async function startRealServer(name: RealServerName, dataDir: string): Promise<S3Keys> {
  const { title, ports, keys } = realServers[name];
  let trouble: unknown;
  for (const attempt of ATTEMPTS) {
    const data = path.join(dataDir, folderOf(name, attempt)); // Ports are written into it, so never reused.
    await mkdir(data, { recursive: true });
    const port = await freePorts(ports);
    try {
      await runStart(script(name, 'start'), [data, String(port)], keys);
      return { endpoint: `http://127.0.0.1:${port}`, ...keys };
    } catch (error) {
      trouble = error;
      spawnSync(script(name, 'stop'), [data]);
    }
  }
  throw new Error(`${title} did not start. PANSEA_TEST_SERVERS=none runs the tests without it.`, {
    cause: trouble,
  });
}

const ATTEMPTS = [1, 2, 3] as const;
const folderOf = (name: RealServerName, attempt: number) => `${name}-${attempt}`;

/** Below `dataDir`, whichever of them are there. */
export const serverFolders = (): string[] =>
  realServerNames.flatMap((name) => ATTEMPTS.map((attempt) => folderOf(name, attempt)));

/** Ends what was started below `dataDir` and nothing else. Synchronous, so that an exit hook can use it. */
export function stopRealServers(dataDir: string): void {
  for (const child of starting) killGroup(child);
  for (const name of realServerNames)
    for (const attempt of ATTEMPTS)
      spawnSync(script(name, 'stop'), [path.join(dataDir, folderOf(name, attempt))]);
}

const starting = new Set<ChildProcess>();
const START_LIMIT_MS = 120_000;

/** Runs a start script in a process group of its own, so that a stop can end all of it midway. */
async function runStart(
  file: string,
  args: readonly string[],
  keys: RealServer['keys'],
): Promise<void> {
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      STORE: 'memstore',
      ACCESS_KEY: keys.accessKeyId,
      SECRET_KEY: keys.secretAccessKey,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()));
  starting.add(child);
  const limit = setTimeout(() => killGroup(child), START_LIMIT_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    if (code !== 0) throw new Error(`${file} failed (${code ?? 'stopped'}):\n${output}`);
  } finally {
    clearTimeout(limit);
    starting.delete(child);
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

const script = (name: RealServerName, verb: 'start' | 'stop'): string =>
  path.join(scriptsDir, name, `${verb}.sh`);

/** The first of `count` ports in a row that nobody listens on, below those the system hands out itself. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * (12_000 - count));
    const row = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(row.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`No ${count} free ports in a row between 20000 and 32000`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      probe.close(() => resolve(true)),
    );
  });
}
