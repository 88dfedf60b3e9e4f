import { Option } from 'commander';
import { countRefuted } from '#shared/audit.ts';
import { formatBytes, formatNumber, printable } from '#shared/format.ts';
import { atRest, isFirst, jobKinds, type JobKind } from '#shared/job.ts';
import { safeToLeave, type Outstanding } from '#shared/leave.ts';
import { createDecisions } from '../../engine/queue/decisions.ts';
import { createIntake } from '../../engine/queue/intake.ts';
import { peekPresence, type AskPresence } from '../../engine/watch/presence.ts';
import { scanInPieces, type Sighting } from '../../engine/watch/scan.ts';
import { auditStore } from '../../engine/store/audits.ts';
import { folderStore } from '../../engine/store/folders.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import { takenInStore, type TakenInStore } from '../../engine/store/taken-in.ts';
import type { Context } from '../context.ts';
import { whole } from '../options.ts';
import { EXIT } from '../output.ts';
import { noteOf } from '../../engine/window/views.ts';
import { jobView, reasonText } from '../present.ts';
import type { Verb } from '../program.ts';
import { standstillOf, wrongLimit } from '../standstill.ts';

const openJobs = (context: Context) => {
  const { database } = context.home();
  return { database, store: jobStore(database, Date.now) };
};

const IDS = 'numbers that jobs shows';
const jobIds = (text: string, before: readonly number[] = []) => [...before, whole(1)(text)];

const status: Verb = (program, run) => {
  program.command('status').action(
    run(async (context) => {
      const { database, store } = openJobs(context);
      const counts = Object.fromEntries(store.tally().map(({ kind, count }) => [kind, count]));
      const bytesLeft = store.leftToSend();
      const outside = await countOutside(
        folderStore(database, Date.now).list(),
        createIntake(store, Date.now),
        takenInStore(database),
        peekPresence(folderStore(database, Date.now), store),
        context.signal,
      );
      const refuted = countRefuted(auditStore(database).refuted());
      const atWork = context.isAtWork();
      const {
        safeToLeave: isSafe,
        isUnused,
        reason,
        ifLeft,
      } = safeToLeave(
        {
          counts: atWork ? counts : countsAtRest(counts),
          ...outside,
          notLooked: 0, // That was done just now.
          refuted,
        },
        atWork && standstillOf(database) === undefined,
      );
      const isLeft = outside.unseen > 0 || goOn.some((kind) => (counts[kind] ?? 0) > 0);
      const [oldest] = store.list('queued', 1);
      const why = oldest && reasonText(oldest);
      const oldestWaiting = oldest && {
        path: oldest.path,
        why,
        since: new Date(oldest.createdAtMs).toISOString(),
      };
      const stands = isLeft && atWork ? standstillOf(database) : undefined;
      const wrongSetting = wrongLimit(context.env);
      const lines = [
        isUnused
          ? `No folder is followed yet. Add one with: pansea-sync folders add PATH --class ID`
          : isSafe
            ? context.output.style('green', 'Safe to leave.')
            : context.output.style('yellow', 'Not safe to leave yet.'),
        reason,
        ifLeft,
        bytesLeft > 0 && `${formatBytes(bytesLeft)} still to go.`,
        oldest && `Waiting longest: ${printable(oldest.path)}${why ? `: ${why}` : ''}`,
        stands?.text,
        wrongSetting && `Nothing can be sent from here: ${wrongSetting}.`,
        isLeft && !atWork && 'Nothing is at work here now: start sync or watch.',
      ];
      context.output.answer(
        {
          safeToLeave: isSafe,
          reason,
          ifLeft,
          counts,
          bytesLeft,
          oldestWaiting,
          ...outside,
          refuted,
          atWork,
          stands: stands && { by: stands.by, until: stands.until },
          wrongSetting,
        },
        lines.filter(Boolean).join('\n'),
      );
      return EXIT.done;
    }),
  );
};

const list: Verb = (program, run) => {
  program
    .command('jobs')
    .addOption(new Option('--state <state>', 'only these').choices(jobKinds))
    .option('--limit <n>', 'so many at most', whole(1), 100)
    .action(
      run(async (context, { state, limit }: { state?: JobKind; limit: number }) => {
        const { store } = openJobs(context);
        const rows = store.list(state, limit);
        const total = store
          .tally()
          .filter(({ kind }) => state === undefined || kind === state)
          .reduce((sum, { count: some }) => sum + some, 0);
        const more = total - rows.length;
        const lines = rows.map((job) => {
          const why = reasonText(job) ?? noteOf(job);
          const turn = isFirst(job.state) ? ' · goes first' : '';
          return `${String(job.id).padStart(5)}  ${job.state.kind.padEnd(10)}${printable(job.path)} (${formatBytes(job.sizeBytes)})${turn}${why ? `\n                 ${why}` : ''}`;
        });
        if (more > 0)
          lines.push(
            `… and ${formatNumber(more)} more: raise --limit${state ? '' : ', or ask for some with --state'}`,
          );
        context.output.answer(
          { jobs: rows.map(jobView), total },
          lines.join('\n') || 'Nothing here.',
        );
        return EXIT.done;
      }),
    );
};

