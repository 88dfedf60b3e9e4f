/** @file Deletions in the storage that a window or a REST call began: the library does not close before it is noted what became of each. */
export type Deletions = ReturnType<typeof createDeletions>;

export function createDeletions() {
  const ending = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    /** @param work Ends by itself soon after its signal. */
    async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const deletion = work(ending.signal);
      running.add(deletion);
      try {
        return await deletion;
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
