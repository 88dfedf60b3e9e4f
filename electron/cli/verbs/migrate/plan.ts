import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { AppError } from '#shared/errors.ts';
import { count, formatBytes, formatNumber, printable } from '#shared/format.ts';
import { costText, othersText, timeText } from '#shared/migration/estimate.ts';
import {
  planProblems,
  type PlanEnd,
  type PlanGroups,
  type PlanProblem,
} from '#shared/migration/plan.ts';
import { checkId } from '#shared/recording.ts';
import { defaultUserId, QUIET_MS } from '../../../engine/defaults.ts';
import { planMigration, type PlanProgress } from '../../../engine/migrate/plan.ts';
import { ledgerPath } from '../../../engine/home/ledger-file.ts';
import { jobStore, type JobStore } from '../../../engine/store/jobs.ts';
import type { Context } from '../../context.ts';
import { userOption, whole } from '../../options.ts';
import { EXIT } from '../../output.ts';
import type { Run } from '../../program.ts';
import { tariffNow } from '../cost-prices.ts';

/** How many of each problem a person is shown; the plan has all. */
const SHOWN = 10;

type PlanAsked = Readonly<{
  map?: string;
  timetable?: string;
  zone?: string;
  out: string;
  user?: string;
  onlyWhole?: boolean;
  mbit?: number;
}>;

export function plan(migration: Command, run: Run): void {
  migration
    .command('plan <dir>')
    .description('what would go where, and what would not; sends and changes nothing')
    .option('--map <csv>', 'where it goes: path,class_id[,user_id,kind]')
    .option(
      '--timetable <csv>',
      'where the rest goes, by its time: class_id,weekday,starts,ends[,from,to,path,user_id]',
    )
    .option(
      '--zone <name>',
      'of the timetable’s clock, such as Europe/Berlin; default: this computer’s',
    )
    .requiredOption('--out <file>', 'the plan, for run')
    .addOption(userOption())
    .option('--only-whole', 'leave out what looks unfinished or is not what its name says')
    .option('--mbit <number>', 'your line’s upload, in megabits a second', whole(1, 1_000_000))
    .action(
      run(async (context, dir: string, asked: PlanAsked) => {
        const { map, timetable, zone, out, user, onlyWhole, mbit } = asked;
        const { output, signal } = context;
        if (map === undefined && timetable === undefined)
          throw new AppError('usage', 'Say where files go, with --map or --timetable');
        const file = context.toPath(out);
        const remote = await context.remote().catch(notSetUp);
        const document = output.document('problems');
        const shown = new Map<string, number>();
        const end = await planMigration(
          {
            root: context.toPath(dir),
            mapping: map && context.toPath(map),
            timetable:
              timetable === undefined
                ? undefined
                : { file: context.toPath(timetable), zone: zone ?? ownZone() },
            out: file,
            userId: checkId(user ?? defaultUserId()),
            mbit: mbit === undefined ? undefined : { least: mbit, most: mbit },
            onlyWhole,
            quietMs: QUIET_MS,
            nowMs: Date.now,
            jobs: jobsOf(context),
            remote,
            tariff: remote && (() => tariffNow(context)),
            nativeBinding: context.nativeBinding,
          },
          (progress) => output.progress(() => progressText(progress)),
          async (problem) => {
            const before = shown.get(problem.problem) ?? 0;
            shown.set(problem.problem, before + 1);
            await document.item(problem, before < SHOWN ? problemText(problem) : undefined);
          },
          signal,
        );
        output.progress('');
        const { problems, ...rest } = end;
        document.end({ plan: file, ...rest, counts: problems }, summary(end, file));
        return EXIT.done;
      }),
    );
}

/** A plan needs no ledger, and makes none. */
function jobsOf({ homePath, home }: Context): JobStore | undefined {
  return existsSync(ledgerPath(homePath)) ? jobStore(home().database, Date.now) : undefined;
}

/** A plan needs no storage. @throws Anything else. */
function notSetUp(error: unknown): undefined {
  if (!(error instanceof AppError) || error.code !== 'settings-missing') throw error;
}

function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function progressText({ done, total }: PlanProgress): string {
  const files = count(done.files, 'file');
  if (total === null) return `${files}, ${formatBytes(done.bytes)} found`;
  return `${formatBytes(done.bytes)} of ${formatBytes(total.bytes)} compared with files of the same size: ${formatNumber(done.files)} of ${count(total.files, 'file')}`;
}

function problemText({ problem, path, detail }: PlanProblem): string {
  const { title } = planProblems[problem];
  return `${printable(path)}: ${title}${detail === undefined ? '' : ` (${printable(detail)})`}`;
}

function summary(
  { files, bytes, problems, groups, estimate }: Omit<PlanEnd, 'sha256'>,
  file: string,
): string {
  const lines = Object.entries(problems).map(([kind, number]) => {
    const { title, blocks } = planProblems[kind as keyof typeof planProblems];
    return `${formatNumber(number).padStart(9)}  ${title}${blocks ? ', so it is not in the plan' : ''}`;
  });
  const { sends = { files, bytes } } = estimate;
  return [
    ...lines,
    `${count(sends.files, 'file')} (${formatBytes(sends.bytes)}) would be sent.${othersText({ files, bytes }, estimate)} The plan: ${printable(file)}`,
    ...(files === 0
      ? []
      : [groupsText(groups), `Estimate: ${timeText(estimate)}; ${costText(estimate)}.`]),
    'Nothing was sent or changed.',
  ].join('\n');
}

function groupsText({ classes, types, years }: PlanGroups): string {
  const places = count(Object.keys(classes).length, 'place');
  return `${listed(types, '')}; ${listed(years, 'of ')}; for ${places} in the bucket.`;
}

function listed(sums: PlanGroups['types'], word: string): string {
  return Object.entries(sums)
    .map(([name, { files }]) => `${formatNumber(files)} ${word}${name || 'without ending'}`)
    .join(', ');
}
