import type { Command } from 'commander';
import { AppError } from '#shared/errors.ts';
import { count, formatBytes, formatNumber, formatTime, printable } from '#shared/format.ts';
import { isBackedUp } from '#shared/migration/migration-steps.ts';
import {
  backupText,
  cleanupLevels,
  keptReasons,
  QUARANTINE_DAYS,
  type CleanupLevel,
  type Kept,
  type Sum,
} from '#shared/migration/migration.ts';
import { doubtsText } from '#shared/migration/plan.ts';
import { lockText } from '#shared/school.ts';
import {
  purge,
  quarantine,
  surveyPlan,
  undo as undoPlan,
  type Cleaned,
} from '../../../engine/migrate/cleanup.ts';
import type { PlaceContext } from '../../../engine/migrate/step.ts';
import { openPlan } from '../../../engine/migrate/open-plan.ts';
import { limitsOf, mustBeFree, viewOfSchool } from '../../../engine/school/school.ts';
import { jobStore } from '../../../engine/store/jobs.ts';
import { planStore, type ReadPlan } from '../../../engine/store/plans.ts';
import type { Context } from '../../context.ts';
import { whole } from '../../options.ts';
import { EXIT, type ExitCode } from '../../output.ts';
import type { Run } from '../../program.ts';
import { levelOption } from './verify.ts';

type Asked = Readonly<{ level: CleanupLevel; confirm?: number; purge?: boolean; days: number }>;

const NO_BACKUP =
  'There is no back-up on record that is the same: migrate backup --at DIR, or --said-by TEXT';

const NOT_DELETED = ` Nothing is deleted yet: migrate undo puts them back, cleanup --purge deletes them after ${QUARANTINE_DAYS} days.`;

export function cleanup(migration: Command, run: Run): void {
  migration
    .command('cleanup <file>')
    .description(
      'moves verified files into quarantine on their disk; later, with --purge, deletes them',
    )
    .addOption(levelOption(cleanupLevels))
    .option(
      '--confirm <number>',
      'do it, for so many files; without this it only says how many it would be',
      whole(1),
    )
    .option('--purge', 'delete for good what has been in quarantine for --days')
    .option('--days <number>', 'with --purge: how long', whole(1, 3_650), QUARANTINE_DAYS)
    .action(
      run(async (context, file: string, asked: Asked) => {
        const { places, plan } = await open(context, file);
        if (asked.confirm === undefined) return preview(context, places, plan, asked);
        mustBeFree(limitsOf(context.school()), 'free');
        if (!isBackedUp(places.plans.backup(plan.id))) throw new AppError('usage', NO_BACKUP);
        const cleaning = { ...places, remote: await context.remote() };
        const kept = listKept(context);
        const { tell } = kept;
        const { level, days, confirm } = asked;
        const { signal, output } = context;
        const going = asked.purge
          ? purge(cleaning, plan, days, confirm, tell, signal)
          : quarantine(cleaning, plan, level, confirm, tell, signal);
        const done = await going.catch((error: unknown) => {
          const how = asked.purge ? 'deleted for good' : 'moved into quarantine';
          if (kept.done() > 0)
            output.note(`At least ${count(kept.done(), 'file')} ${how} before that:`, true);
          throw error;
        });
        output.progress('');
        const left = keptText(kept.files());
        const size = formatBytes(done.bytes);
        if (asked.purge)
          kept.document.end(
            { removed: done.files, bytesFreed: done.bytes },
            `${count(done.files, 'file')} deleted for good, ${size} freed${left}.${kept.more()}`,
          );
        else
          kept.document.end(
            { quarantined: done.files, bytesFreed: 0, bytesQuarantined: done.bytes },
            `${count(done.files, 'file')} (${size}) moved into quarantine${left}.${done.files === 0 ? '' : NOT_DELETED}${kept.more()}`,
          );
        return kept.files() === 0 ? EXIT.done : EXIT.someFailed;
      }),
    );
}

export function undo(migration: Command, run: Run): void {
  migration
    .command('undo <file> [paths...]')
    .description('puts back what is in quarantine: all of it, or these paths of the plan')
    .action(
      run(async (context, file: string, paths: string[]) => {
        const { output, signal } = context;
        const { places, plan } = await open(context, file);
        const kept = listKept(context);
        const some = paths.length === 0 ? undefined : new Set(paths);
        const { files, bytes } = await undoPlan(places, plan, some, kept.tell, signal);
        output.progress('');
        kept.document.end(
          { restored: files, bytes },
          `${count(files, 'file')} (${formatBytes(bytes)}) put back${keptText(kept.files())}.${kept.more()}`,
        );
        return kept.files() === 0 ? EXIT.done : EXIT.someFailed;
      }),
    );
}

