import pLimit from 'p-limit';
import type { PlannedFile } from '../store/plans.ts';

const PAGE = 256;

/**
 * Works on a plan's files, some at a time, and gives what came of them page by page: what is kept of them
 * is little, and a page can be one commit.
 */
export async function* abreast<T>(
  files: Iterable<PlannedFile>,
  number: number,
  signal: AbortSignal,
  work: (file: PlannedFile) => Promise<T>,
): AsyncGenerator<T[]> {
  const limit = pLimit(number);
  let page: PlannedFile[] = [];
  const done = () => Promise.all(page.map((file) => limit(work, file)));
  for (const file of files) {
    signal.throwIfAborted();
    if (page.push(file) < PAGE) continue;
    yield await done();
    page = [];
  }
  if (page.length > 0) yield await done();
}
