/** @file A share whose server hangs: a FUSE file system that never answers, in mounts of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from './temp-dir.ts';

/** Why no share can be made to hang here; `undefined` when one can. */
export function whyNoHungShare(): string | undefined {
  if (process.platform !== 'linux') return 'a share that hangs needs Linux';
  if (process.getuid?.() !== 0) return 'a share that hangs needs root';
  try {
    accessSync('/dev/fuse', constants.W_OK);
  } catch {
    return 'a share cannot be made to hang here: no FUSE';
  }
  const isolated = spawnSync('unshare', ['-m', 'sh', '-c', ': <>/dev/fuse']).status === 0;
  return isolated ? undefined : 'a share cannot be made to hang here: no mounts of its own';
}

/** Nobody else meets it: it is reached through its holder's mounts, and gone when that ends. */
export async function openHungShare(): Promise<{ path: string } & AsyncDisposable> {
  const dir = await tempDir();
  const top = join(dir.path, 'share');
  await mkdir(top);
  const options = 'fd=7,rootmode=40000,user_id=0,group_id=0';
  const script = `exec 7<>/dev/fuse && mount -t fuse -o ${options} hung "${top}" && echo up && exec sleep 120`;
  const holder = spawn('unshare', ['-m', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const isUp = await new Promise((resolve) => {
    holder.stdout.once('data', () => resolve(true));
    holder.once('exit', () => resolve(false));
  });
  if (isUp !== true) throw new Error('The share could not be mounted');
  return {
    path: `/proc/${holder.pid}/root${top}`,
    async [Symbol.asyncDispose]() {
      holder.kill('SIGKILL');
      await dir[Symbol.asyncDispose]();
    },
  };
}
