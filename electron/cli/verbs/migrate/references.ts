import { Option, type Command } from 'commander';
import { count, printable } from '#shared/format.ts';
import {
  referenceFormats,
  rollbackName,
  sqlDialects,
  type ReferenceFormat,
  type SqlDialect,
} from '#shared/migration/references.ts';
import { openPlan } from '../../../engine/migrate/open-plan.ts';
import { writeReferences } from '../../../engine/migrate/references.ts';
import { jobStore } from '../../../engine/store/jobs.ts';
import { planStore } from '../../../engine/store/plans.ts';
import { EXIT } from '../../output.ts';
import type { Run } from '../../program.ts';

type Asked = Readonly<{
  format: ReferenceFormat;
  dialect: SqlDialect;
  table: string;
  pathColumn: string;
  keyColumn: string;
  prefix?: string;
  out?: string;
}>;

export function references(migration: Command, run: Run): void {
  migration
    .command('references <file>')
    .description('what your database has to know: the key of each verified file; and the way back')
    .addOption(
      new Option('--format <format>', 'of both files')
        .choices([...referenceFormats])
        .default('sql'),
    )
    .addOption(
      new Option('--dialect <dialect>', 'of SQL').choices([...sqlDialects]).default('postgresql'),
    )
    .option('--table <name>', 'with its schema before a dot, if it has one', 'recordings')
    .option('--path-column <name>', 'holds the path', 'path')
    .option('--key-column <name>', 'gets the key where it is NULL', 's3_key')
    .option('--prefix <text>', 'what the paths in the database begin with, instead of the archive')
    .option('--out <file>', 'default: beside the plan; the rollback is named after it')
    .action(
      run(async (context, file: string, asked: Asked) => {
        const { output } = context;
        const path = context.toPath(file);
        const update = context.toPath(asked.out ?? `${file}.references.${asked.format}`);
        const rollback = rollbackName(update, asked.format);
        const { database } = context.home();
        const plans = planStore(database, Date.now);
        const jobs = jobStore(database, Date.now);
        const plan = await openPlan(path, plans);
        const files = { prefix: undefined, ...asked, update, rollback };
        const { written, left } = await writeReferences({ jobs, plans }, plan, files);
        const rest = left === 0 ? '' : ` ${count(left, 'file')} not verified, so not in it.`;
        output.answer(
          { references: update, rollback, written, left },
          `${count(written, 'file')} in ${printable(update)}; the way back: ${printable(rollback)}.${rest}`,
        );
        return left === 0 ? EXIT.done : EXIT.someFailed;
      }),
    );
}
