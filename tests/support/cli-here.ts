/** @file The command line in the test's own process: no second goes into starting one for each row of a table. */
import { Writable } from 'node:stream';
import { runCli, type CliHost } from '../../electron/cli/program.ts';
import { mustSayNoKey } from './canary-traces.ts';
import type { Cli } from './cli.ts';

type Terminal = Readonly<{ isTTY?: boolean; env?: Record<string, string>; columns?: number }> &
  Partial<Pick<CliHost, 'signal' | 'isOnBattery'>>;

/** With streams that are a terminal or are not, until `signal`. */
export async function runHere(cli: Cli, argv: readonly string[], terminal?: Terminal) {
  const { isTTY = false, env = {}, columns = 80, ...host } = terminal ?? {};
  const out = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof out) =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          out[name] += String(chunk);
          done();
        },
      }),
      { isTTY, columns },
    );
  const code = await runCli(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { ...cli.env, ...env },
    cwd: cli.folder,
    signal: new AbortController().signal,
    ...host,
  });
  mustSayNoKey(out.stdout + out.stderr, `what ${argv[0]} said`);
  return { code, ...out, json: () => JSON.parse(out.stdout) };
}
