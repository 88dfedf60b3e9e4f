/** @file Deletions in the storage that a window or a REST call began: the library does not close before it is noted what became of each. */
import { mayBeDone } from './objects.ts';

export type Deletions = ReturnType<typeof createDeletions>;

/** @param onUnheard One may be done, though it was not heard to be. */
export function createDeletions(onUnheard: () => void = () => {}) {
  const ending = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    /** @param work Ends by itself soon after its signal. */
    async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const deletion = work(ending.signal);
      running.add(deletion);
      try {
        return await deletion;
      } catch (error) {
        if (mayBeDone(error)) onUnheard();
        throw error;
      } finally {
        running.delete(deletion);
      }
    },
    /** Begins no more of them, and waits for what was asked already. */
    async stop(): Promise<void> {
      ending.abort(new Error('The library closes'));
      await Promise.allSettled(running);
    },
  };
}