const retry: Verb = (program, run) => {
  program
    .command('retry')
    .argument('[id...]', IDS, jobIds)
    .action(
      run(async (context, ids: readonly number[] = []) => {
        const retried = decisionsOf(context).retry({ ids });
        if (ids.length > 0)
          return decided(context, { retried }, ids, 'will be tried again with the next sync');
        context.output.answer(
          { retried },
          retried === 0
            ? 'No failed upload to retry.'
            : `${formatNumber(retried)} will be tried again with the next sync.`,
        );
        return EXIT.done;
      }),
    );
};

type Decisions = ReturnType<typeof decisionsOf>;
type Done = Readonly<Record<string, number>>;

/** A verb that does one thing to the jobs that are named. @param what Is said of those it was done to. */
const onJobs =
  (
    name: string,
    what: string,
    act: (decisions: Decisions, ids: readonly number[]) => Done | Promise<Done>,
  ): Verb =>
  (program, run) => {
    program
      .command(name)
      .argument('<id...>', IDS, jobIds)
      .action(
        run(async (context, ids: readonly number[]) =>
          decided(context, await act(decisionsOf(context), ids), ids, what),
        ),
      );
  };

const sendFirst = onJobs(
  'send-first',
  'will be sent before the others that wait',
  async (decisions, ids) => ({ moved: await decisions.sendFirst({ ids }) }),
);

const uploadAnyway = onJobs(
  'upload-anyway',
  'will be uploaded with the next sync',
  (decisions, ids) => ({ released: decisions.uploadAnyway({ ids }) }),
);

const dismiss = onJobs(
  'dismiss',
  'will not be uploaded; the files stay',
  async (decisions, ids) => ({ dismissed: await decisions.dismiss({ ids }) }),
);

const sendAgain = onJobs('send-again', 'will be uploaded with the next sync', (decisions, ids) =>
  decisions.sendAgain({ ids }),
);

export const jobs: Verb = (program, run) => {
  const all = [status, list, retry, sendFirst, uploadAnyway, dismiss, sendAgain];
  for (const add of all) add(program, run);
};

/** What goes up by itself as soon as something is at work. */
const goOn = ['queued', 'uploading', 'uploaded', 'verifying'] as const satisfies JobKind[];

type Counts = Readonly<Partial<Record<JobKind, number>>>;

/** What a kill has left begun waits like the rest. */
function countsAtRest(counts: Counts): Counts {
  const resting: Partial<Record<JobKind, number>> = {};
  for (const kind of jobKinds) {
    const rest = atRest(kind);
    resting[rest] = (resting[rest] ?? 0) + (counts[kind] ?? 0);
  }
  return resting;
}

function decisionsOf(context: Context) {
  const { database, store } = openJobs(context);
  const intake = createIntake(store, Date.now);
  return createDecisions({
    jobs: store,
    intake,
    folders: folderStore(database, Date.now),
    nowMs: Date.now,
  });
}

/** @param answer First how many of those that were asked for it was done to; `held` is how many need a class first. */
function decided(context: Context, answer: Done, ids: readonly number[], what: string) {
  const [done = 0] = Object.values(answer);
  const { held = 0 } = answer;
  const asked = [...new Set(ids)];
  const { store } = openJobs(context);
  const unknown = asked.filter((id) => store.get(id) === undefined);
  const rest = asked.length - unknown.length - done - held;
  const lines = [
    done > 0 && `${formatNumber(done)} ${what}.`,
    held > 0 &&
      `${formatNumber(held)} still ${held === 1 ? 'needs' : 'need'} a class: jobs shows why.`,
    rest > 0 &&
      `${formatNumber(rest)} left as ${rest === 1 ? 'it is' : 'they are'}: jobs shows why.`,
    unknown.length > 0 && `There is no upload ${unknown.join(', ')}: jobs shows their numbers.`,
  ];
  context.output.answer(answer, lines.filter(Boolean).join('\n'));
  return done < asked.length ? EXIT.someFailed : EXIT.done;
}

/** What the ledger does not show: files that no scan has taken in yet, and what cannot be looked at. */
async function countOutside(
  folders: ReturnType<ReturnType<typeof folderStore>['list']>,
  intake: ReturnType<typeof createIntake>,
  handed: TakenInStore,
  presence: AskPresence,
  signal: AbortSignal,
): Promise<Omit<Outstanding, 'counts' | 'notLooked' | 'refuted'>> {
  let unseen = handed.count();
  let unreadable = 0;
  let notConnected = 0;
  for (const folder of folders) {
    if ((await presence(folder)) !== 'here') {
      notConnected += 1;
      continue;
    }
    try {
      for await (const { found: all } of scanInPieces(folder, signal)) {
        const sightings: Sighting[] = [];
        for (const found of all)
          if (found.kind === 'file') sightings.push(found.sighting);
          else if (found.code === 'file-unreadable') unreadable += 1;
        const news = intake.newsAmong(sightings, folder);
        unseen += news.filter(({ path }) => handed.placeOf(path) === undefined).length;
      }
    } catch (error) {
      // A watched folder that is shut, or goes away meanwhile: the others are still counted.
      if (signal.aborted) throw error;
      if ((await presence(folder)) === 'here') unreadable += 1;
      else notConnected += 1;
    }
  }
  return { unseen, unreadable, notConnected, followed: folders.length };
}
