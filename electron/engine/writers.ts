import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const ACCESS_MODE = 0o3;

/**
 * Which of these files some process has open for writing: a recorder that pauses is not done. Linux tells
 * it of the processes of the same user (`/proc/PID/fd`, proc(5)); elsewhere the answer is "none known".
 */
export async function openForWriting(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  if (process.platform !== 'linux' || paths.length === 0) return open;
  // The files are no links, their folders may be; there are few of these.
  const folders = new Map<string, string>();
  for (const folder of new Set(paths.map((path) => dirname(path))))
    folders.set(folder, await realpath(folder).catch(() => folder));
  const byRealPath = new Map(
    paths.map((path) => [join(folders.get(dirname(path)) ?? '', basename(path)), path]),
  );
  for (const pid of (await list('/proc')).filter((name) => /^\d+$/.test(name)))
    for (const fd of await list(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const path = byRealPath.get(target);
      if (path !== undefined && !open.has(path) && (await isWriting(pid, fd))) open.add(path);
    }
  return open;
}

async function isWriting(pid: string, fd: string): Promise<boolean> {
  const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '');
  const [, flags = '0'] = /^flags:\s*([0-7]+)/m.exec(info) ?? [];
  return (parseInt(flags, 8) & ACCESS_MODE) !== 0;
}

/** Processes of other users cannot be looked into, and any may have ended meanwhile. */
async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
