/** @file The file of a plan: JSON lines, with an end that proves them. */
import { createHash } from 'node:crypto';
import type { PlanEnd, PlanLine } from '#shared/migration/plan.ts';
import { writeNewFile } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';

/**
 * Writes a plan. The file appears whole, or not at all, and never over another one.
 *
 * @throws AppError `download-exists` · `cannot-write`
 */
export async function writePlan(
  path: string,
  lines: Iterable<PlanLine>,
  end: Omit<PlanEnd, 'sha256'>,
): Promise<void> {
  try {
    await writeNewFile(path, textOf(lines, end));
  } catch (error) {
    throw toWriteError(error, path);
  }
}

function* textOf(lines: Iterable<PlanLine>, end: Omit<PlanEnd, 'sha256'>): Generator<string> {
  const sha256 = createHash('sha256');
  for (const line of lines) {
    const text = `${JSON.stringify(line)}\n`;
    sha256.update(text);
    yield text;
  }
  yield `${JSON.stringify({ ...end, sha256: sha256.digest('hex') } satisfies PlanEnd)}\n`;
}
