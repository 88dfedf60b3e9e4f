/** @file What tests with real disks need: root, loop devices, and Debian's strace, xfsprogs and e2fsprogs. */
import { spawnSync } from 'node:child_process';
import { missingPrograms } from '../../scripts/bootstrap/programs.mjs';

/** Why disks cannot be cut off, filled or mounted here; `undefined` when they can. */
export function noDisks(): string | undefined {
  if (process.platform !== 'linux') return 'power cuts need Linux';
  if (process.getuid?.() !== 0) return 'mounting a disk needs root';
  const missing = missingPrograms(['xfs_io', 'mkfs.ext4', 'unshare', 'mount', 'umount']);
  if (missing.length > 0) return `disks cannot be made here: ${missing.join(', ')} missing`;
  if (spawnSync('losetup', ['-f']).status !== 0) return 'there is no loop device here';
  const isolated = spawnSync('unshare', ['-m', 'true']).status === 0;
  return isolated ? undefined : 'mounts of its own are not allowed here';
}

/** Why no exFAT, the file system of memory cards, can be mounted here; `undefined` when one can. */
export function noCards(): string | undefined {
  const disks = noDisks();
  if (disks !== undefined) return disks;
  const missing = missingPrograms(['mkfs.exfat', 'mount.exfat-fuse']);
  if (missing.length > 0) return `memory cards cannot be made here: ${missing.join(', ')} missing`;
  const hasFuse = spawnSync('sh', ['-c', ': <>/dev/fuse']).status === 0;
  return hasFuse ? undefined : 'memory cards cannot be mounted here: no FUSE';
}

/** Why the number of watched directories cannot be limited here; `undefined` when it can. */
export function noWatchLimit(): string | undefined {
  if (process.platform !== 'linux') return 'a limit of watched directories needs Linux';
  const args = ['-U', '-r', 'test', '-w', '/proc/sys/user/max_inotify_watches'];
  const works = spawnSync('unshare', args).status === 0;
  return works ? undefined : 'the limit of watched directories may not be lowered here';
}

/** Why system calls cannot be made to fail here; `undefined` when they can. */
export function noTracing(): string | undefined {
  if (process.platform !== 'linux') return 'strace needs Linux';
  const missing = missingPrograms(['strace']);
  if (missing.length > 0) return 'system calls cannot be made to fail here: strace missing';
  const works = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0;
  return works ? undefined : 'tracing another process is not allowed here';
}

/** Numbers that look random and are the same for the same seed: mulberry32. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Why no process can be given a clock of its own here; `undefined` when one can. */
export function noOtherClock(): string | undefined {
  if (process.platform !== 'linux') return 'a clock of its own for a process needs Linux';
  const isMissing = missingPrograms(['faketime']).length > 0;
  return isMissing ? 'a process has no clock of its own here: faketime missing' : undefined;
}

/** The environment of a process whose clock is as far off as `file` says at each moment: `+3y`, `-1d`. */
export function otherClock(file: string): Record<string, string> {
  const args = ['-m', '-f', '+0d', 'printenv', 'LD_PRELOAD'];
  const { stdout } = spawnSync('faketime', args, { encoding: 'utf8' });
  return {
    LD_PRELOAD: stdout.trim(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    // What never jumps does not jump; and files keep the times that they have.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}
