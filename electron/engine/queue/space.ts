import { statfsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { Log } from '../log.ts';
import type { Intake } from './intake.ts';

/**
 * What has to be free on the home's disk before new recordings are taken in: room for the ledger's WAL, its
 * checkpoint and the log, so that uploads that are under way can still be written down.
 */
export const MIN_FREE_BYTES = 64 * 1024 * 1024;
/** A look is a system call; thousands of files may settle at once. */
const LOOK_EVERY_MS = 1_000;

/** A log without the line of each file that waits for space: they are told once, and the log is on the same disk. */
export function withoutDiskFull(log: Log): Log {
  return (level, message, fields) => {
    const error = fields?.['error'];
    if (error instanceof AppError && error.code === 'disk-full') return;
    log(level, message, fields);
  };
}

type Room = Pick<ReturnType<typeof createSpace>, 'assertRoom'>;

/** An intake that takes nothing in while there is no room. */
export const whereRoom = (intake: Intake, space: Room): Intake => ({
  ...intake,
  accept(...args) {
    space.assertRoom();
    return intake.accept(...args);
  },
  acceptUnlessMoved(...args) {
    space.assertRoom();
    return intake.acceptUnlessMoved(...args);
  },
});

/** Watches the space on the home's disk. A disk that cannot be asked counts as having room. */
export function createSpace(
  options: Readonly<{
    path: string;
    monotonicMs: () => number;
    onChange: (isLow: boolean) => void;
  }>,
) {
  const { path, monotonicMs, onChange } = options;
  let isLow = false;
  let nextLookMs = -Infinity;

  function look(): boolean {
    if (monotonicMs() < nextLookMs) return isLow;
    nextLookMs = monotonicMs() + LOOK_EVERY_MS;
    const before = isLow;
    isLow = freeBytes(path) < MIN_FREE_BYTES;
    if (isLow !== before) onChange(isLow);
    return isLow;
  }
  return {
    isLow: look,
    /** @throws AppError `disk-full` */
    assertRoom(): void {
      if (look()) throw new AppError('disk-full', path);
    },
  };
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
