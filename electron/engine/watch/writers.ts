import { readdirSync, readlinkSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

const ACCESS_MODE = 0o3;
/** The event loop is kept for no longer, but by a process that has thousands of files open. */
const AT_ONCE_MS = 2;

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
  let sinceMs = performance.now();
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    if (performance.now() - sinceMs >= AT_ONCE_MS) {
      await setImmediate();
      sinceMs = performance.now();
    }
    for (const fd of list(`/proc/${pid}/fd`)) {
      const path = byRealPath.get(targetOf(`/proc/${pid}/fd/${fd}`));
      if (path !== undefined && !open.has(path) && (await isWriting(pid, fd))) open.add(path);
    }
  }
  return open;
}

async function isWriting(pid: string, fd: string): Promise<boolean> {
  const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '');
  const [, flags = '0'] = /^flags:\s*([0-7]+)/m.exec(info) ?? [];
  return (parseInt(flags, 8) & ACCESS_MODE) !== 0;
}

/** The kernel has all of this in memory, so no disk is waited for: 3 µs each, by Node's threads 25. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** Processes of other users cannot be looked into, and any may have ended meanwhile. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
