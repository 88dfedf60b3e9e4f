/** @file Making writes last, without one disk flush for each of many simultaneous requests. */
import { open } from 'node:fs/promises';

/**
 * `sync`, shared: callers that arrive while a flush runs all wait for one further flush, which
 * begins after they asked and so covers what they wrote.
 */
export function groupSyncs(sync: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  const start = (): Promise<void> => {
    running = sync().finally(() => {
      running = undefined;
    });
    return running;
  };
  const startQueued = (): Promise<void> => {
    queued = undefined;
    return start();
  };
  return () => {
    if (!running) return start();
    queued ??= running.then(startQueued, startQueued);
    return queued;
  };
}

/** Flushes the names inside a folder. Windows has no such call, and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
