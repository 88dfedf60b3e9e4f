import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A fresh folder of its own for one test, removed with all it holds when the test ends. The path is
 * the real one (on macOS the temp folder is a link), so it compares equal to what a watcher reports.
 */
export async function tempDir(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'pansea-test-')));
  return {
    path: folder,
    // Windows refuses for a moment to delete what a process has only just closed: hence the retries.
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}
