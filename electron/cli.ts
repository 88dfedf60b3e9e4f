#!/usr/bin/env -S node --max-semi-space-size=16 --
// `--`: Node would take our --env-file for its own, wherever it stands. By itself it lets what is new take
// 128 MiB before it looks what of it is still needed (docs/BENCHMARKS.md).
/** @file Headless entry: reads the process once and hands it to the command line. */
import { EXIT } from './cli/output.ts';
import { runCli } from './cli/program.ts';
import { kernelBattery } from './engine/battery.ts';

const stop = new AbortController();
// A signal to the whole process group may come twice: both mean one orderly stop.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new Error(name)));
/** Recordings are on their way to the storage: nobody has to read of it. */
let goesOnUnread = false;
let isUnread = false;
// A reader that closed the pipe early (`| head`) is no error of ours; a full disk is one, and ends as orderly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' && goesOnUnread) {
    if (!isUnread)
      process.stderr.write(
        'Nobody reads what is printed here any more. Uploads go on; Ctrl+C stops them.\n',
      );
    isUnread = true;
    return;
  }
  stop.abort(error);
  if (error.code === 'EPIPE') return;
  process.stderr.write(`What was to be said could not be written: ${error.message}.\n`);
  process.exitCode ||= EXIT.someFailed;
});
// What goes on beside the answer need not be heard.
process.stderr.on('error', () => {});

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  onUploads: () => void (goesOnUnread = true),
  isOnBattery: kernelBattery({ monotonicMs: () => performance.now() }),
});
process.exitCode = code || (process.exitCode ?? code);
