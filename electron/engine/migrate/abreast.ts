import pLimit from 'p-limit';
import type { PlannedFile } from '../store/plans.ts';

const PAGE = 256;

/**
 * Works on a plan's files, some at a time, and gives what came of them page by page: what is kept of them
 * is little, and a page can be one commit.
 *
 * @throws The first that `work` throws, once nothing of it goes on any more, and after what came of the others.
 */
export async function* abreast<T>(
  files: Iterable<PlannedFile>,
  number: number,
  signal: AbortSignal | undefined,
  work: (file: PlannedFile) => Promise<T>,
): AsyncGenerator<T[]> {
  const limit = pLimit(number);
  const failures: unknown[] = [];
  const done = new Map<number, T>();
  const one = async (file: PlannedFile, place: number): Promise<void> => {
    if (failures.length > 0) return;
    try {
      signal?.throwIfAborted();
      done.set(place, await work(file));
    } catch (error) {
      failures.push(error);
    }
  };
  async function* finish(page: readonly PlannedFile[]): AsyncGenerator<T[]> {
    done.clear();
    await Promise.all(page.map((file, place) => limit(one, file, place)));
    // What was done before one failed is so, and has to be told.
    const some = [...done].toSorted(([a], [b]) => a - b).map(([, value]) => value);
    if (some.length > 0) yield some;
    if (failures.length > 0) throw failures[0];
  }
  let page: PlannedFile[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    if (page.push(file) < PAGE) continue;
    yield* finish(page);
    page = [];
  }
  if (page.length > 0) yield* finish(page);
}
