import { Option, type Command } from 'commander';
import { AppError } from '#shared/errors.ts';
import { count, printable } from '#shared/format.ts';
import {
  BACKUP_SAMPLE,
  backupText,
  hashKinds,
  hashListFormats,
  reportFormats,
  type HashKind,
  type HashListFormat,
  type ReportFormat,
} from '#shared/migration/migration.ts';
import { backupView, compareBackup, noteBackup } from '../../../engine/migrate/backup.ts';
import { openPlan } from '../../../engine/migrate/open-plan.ts';
import { writeReport } from '../../../engine/migrate/report.ts';
import { writeReceipts } from '../../../engine/migrate/receipts.ts';
import { jobStore } from '../../../engine/store/jobs.ts';
import { planStore } from '../../../engine/store/plans.ts';
import { whole } from '../../options.ts';
import { EXIT } from '../../output.ts';
import type { Run } from '../../program.ts';
import { report as hashList } from './hash-list.ts';

/** How many files that are not the same a person is shown; `--json` has all. */
const SHOWN = 10;

type ReportAsked = Readonly<{ out: string; format: ReportFormat | HashListFormat; hash: HashKind }>;

export function backup(migration: Command, run: Run): void {
  migration
    .command('backup <file>')
    .description('puts a back-up of the archive on record')
    .addOption(
      new Option('--at <dir>', 'where it is: some of its files are compared').conflicts('saidBy'),
    )
    .option('--sample <number>', 'how many', whole(1, 1_000_000), BACKUP_SAMPLE)
    .option('--said-by <text>', 'done elsewhere, by whom or what')
    .action(
      run(
        async (
          context,
          file: string,
          { at, sample, saidBy }: { at?: string; sample: number; saidBy?: string },
        ) => {
          const { output, signal } = context;
          if (at === undefined && saidBy === undefined)
            throw new AppError('usage', 'Say where it is with --at, or who made it with --said-by');
          const { database } = context.home();
          const plans = planStore(database, Date.now);
          const plan = await openPlan(context.toPath(file), plans);
          const own = { plans, nowMs: Date.now, random: Math.random };
          const document = output.document('different');
          let different = 0;
          const made =
            at === undefined
              ? noteBackup(own, plan, saidBy!)
              : await compareBackup(
                  own,
                  plan,
                  context.toPath(at),
                  sample,
                  async ({ path }, isSame) => {
                    if (isSame) return;
                    different += 1;
                    if (!output.json && different <= SHOWN)
                      output.note(`${printable(path)} is not the same there`, true);
                    await document.item(path, undefined);
                  },
                  signal,
                );
          document.end({ backup: backupView(made) }, backupText(made));
          return different === 0 ? EXIT.done : EXIT.someFailed;
        },
      ),
    );
}

export function receipts(migration: Command, run: Run): void {
  migration
    .command('receipts <file>')
    .description(
      'what was done, in a chain that shows each change; for scripts/verify-receipts.mjs',
    )
    .requiredOption('--out <file>', 'a new file')
    .action(
      run(async (context, file: string, { out }: { out: string }) => {
        const { database, path: home } = context.home();
        const plans = planStore(database, Date.now);
        const plan = await openPlan(context.toPath(file), plans);
        const path = context.toPath(out);
        const { receipts: number, head } = await writeReceipts(plans, plan, home, path);
        context.output.answer(
          { path, receipts: number, head },
          `${count(number, 'receipt')} in ${printable(path)}. Keep this elsewhere: ${head}`,
        );
        return EXIT.done;
      }),
    );
}

export function report(migration: Command, run: Run): void {
  migration
    .command('report <file>')
    .description('what became of each file of the plan')
    .requiredOption('--out <file>', 'a new file; for ascmhl a new folder')
    .addOption(
      new Option(
        '--format <format>',
        'html for people and paper, csv for spreadsheets, json; mhl and ascmhl: hash lists of what is verified',
      )
        .choices([...reportFormats, ...hashListFormats])
        .default('html'),
    )
    .addOption(
      new Option('--hash <kind>', 'of a hash list').choices([...hashKinds]).default('xxh64'),
    )
    .action(
      run(async (context, file: string, asked: ReportAsked) => {
        const { database } = context.home();
        const plans = planStore(database, Date.now);
        const jobs = jobStore(database, Date.now);
        const plan = await openPlan(context.toPath(file), plans);
        const { format, hash } = asked;
        const out = context.toPath(asked.out);
        if (format === 'mhl' || format === 'ascmhl')
          return hashList(context, { jobs, plans }, plan, { format, hash, out });
        const totals = await writeReport({ jobs, plans, nowMs: Date.now }, plan, format, out);
        context.output.answer({ report: out, totals }, `The report: ${printable(out)}`);
        return EXIT.done;
      }),
    );
}
