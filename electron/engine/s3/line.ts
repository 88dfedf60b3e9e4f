/** @file How long a line may be silent before it counts as dead. */

/** What is smaller passes too fast, or not at all, to tell anything of the line. */
const TELLING_BYTES = 64 * 1024;
/** Bytes a second. A line that is slower, for each of the parts on their way, is not waited for. */
const SLOWEST = 4 * 1024;

export type Line = Readonly<{
  /** How long nothing may be seen to move while a body of so many bytes is sent and answered, milliseconds. */
  waitMs: (bodyBytes: number) => number;
  /** A body went out and was answered. */
  took: (bodyBytes: number, ms: number) => void;
  /** Nothing was seen to move for so long. */
  silent: (bodyBytes: number, waitedMs: number) => void;
}>;

export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly isConnecting: boolean;

  constructor(message: string, isConnecting = false) {
    super(message);
    this.isConnecting = isConnecting;
  }
}

/**
 * Node sees a body move only into the kernel's send buffer, which holds megabytes and is refilled in large
 * steps: on a slow line minutes pass between two steps, and after the last. So a body may be silent for
 * twice the time that it takes at the rate of the last one that was answered; each silence in vain halves
 * that rate, as nobody knows whether the line was dead or slower still. A line that died is also noticed
 * by the kernel itself, whose unconfirmed bytes run out of tries (TCP, RFC 9293, 3.8.3).
 *
 * @param leastMs What is waited in any case.
 */
export function lineOf(leastMs: number): Line {
  let bytesPerMs = Number.POSITIVE_INFINITY;
  return {
    waitMs: (bodyBytes) => Math.ceil(Math.max(leastMs, (2 * bodyBytes) / bytesPerMs)),
    took(bodyBytes, ms) {
      if (bodyBytes >= TELLING_BYTES) bytesPerMs = Math.max(SLOWEST / 1000, bodyBytes / ms);
    },
    silent(bodyBytes, waitedMs) {
      if (bodyBytes < TELLING_BYTES) return;
      bytesPerMs = Math.max(SLOWEST / 1000, Math.min(bytesPerMs, bodyBytes / waitedMs));
    },
  };
}