/** Alone in the home: nothing else moves files or their jobs meanwhile. */
async function open(
  context: Context,
  file: string,
): Promise<{ places: PlaceContext; plan: ReadPlan }> {
  const { database } = context.lockedHome();
  const plans = planStore(database, Date.now);
  const jobs = jobStore(database, Date.now);
  const plan = await openPlan(context.toPath(file), plans);
  return { places: { jobs, plans, nowMs: Date.now }, plan };
}

async function preview(
  context: Context,
  places: PlaceContext,
  plan: ReadPlan,
  asked: Asked,
): Promise<ExitCode> {
  const { output, signal } = context;
  const survey = await surveyPlan(places, plan, asked.level, asked.days, signal);
  const { verified, pending, here, quarantined, due, nextDueAtMs, removed, lost } = survey;
  const ready = asked.purge ? due : here;
  const text = asked.purge
    ? `${count(due.files, 'file')} (${formatBytes(due.bytes)}) have been in quarantine for ${count(asked.days, 'day')}.${nextDueText(nextDueAtMs)}`
    : `${formatNumber(verified.files)} of ${count(plan.files, 'file')} verified at the level ${asked.level}, ${formatNumber(pending.files)} pending${doubtText(plan.files - verified.files - pending.files)}.`;
  const backup = places.plans.backup(plan.id);
  const isToFree = here.files + pending.files + quarantined.files > 0;
  const doubts = doubtsText(plan.summary.problems, isToFree);
  const confirm = `To go on, add --confirm ${ready.files}: ${formatBytes(ready.bytes)}.`;
  const school = viewOfSchool(context.school());
  const { mayFree } = school ?? { mayFree: true };
  const next = !mayFree
    ? lockText(school, 'free')
    : ready.files === 0 || (pending.files > 0 && !asked.purge)
      ? `Nothing can be cleaned up now${pending.files > 0 ? ': migrate run, then migrate verify, which says what to do' : ''}.`
      : isBackedUp(backup)
        ? confirm
        : `${NO_BACKUP}.`;
  output.answer(
    {
      files: plan.files,
      verified,
      pending,
      here,
      quarantined,
      due,
      nextDueAt: nextDueAtMs === null ? null : new Date(nextDueAtMs).toISOString(),
      removed,
      lost,
      doubts: plan.summary.problems
        .filter(({ why }) => why === 'unfinished' || why === 'wrong-type')
        .map(({ why, files }) => ({ why, files })),
      mayFree,
    },
    `${text}\n${backupText(backup)}\n${count(quarantined.files, 'file')} in quarantine, ${formatNumber(removed.files)} deleted for good.\n${lostText(lost)}${doubts === '' ? '' : `${doubts}\n`}${next}`,
  );
  return EXIT.done;
}

/** Of what was verified when it was moved: it keeps no other file from anything. */
function doubtText(files: number): string {
  if (files === 0) return '';
  return `, ${formatNumber(files)} in quarantine or deleted that ${files === 1 ? 'is' : 'are'} not: migrate verify says why`;
}

function nextDueText(ms: number | null): string {
  return ms === null ? '' : ` The next can be deleted from ${formatTime(ms)} on.`;
}

function lostText({ files }: Sum): string {
  if (files === 0) return '';
  return `${count(files, 'file')} neither at its place nor in quarantine: is this the archive’s disk?\n`;
}

function keptText(files: number): string {
  return files === 0 ? '' : `, ${count(files, 'file')} kept`;
}

/** How many files of each reason a person is shown; `--json` has all. */
const SHOWN = 10;

/** Names files that are kept, as it goes. */
function listKept({ output }: Context) {
  const document = output.document('kept');
  const numbers = new Map<Kept, number>();
  let done = 0;
  let files = 0;
  const tell = async ({ file: { path }, kept: why }: Cleaned): Promise<void> => {
    done += 1;
    output.progress(() => `${formatNumber(done)} done`);
    if (why === undefined) return;
    files += 1;
    const before = numbers.get(why) ?? 0;
    numbers.set(why, before + 1);
    if (!output.json && before < SHOWN)
      output.note(`${printable(path)} was kept: it ${keptReasons[why]}`, true);
    await document.item({ path, reason: why }, undefined);
  };
  /** How many there are of what is not named to the end. */
  const more = (): string => {
    const long = [...numbers].filter(([, number]) => number > SHOWN);
    const lines = long.map(
      ([why, number]) =>
        `\n${formatNumber(number).padStart(9)}  Kept: it ${keptReasons[why]}. The first ten are named; --json names all.`,
    );
    return lines.join('');
  };
  return { tell, document, files: () => files, done: () => done - files, more };
}
