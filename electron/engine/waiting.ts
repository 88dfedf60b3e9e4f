/** @file How long an answer, an end or a turn is waited for. */

/**
 * Waits for an answer, and no longer than until `signal` is aborted, whatever becomes of what was asked.
 *
 * @throws What the answer fails with; the signal's reason, also where both are there.
 */
export async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([aborted, answer]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** For what is under way when a library is closed: a disk that hangs does not hold that up, and what it then says is heard by nobody. */
export const STOP_MS = 3_000;

/** Waits until a task has ended, and no longer than `ms`. @throws What the task fails with within that time. */
export async function within(ms: number, task: Promise<unknown> | undefined): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, ms);
  try {
    await Promise.race([task, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export type Turns = ReturnType<typeof createTurns>;

/** Lets those who name the same thing do their work one after another. */
export function createTurns() {
  const taken = new Map<string, Promise<void>>();
  return {
    /** @returns The turn, for as long as it is in use. Waiting for it ends with `signal`. */
    async take(name: string, signal: AbortSignal): Promise<Disposable> {
      for (let other = taken.get(name); other !== undefined; other = taken.get(name))
        await unlessAborted(other, signal);
      const { promise, resolve } = Promise.withResolvers<void>();
      taken.set(name, promise);
      return {
        [Symbol.dispose]() {
          taken.delete(name);
          resolve();
        },
      };
    },
  };
}
