/** @file The command line as its users run it: a process of its own, with a home and an environment of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mustSayNoKey } from './canary-traces.ts';
import { openServer, type S3Access } from './s3-servers.ts';
import { tempDir } from './temp-dir.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- each test knows what it asked for
type Answer = any;

type CliResult = Readonly<{
  code: number | null;
  stdout: string;
  stderr: string;
  json: () => Answer;
  lines: () => Answer[];
}>;
export type RunningCli = Readonly<{
  child: ChildProcess;
  ended: Promise<CliResult>;
  stdout: () => string;
  stderr: () => string;
}>;
export type Cli = Readonly<{
  /** A folder for the test's files; the home is beside it. */
  folder: string;
  env: Record<string, string>;
  run: (...args: string[]) => Promise<CliResult>;
  start: (...args: string[]) => RunningCli;
}> &
  AsyncDisposable;

const source = join(import.meta.dirname, '../../electron/cli.ts');

/** @param access The storage; left out for tests of missing settings. */
export async function openCli(
  access?: S3Access,
  env: Record<string, string> = {},
  program = source,
): Promise<Cli> {
  const dir = await tempDir();
  const folder = join(dir.path, 'folder');
  await mkdir(folder);
  const running = new Set<ChildProcess>();
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir.path,
    PANSEA_SYNC_HOME: join(dir.path, 'home'),
    PANSEA_SETTLE_SECONDS: '0.3',
    PANSEA_GRACE_SECONDS: '0',
    ...(access === undefined ? {} : storageEnv(access)),
    ...env,
  };

  function start(...args: string[]): RunningCli {
    mustSayNoKey(args.join(' '), 'the arguments, which everybody on the computer sees');
    const child = spawn(process.execPath, ['--', program, ...args], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = once(child, 'close').then(([code]) => {
      running.delete(child);
      if (args[0] !== 'embedded-s3') mustSayNoKey(stdout + stderr, `what ${args[0]} said`);
      return {
        code: code as number | null,
        stdout,
        stderr,
        json: () => JSON.parse(stdout),
        lines: () =>
          stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line)),
      };
    });
    return { child, ended, stdout: () => stdout, stderr: () => stderr };
  }

  return {
    folder,
    env: environment,
    start,
    run: (...args) => start(...args).ended,
    [Symbol.asyncDispose]: async () => {
      for (const child of running) {
        const closed = once(child, 'close');
        if (child.kill('SIGKILL')) await closed;
      }
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** With a storage of its own, which ends with it. */
export async function openCliWithStorage(): Promise<Cli> {
  await using stack = new AsyncDisposableStack();
  const storage = stack.use(await openServer('embedded'));
  const cli = stack.use(await openCli(storage));
  const owned = stack.move();
  return { ...cli, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a program that goes on says first. */
export async function firstLine({ stdout }: RunningCli): Promise<string> {
  await expect.poll(stdout, { interval: 20 }).toContain('\n');
  return stdout().split('\n')[0]!;
}

export function storageEnv({
  endpoint,
  region,
  bucket,
  accessKeyId,
  secretAccessKey,
}: S3Access): Record<string, string> {
  return {
    AWS_S3_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_S3_BUCKET: bucket,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
}
