/**
 * @file Runs once before all tests: starts the real S3 servers that the chosen tests can use, and
 * makes the folder that holds all that tests write. `PANSEA_TEST_SERVERS` = `none`, or a list such
 * as `rgw,swift`, says which servers to start; all that can be started unless told.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';

import type { TestProject } from 'vitest/node';

import { mustHoldNoKey } from './canary-traces.ts';
import {
  type RealServerName,
  realServerNames,
  serverFolders,
  type ServerState,
  startRealServer,
  stopRealServers,
  whyNotStartable,
} from './real-servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    realServers: Record<RealServerName, ServerState>;
    /** Everything that the tests write is below it; gone when the run is over. */
    runDir: string;
  }
}

/** Folders below tests/ in which nothing talks to a real server: for them alone none is started. */
const foldersWithoutServers = new Set(
  'unit setup lint embedded-s3 renderer shell electron crash faults'.split(' '),
);
const prefix = 'pansea-test-run-';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await endAbandonedRuns();
  // The real path: on macOS the temp folder is a link, and a watcher reports what is behind it.
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), `${prefix}${process.pid}-`)));
  const forget = stopOnExit(dir);

  project.provide('runDir', dir);
  project.provide('realServers', await startAll(dir, await wanted(project)));

  return async () => {
    forget();
    stopRealServers(dir);
    try {
      // What each test left was looked into at its end: this is what tests left that were killed.
      await mustHoldNoKey(dir, serverFolders());
    } finally {
      await rm(dir, { recursive: true, force: true, maxRetries: 10 });
    }
  };
}

/** Ctrl-C ends vitest without its teardown: the servers, in sessions of their own, would go on. */
function stopOnExit(dir: string): () => void {
  const onExit = (): void => {
    stopRealServers(dir);
    rmSync(dir, { recursive: true, force: true });
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  process.once('exit', onExit);
  for (const signal of signals) process.on(signal, exitUnlessHandled);
  return () => {
    process.off('exit', onExit);
    for (const signal of signals) process.off(signal, exitUnlessHandled);
  };
}

/** Whoever else listens decides what the signal means: the exit comes then, or the teardown. */
function exitUnlessHandled(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
}

async function startAll(
  dir: string,
  want: (name: RealServerName) => string | undefined,
): Promise<Record<RealServerName, ServerState>> {
  const start = async (name: RealServerName): Promise<ServerState> => {
    const reason = want(name) ?? whyNotStartable(name);
    if (reason !== undefined) return { reason };
    const startedMs = performance.now();
    console.log(`Starting the S3 server ${name} for the tests…`);
    const keys = await startRealServer(name, dir);
    console.log(`${name} answers after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    return keys;
  };
  const [rgw, swift] = await Promise.all([start('rgw'), start('swift')]);
  for (const [name, state] of Object.entries({ rgw, swift }))
    if ('reason' in state) console.log(`No tests on ${name}: ${state.reason}`);
  return { rgw, swift };
}

/** A function that says why a server is not wanted for this run, `undefined` when it is. */
async function wanted(project: TestProject): Promise<(name: RealServerName) => string | undefined> {
  const list = process.env.PANSEA_TEST_SERVERS;
  if (list !== undefined) {
    const names = list.split(',').map((name) => name.trim());
    const known = new Set<string>([...realServerNames, 'none', '']);
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length > 0) throw new Error(`PANSEA_TEST_SERVERS: no server ${unknown.join(', ')}`);
    return (name) => (names.includes(name) ? undefined : `PANSEA_TEST_SERVERS is "${list}"`);
  }
  const files = await chosenFiles(project);
  const useServers = files.some((file) => {
    const [folder = ''] = path
      .relative(path.join(project.config.root, 'tests'), file)
      .split(path.sep);
    return !foldersWithoutServers.has(folder);
  });
  return () => (useServers ? undefined : 'none of the chosen tests uses it');
}

async function chosenFiles(project: TestProject): Promise<string[]> {
  // What was asked for on the command line. Not in vitest's public types: when it goes, all files count.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] };
  return (await project.globTestFiles(filenamePattern)).testFiles;
}

/** A run that was killed leaves its servers behind: the next one ends them and removes their data. */
async function endAbandonedRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const dir = path.join(tmpdir(), name);
    stopRealServers(dir);
    await rm(dir, { recursive: true, force: true }).catch(() => {}); // Somebody else's: not ours to remove.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
