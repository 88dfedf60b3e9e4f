/** @file Runs contestants in turn, each as a whole process, and what came of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Sink } from './sink.ts';

export type Contestant = Readonly<{
  name: string;
  command: readonly [string, ...string[]];
  env?: Readonly<Record<string, string>>;
  /** A slow one need not show that it is slow more often than this. */
  mostRounds?: number;
  isOurs?: boolean;
  /** Nothing that a user could take instead, but what the machine can do at best. */
  isFloor?: boolean;
  /** What would keep a promise of ours by others' means: nobody's client. */
  isMadeUp?: boolean;
}>;

/** One contestant with its results, round by round. */
export type Measured = Readonly<{ contestant: Contestant; results: Result[] }>;

/** Of our own process: without its start, which an app that is open has behind it. */
type Inner = Readonly<{
  done: number;
  seconds: number;
  cpuSeconds: number;
  rssMiB: number;
  loopMs: Readonly<{ p99: number; worst: number }>;
}>;

/** Whole process: clock, user and system time, the most memory. */
export type Result = Readonly<{
  seconds: number;
  cpuSeconds: number;
  rssMiB: number;
  exit: number;
  requests: number;
  inner: Inner | undefined;
}>;

export const keys = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY',
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** One that hangs must not hang the run. */
const LIMIT_SECONDS = 120;

/** GNU time measures the process with all its children. */
async function run(contestant: Contestant, dir: string, sink: Sink | undefined): Promise<Result> {
  await sink?.reset();
  const { command, env = {} } = contestant;
  const { HOME, PATH = '', LANG } = process.env;
  const times = join(dir, 'times');
  const started = performance.now();
  const child = spawn(
    '/usr/bin/time',
    ['-q', '-f', '%U %S %M', '-o', times, 'timeout', `${LIMIT_SECONDS}`, ...command],
    {
      env: { HOME, PATH, LANG, AWS_EC2_METADATA_DISABLED: 'true', ...keys, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exit] = (await once(child, 'close')) as [number];
  const seconds = (performance.now() - started) / 1_000;
  const [out, troubles] = await said;
  if (exit !== 0)
    process.stderr.write(`${contestant.name} failed: ${(troubles + out).slice(-800)}\n`);
  const [user = 0, system = 0, kib = 0] = readFileSync(times, 'utf8').split(/\s+/).map(Number);
  return {
    seconds,
    cpuSeconds: user + system,
    rssMiB: kib / 1024,
    exit,
    requests: (await sink?.figures())?.requests ?? 0,
    inner: out.startsWith('{"done"') ? (JSON.parse(out) as Inner) : undefined,
  };
}

/**
 * A B C, A B C, …: what else the machine does meets all of them alike.
 *
 * @throws Error when ours fails: what it took to fail is no measurement.
 */
export async function interleave(
  contestants: readonly [Contestant, ...Contestant[]],
  rounds: number,
  dir: string,
  sink?: Sink,
): Promise<[Measured, ...Measured[]]> {
  const toMeasure = (contestant: Contestant): Measured => ({ contestant, results: [] });
  const [first, ...others] = contestants;
  const all: [Measured, ...Measured[]] = [toMeasure(first), ...others.map(toMeasure)];
  for (let round = 0; round < rounds; round += 1)
    for (const { contestant, results } of all) {
      if (round >= (contestant.mostRounds ?? rounds)) continue;
      const result = await run(contestant, dir, sink);
      results.push(result);
      process.stderr.write(`  ${contestant.name}: ${told(result)}\n`);
      if (contestant.isOurs && result.exit !== 0) throw new Error(`${contestant.name} failed`);
    }
  return all;
}

function told({ seconds, cpuSeconds, rssMiB, requests, inner }: Result): string {
  const outside = `${seconds.toFixed(2)} s, CPU ${cpuSeconds.toFixed(2)} s, ${rssMiB.toFixed(0)} MiB, ${requests} requests`;
  if (inner === undefined) return outside;
  const { p99, worst } = inner.loopMs;
  return `${outside} · inside ${inner.seconds.toFixed(2)} s, CPU ${inner.cpuSeconds.toFixed(2)} s, ${inner.done} done, loop p99 ${p99.toFixed(0)} worst ${worst.toFixed(0)} ms`;
}
