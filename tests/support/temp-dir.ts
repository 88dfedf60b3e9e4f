import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

import { inject } from 'vitest';

import { mustHoldNoKey } from './canary-traces.ts';

/**
 * A fresh folder of its own for one test, removed with all it holds when the test ends; after a
 * test that was killed, when the run ends. A key in it fails the test.
 */
export async function tempDir(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(inject('runDir'), 'test-'));
  return {
    path: folder,
    // Windows refuses for a moment to delete what a process has only just closed: hence the retries.
    [Symbol.asyncDispose]: async () => {
      try {
        await mustHoldNoKey(folder);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 10 });
      }
    },
  };
}
