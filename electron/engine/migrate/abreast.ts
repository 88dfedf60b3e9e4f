import pLimit from 'p-limit';
import type { PlannedFile } from '../store/plans.ts';

const PAGE = 256;

/**
 * Works on a plan's files, some at a time, and gives what came of them page by page: what is kept of them
 * is little, and a page can be one commit.
 *
 * @throws The first that `work` throws, once nothing of it goes on any more.
 */
export async function* abreast<T>(
  files: Iterable<PlannedFile>,
  number: number,
  signal: AbortSignal | undefined,
  work: (file: PlannedFile) => Promise<T>,
): AsyncGenerator<T[]> {
  const limit = pLimit(number);
  const failures: unknown[] = [];
  const done: T[] = [];
  const one = async (file: PlannedFile, place: number): Promise<void> => {
    if (failures.length > 0) return;
    try {
      signal?.throwIfAborted();
      done[place] = await work(file);
    } catch (error) {
      failures.push(error);
    }
  };
  const finish = async (page: readonly PlannedFile[]): Promise<T[]> => {
    await Promise.all(page.map((file, place) => limit(one, file, place)));
    if (failures.length > 0) throw failures[0];
    return done.splice(0);
  };
  let page: PlannedFile[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    if (page.push(file) < PAGE) continue;
    yield await finish(page);
    page = [];
  }
  if (page.length > 0) yield await finish(page);
}
