import { Argument, Option } from 'commander';
import {
  askedText,
  auditAlarm,
  auditLevels,
  auditPeriods,
  auditReasons,
  auditSummary,
  needsLook,
  NOT_COMPARED_HERE,
  refutedReasons,
  waysOn,
  type AuditLevel,
  type AuditPeriod,
  type AuditTotals,
  type RefutedReason,
} from '#shared/audit.ts';
import { AppError } from '#shared/errors.ts';
import { count, formatNumber, printable } from '#shared/format.ts';
import { runAudit } from '../../engine/audit/audit-run.ts';
import { ownAuditsView, setAuditPeriod } from '../../engine/audit/by-itself.ts';
import { keysAsShown, settleGone } from '../../engine/audit/gone.ts';
import { auditStore, type Finding } from '../../engine/store/audits.ts';
import { folderStore } from '../../engine/store/folders.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import { linkStore } from '../../engine/store/links.ts';
import { objectIndex } from '../../engine/store/objects.ts';
import type { Context } from '../context.ts';
import { whole } from '../options.ts';
import { EXIT, type ExitCode } from '../output.ts';
import type { Verb } from '../program.ts';

export const audit: Verb = (program, run) => {
  const verb = program
    .command('audit')
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
            jobs: jobStore(database, Date.now),
            folders: folderStore(database, Date.now).list(),
          },
          level,
          Date.now,
          async (finding, looked) => {
            output.progress(`${formatNumber(looked)} looked at`);
            await document.item(
              rowOf(finding),
              all || finding.reason !== 'equal' ? line(finding) : undefined,
            );
          },
          signal,
        );
        const { totals } = result;
        output.progress('');
        const alarm = auditAlarm(totals);
        if (alarm !== undefined) output.note(alarm, true);
        document.end(
          { level, totals, ...(alarm === undefined ? {} : { alarm }) },
          auditSummary(totals),
        );
        return isClean(totals) ? EXIT.done : EXIT.someFailed;
      }),
    );

  verb
    .command('upload-again')
    .description('what the last audit did not find as it was sent: up again, with the next sync')
    .addArgument(reasons('again'))
    .action(
      run((context, reason: RefutedReason) =>
        settle(context, reason, auditStore(context.home().database).keysOf(reason), true),
      ),
    );

  verb
    .command('on-purpose')
    .description(
      'what the last audit missed was removed on purpose: it no longer counts as stored; the files stay',
    )
    .addArgument(reasons('onPurpose'))
    .option('--confirm <number>', 'of that many; without this nothing changes', whole(1))
    .action(
      run((context, reason: RefutedReason, { confirm }: { confirm?: number }) => {
        const store = auditStore(context.home().database);
        if (confirm === undefined)
          throw new AppError('usage', whatOnPurposeMeans(store.refuted()[reason] ?? 0));
        return settle(context, reason, keysAsShown(store, reason, confirm), false);
      }),
    );

  verb
    .command('by-itself')
    .description(
      'how often the app, serve and watch audit by themselves, by one listing, while nothing is sent; they tell only what is missing or changed',
    )
    .addArgument(new Argument('[every]', 'from now on').choices(auditPeriods))
    .action(run(byItself));
};

async function byItself(context: Context, period?: AuditPeriod): Promise<ExitCode> {
  const { database } = context.home();
  if (period) setAuditPeriod(database, period);
  const jobs = jobStore(database, Date.now);
  const view = ownAuditsView(database, jobs, objectIndex(database), context.place());
  const { every, objects } = view;
  const cost = objects === 0 ? '' : `: ${askedText(view)}`;
  const text =
    every === 'off'
      ? 'The storage is compared only when somebody asks.'
      : `The storage is compared each ${every}${cost}.`;
  const notes = [
    every !== 'off' && view.isElsewhere && NOT_COMPARED_HERE,
    view.isRefused &&
      'The storage refused to list its objects the last time; it is asked again then.',
  ];
  context.output.answer(view, [text, ...notes.filter(Boolean)].join('\n'));
  return EXIT.done;
}

const reasons = (way: 'again' | 'onPurpose') =>
  new Argument('<what>', 'as the last audit called it').choices(
    refutedReasons.filter((reason) => waysOn[reason][way]),
  );

function whatOnPurposeMeans(files: number): string {
  if (files === 0) return 'The last audit found none of these';
  const itself = files === 1 ? 'itself' : 'themselves';
  return `${count(files, 'recording')} would no longer count as stored, and not be uploaded again by ${itself}; an audit shows which. Add --confirm ${files} if that is meant`;
}

/** The storage is asked once more before. */
async function settle(
  context: Context,
  reason: RefutedReason,
  keys: readonly string[],
  isAgain: boolean,
) {
  const remote = await context.remote();
  const { database } = context.home();
  const jobs = jobStore(database, Date.now);
  const answer = await settleGone(
    {
      remote,
      jobs,
      links: linkStore(database),
      objects: objectIndex(database),
      nowMs: Date.now,
    },
    keys,
    reason,
    isAgain,
    context.signal,
  );
  const { settled, there } = answer;
  const lines = [
    settled > 0 &&
      `${formatNumber(settled)} ${isAgain ? 'will be uploaded again with the next sync' : `no longer ${settled === 1 ? 'counts' : 'count'} as stored`}.`,
    there > 0 && `${formatNumber(there)} ${there === 1 ? 'is' : 'are'} in the storage after all.`,
  ].filter(Boolean);
  context.output.answer(answer, lines.join('\n') || 'The last audit found none of these.');
  return EXIT.done;
}

function isClean(totals: AuditTotals): boolean {
  return Object.entries(totals).every(
    ([reason, number]) => number === 0 || !needsLook(reason as keyof AuditTotals),
  );
}

function rowOf({ reason, path, key, detail }: Finding) {
  return { verdict: auditReasons[reason].verdict, path, key, reason, detail };
}

/** One a file, so that `grep '^-'` finds which and why: after a clean-up there are as many as the archive had files. */
function line({ reason, path, key, detail }: Finding): string {
  const { verdict, title } = auditReasons[reason];
  const what = printable(path ?? key ?? '');
  return reason === 'equal'
    ? `${verdict} ${what}`
    : `${verdict} ${what}: ${title}${detail ? ` (${detail})` : ''}`;
}
