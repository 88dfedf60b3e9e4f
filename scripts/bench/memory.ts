/** @file How much memory this process has and had, in MiB. */
import { readFileSync } from 'node:fs';

export const memoryMiB = (): number => process.memoryUsage.rss() / 2 ** 20;

/** Linux counts the most since the program began; what `getrusage` tells has the parent's in it. */
export function mostMemoryMiB(): number {
  const [, kib] = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) / 1024;
}
