/** @file A small disk of its own, where one can be made. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** Why none can be made here; `undefined` when one can. */
export function whyNoSmallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'no tmpfs can be mounted here: it takes root on Linux';
  const mounted = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status;
  return mounted === 0 ? undefined : 'no tmpfs may be mounted here';
}

/**
 * Taken away with all that is on it at the end.
 *
 * @param files How many it has room for, its folders among them.
 */
export function smallDisk(path: string, bytes: number, files = 10_000): Disposable {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},nr_inodes=${files}`, 'tmpfs', path], {
    stdio: 'ignore',
  });
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', path]) };
}
