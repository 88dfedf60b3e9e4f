import { Option } from 'commander';
import {
  auditAlarm,
  auditLevels,
  auditReasons,
  auditSummary,
  needsLook,
  type AuditLevel,
  type AuditTotals,
} from '#shared/audit.ts';
import { AppError } from '#shared/errors.ts';
import { printable } from '#shared/format.ts';
import { runAudit } from '../../engine/audit-run.ts';
import { folderStore } from '../../engine/store/folders.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import type { Finding } from '../../engine/store/audits.ts';
import { errorView, EXIT, exitCodeFor } from '../output.ts';
import type { Verb } from '../program.ts';

export const audit: Verb = (program, run) => {
  program
    .command('audit')
    .description('local files, ledger and bucket compared, file by file; changes nothing')
    .addOption(
      new Option(
        '--level <level>',
        'list: sizes from one listing; head: each object asked; full: every byte here read again',
      )
        .choices([...auditLevels])
        .default('head'),
    )
    .option('--all', 'name what is the same, too')
    .action(
      run(async (context, { level, all = false }: { level: AuditLevel; all?: boolean }) => {
        const { output, signal } = context;
        const remote = await context.remote();
        const { database } = context.home();
        const document = output.document('rows');
        const result = await runAudit(
          {
            database,
            remote,
            jobs: jobStore(database, Date.now, () => {}),
            folders: folderStore(database, Date.now).list(),
          },
          level,
          Date.now,
          async (finding, looked) => {
            output.progress(`${looked} looked at`);
            await document.item(
              rowOf(finding),
              all || finding.reason !== 'equal' ? line(finding) : undefined,
            );
          },
          signal,
        ).catch((error: unknown) => {
          // A document that was begun is ended, so that machines can read what there is.
          if (!output.json || !document.isBegun() || !(error instanceof AppError)) throw error;
          document.end({ error: errorView(error) }, '');
          return exitCodeFor(error);
        });
        if (typeof result === 'number') return result;
        const { totals } = result;
        output.progress('');
        const alarm = auditAlarm(totals);
        if (alarm !== undefined) output.note(alarm);
        document.end(
          { level, totals, ...(alarm === undefined ? {} : { alarm }) },
          auditSummary(totals),
        );
        return isClean(totals) ? EXIT.done : EXIT.someFailed;
      }),
    );
};

function isClean(totals: AuditTotals): boolean {
  return Object.entries(totals).every(
    ([reason, number]) => number === 0 || !needsLook(reason as keyof AuditTotals),
  );
}

function rowOf({ reason, path, key, detail }: Finding) {
  return { verdict: auditReasons[reason].verdict, path, key, reason, detail };
}

function line({ reason, path, key, detail }: Finding): string {
  const { verdict, title } = auditReasons[reason];
  const what = printable(path ?? key ?? '');
  return reason === 'equal'
    ? `${verdict} ${what}`
    : `${verdict} ${what}\n    ${title}${detail ? ` (${detail})` : ''}`;
}
