/** @file What holds when nobody says otherwise, the same for every host. */
import { userInfo } from 'node:os';

/** How long a recording must not have changed before it is taken, in milliseconds. */
export const QUIET_MS = 10_000;

/**
 * How long after its last change a recording that looks unfinished may still be its recorder's, in
 * milliseconds: longer than the break in a lecture, shorter than a person forgets about it.
 */
export const GRACE_MS = 10 * 60_000;

/** How often every folder is looked through from the top, in milliseconds: hints get lost. */
export const RESCAN_MS = 15 * 60_000;

/** The computer's clock, Unix milliseconds, and one that never jumps. */
export const clock = { nowMs: Date.now, monotonicMs: () => performance.now() };

/** Of this computer's account. In a container it may have no name, and goes by its number. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user-${process.getuid?.() ?? ''}`;
  }
}

/** Who uploads: the account's name, where it may stand in metadata and keys. */
export function defaultUserId(): string {
  const name = accountName()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name.slice(0, 128) || 'user';
}
