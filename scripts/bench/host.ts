/** @file An engine as a host opens it, with the sink for its storage. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobState } from '#shared/job.ts';
import { RESCAN_MS } from '../../electron/engine/defaults.ts';
import { openEngine } from '../../electron/engine/engine.ts';
import { lockHome, type Home } from '../../electron/engine/home/home.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { knownStorage } from '../../electron/engine/doctor/known.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { scanFolder, type Sighting } from '../../electron/engine/watch/scan.ts';
import { folderStore, type FolderRule } from '../../electron/engine/store/folders.ts';
import { stateColumns, stateValues } from '../../electron/engine/store/job-row.ts';
import { recount } from '../../electron/engine/store/job-counts.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';

const { BENCH_ENDPOINT = '', BENCH_BUCKET = '', BENCH_CA = '', BENCH_WORK = '' } = process.env;

export const rule: FolderRule = {
  kind: 'uploads',
  userId: 'teacher-7',
  include: ['**'],
  exclude: [],
};
export const forever = new AbortController().signal;

export const newHome = (): string => mkdtempSync(join(BENCH_WORK, 'home-'));

/** @param path Where it is; it is gone when this is closed. */
export function openHost(path = newHome()) {
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
  return {
    database,
    remote,
    /** @param quietMs None: that files have come to rest is waited for, not worked for. */
    openEngine: (quietMs = 0) => openBenchEngine(home, remote, quietMs),
    close(): void {
      remote.close();
      home.close();
      rmSync(path, { recursive: true });
    },
  };
}

function openBenchEngine({ database, path }: Home, remote: Remote, quietMs: number) {
  return openEngine({
    database,
    remote,
    homePath: path,
    clientVersion: 'bench',
    quietMs,
    graceMs: 0,
    rescanMs: RESCAN_MS,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    log: (level, message, fields) => {
      if (level !== 'info') process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
    },
  });
}

const SENT: JobState = { kind: 'verified', proof: 'checksum', verifiedAtMs: 1 };

/**
 * Every file of a folder is in the ledger, as uploaded long ago: the counts are right, and nothing of it waits
 * in the log, to be moved by whoever writes next. @returns How many there are.
 */
export async function keepAll(database: Home['database'], folder: string): Promise<number> {
  const of = folderStore(database, Date.now).put(folder, rule);
  const intake = createIntake(jobStore(database, Date.now), Date.now);
  const sightings: Sighting[] = [];
  for await (const found of scanFolder(of, forever))
    if (found.kind === 'file') sightings.push(found.sighting);
  database.transaction(() => {
    for (const sighting of sightings) intake.accept(sighting, of);
  })();
  const { changes } = database.prepare(`UPDATE jobs SET ${stateColumns}`).run(...stateValues(SENT));
  recount(database);
  database.pragma('wal_checkpoint(TRUNCATE)');
  return changes;
}
