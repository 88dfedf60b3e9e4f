/** @file The files that tell a database of a migration, for what is verified and for nothing else. */
import { join } from 'node:path';
import { csvLine } from '#shared/csv.ts';
import { AppError } from '#shared/errors.ts';
import {
  sqlHead,
  statements,
  type Reference,
  type ReferenceColumns,
  type ReferenceFormat,
  type SqlDialect,
  type Way,
} from '#shared/migration/references.ts';
import { writeNewFile } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';
import { inSlices } from '../pauses.ts';
import type { JobStore } from '../store/jobs.ts';
import type { Plan, PlanStore } from '../store/plans.ts';
import { jobOf } from './run.ts';
import { sentOf } from './verify.ts';

export type ReferenceOptions = ReferenceColumns &
  Readonly<{
    format: ReferenceFormat;
    dialect: SqlDialect;
    /** What the database's paths begin with instead of the archive's own folder. */
    prefix: string | undefined;
    update: string;
    rollback: string;
  }>;

/**
 * Writes both files.
 *
 * @returns How many files are in them, and how many of the plan are not, since they are not verified.
 * @throws AppError `usage` when there would be none: an empty file would keep its name from the next one ·
 *   `download-exists` · `cannot-write`
 */
export async function writeReferences(
  context: Readonly<{ jobs: JobStore; plans: PlanStore }>,
  plan: Plan,
  options: ReferenceOptions,
): Promise<{ written: number; left: number }> {
  let written = 0;
  for (const way of ['rollback', 'update'] as const) {
    const file = options[way];
    written = 0;
    const count = async function* () {
      for await (const reference of references(context, plan, options.prefix)) {
        written += 1;
        yield reference;
      }
      if (written === 0)
        throw new AppError(
          'usage',
          'No file of the plan is verified, so nothing was written: run it, then verify',
        );
    };
    try {
      await writeNewFile(file, textOf(way, count(), options));
    } catch (error) {
      throw toWriteError(error, file);
    }
  }
  return { written, left: plan.files - written };
}

async function* references(
  { jobs, plans }: Readonly<{ jobs: JobStore; plans: PlanStore }>,
  plan: Plan,
  prefix: string | undefined,
): AsyncGenerator<Reference> {
  for await (const file of inSlices(plans.files(plan.id))) {
    const job = jobOf(jobs, plan, file);
    const key = job && sentOf(job)?.key;
    if (file.verdict !== 'verified' || key === undefined) continue;
    yield {
      path: prefix === undefined ? join(plan.root, file.path) : below(prefix, file.path),
      key,
    };
  }
}

/**
 * Separated as the prefix is: a database of Windows' paths is told of no others. A folder may be given without
 * its last separator, too: paths that are in no row would be updated in silence. After none they are relative.
 */
function below(prefix: string, path: string): string {
  const separator =
    /^[A-Za-z]:$/.test(prefix) || (prefix.includes('\\') && !prefix.includes('/')) ? '\\' : '/';
  const isWhole = prefix === '' || prefix.endsWith(separator);
  return `${prefix}${isWhole ? '' : separator}${path.replaceAll('/', separator)}`;
}

async function* textOf(
  way: Way,
  rows: AsyncIterable<Reference>,
  options: ReferenceOptions,
): AsyncGenerator<string> {
  const { format, dialect, pathColumn, keyColumn } = options;
  const { withValues, withNames } = statements(options);
  switch (format) {
    case 'sql':
      yield sqlHead(dialect);
      for await (const row of rows) yield withValues(way, row);
      yield 'COMMIT;\n';
      return;
    case 'csv':
      // For programs: every value as it is. The rollback's keys are those to be taken away.
      yield csvLine([pathColumn, keyColumn]);
      for await (const { path, key } of rows) yield csvLine([path, key]);
      return;
    case 'json': {
      yield `{"statement":${JSON.stringify(withNames(way))},"rows":[`;
      let separator = '\n';
      for await (const { path, key } of rows) {
        yield `${separator}${JSON.stringify({ path, key })}`;
        separator = ',\n';
      }
      yield '\n]}\n';
    }
  }
}
