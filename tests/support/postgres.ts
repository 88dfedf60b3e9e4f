/** @file A PostgreSQL of a test's own, where Debian's package is there: it listens on nothing but a socket in a folder. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = '/usr/lib/postgresql';

/** The newest version's programs; `undefined` where there is none. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(PACKAGES)) return undefined;
  const versions = readdirSync(PACKAGES).toSorted((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(PACKAGES, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'psql')));
}

/** It refuses to run as root, so it runs as somebody else then. */
const NOBODY = 65_534;

/** @param folder Of the test's own, and short: a socket's path has 107 bytes. */
export async function startPostgres(folder: string) {
  const bin = postgresPrograms()!;
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const user = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ('uid' in user) for (const path of [folder, data]) chownSync(path, NOBODY, NOBODY);
  const options = { ...user, cwd: folder, env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } };
  const initdb = ['-D', data, '-U', 'school', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  execFileSync(join(bin, 'initdb'), initdb, { ...options, stdio: 'pipe' });
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-F'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const login = ['-h', folder, '-U', 'school', '-d', 'postgres', '-X', '-q'];
  const psql = (...args: string[]) =>
    execFileSync(join(bin, 'psql'), [...login, '-v', 'ON_ERROR_STOP=1', ...args], {
      env: options.env,
      encoding: 'utf8',
    });
  let said = '';
  for await (const piece of server.stderr) {
    said += String(piece);
    if (said.includes('ready to accept connections')) break;
  }
  if (server.exitCode !== null) throw new Error(`PostgreSQL does not start: ${said}`);
  return {
    psql,
    [Symbol.asyncDispose]: async () => {
      const ended = once(server, 'exit');
      if (server.kill('SIGINT')) await ended;
    },
  };
}
