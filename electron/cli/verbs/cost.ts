import { InvalidArgumentError, Option } from 'commander';
import {
  billOf,
  dollarsText,
  movable,
  moveOf,
  moveTargets,
  moveText,
  putsOf,
  totalText,
  unseenNotes,
} from '#shared/cost/cost.ts';
import type { Tariff } from '#shared/cost/prices.ts';
import {
  ageDays,
  allOf,
  joined,
  LATELY_DAYS,
  type AgeDays,
  type StoredSums,
} from '#shared/cost/stored.ts';
import { AppError } from '#shared/errors.ts';
import { count, formatBytes, formatNumber, formatTime, printable } from '#shared/format.ts';
import { classNotes, type StorageClass } from '#shared/storage-class.ts';
import { wordsOf } from '#shared/troubles/catalogue.ts';
import {
  keptSums,
  storedNow,
  unfinishedSums,
  type UnfinishedSums,
} from '../../engine/library/cost.ts';
import { placeOf } from '../../engine/s3/known.ts';
import type { Remote } from '../../engine/s3/remote.ts';
import { objectIndex } from '../../engine/store/objects.ts';
import type { Context } from '../context.ts';
import { refreshWhenOld } from '../old-index.ts';
import { errorView, EXIT, type ExitCode } from '../output.ts';
import type { Verb } from '../program.ts';
import { addPriceVerbs, pricesView, tariffNow, tariffWords } from './cost-prices.ts';

type ShowOptions = Readonly<{ offline?: boolean; moveTo?: StorageClass; olderThan: AgeDays }>;

export const cost: Verb = (program, run) => {
  const verb = program.command('cost');

  verb
    .command('show', { isDefault: true })
    .description('what the storage costs a month, by storage class; an estimate')
    .option('--offline', 'as it was listed last: nothing is asked of the storage')
    .addOption(
      new Option('--move-to <class>', 'what moving recordings there by a rule would save').choices([
        ...moveTargets,
      ]),
    )
    .addOption(
      new Option('--older-than <days>', 'of these: those stored at least so many days ago')
        .choices(ageDays.map(String))
        .argParser(ageOf)
        .default(0),
    )
    .action(run(show));

  addPriceVerbs(verb, run);
};

/** For commander. */
function ageOf(text: string): AgeDays {
  const found = ageDays.find((days) => String(days) === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be one of ${ageDays.join(', ')}.`);
}

/** What else is paid for than what a listing shows. */
type Beside = Readonly<{
  old: StoredSums | undefined;
  unfinished: UnfinishedSums | undefined;
  troubles: AppError[];
}>;

async function besides(remote: Remote, { signal, output }: Context): Promise<Beside> {
  const troubles: AppError[] = [];
  const seen = async <T>(look: () => Promise<T>): Promise<T | undefined> => {
    // What is away is away for the next question, too.
    if (troubles.some(({ scope }) => scope === 'storage')) return undefined;
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof AppError) || signal.aborted) throw error;
      troubles.push(error);
      return undefined;
    }
  };
  const old = await seen(async () => {
    let page = await keptSums(remote, undefined, signal);
    let { sums, looked } = page;
    while (page.next !== undefined) {
      output.progress(() => `${count(looked, 'version')} looked at`);
      page = await keptSums(remote, page.next, signal);
      sums = joined(sums, page.sums);
      looked += page.looked;
    }
    output.progress('');
    return sums;
  });
  return { old, unfinished: await seen(() => unfinishedSums(remote, signal)), troubles };
}

async function show(
  context: Context,
  { offline = false, moveTo, olderThan }: ShowOptions,
): Promise<ExitCode> {
  const { output, signal } = context;
  const { database } = context.home();
  const tariff = tariffNow(context);
  const index = offline
    ? objectIndex(database)
    : await refreshWhenOld(context, database, async (remote, former) => {
        const { listIntoIndex } = await import('../../engine/library/browse.ts');
        await listIntoIndex(remote, former, Date.now, signal);
      });
  const place = placeOf(context.settings());
  const { stored, indexedAtMs } = await storedNow(index, place, Date.now());
  const beside = offline ? undefined : await besides(await context.remote(), context);
  const bill = billOf(
    { stored: allOf(stored), old: beside?.old, unfinished: beside?.unfinished?.sums },
    tariff,
  );
  const lately = Object.values(stored.lately).reduce(
    (sum, { objects, requests }) => ({
      objects: sum.objects + objects,
      requests: sum.requests + requests,
    }),
    { objects: 0, requests: 0 },
  );
  const puts = putsOf(stored.lately, tariff);
  const move = moveTo && moveTold(moveTo, movable(stored, moveTo, olderThan), tariff);
  const { sums: _, ...unfinished } = beside?.unfinished ?? {};
  output.answer(
    {
      estimate: true,
      indexedAt: indexedAtMs === undefined ? null : new Date(indexedAtMs).toISOString(),
      lines: bill.lines,
      total: bill.total,
      lately: { days: LATELY_DAYS, ...lately, dollars: puts ?? null },
      seen: {
        oldVersions: beside?.old !== undefined,
        unfinished: beside?.unfinished === undefined ? false : unfinished,
      },
      ...(move && { move: { ...move, saves: move.saves ?? null, once: move.once ?? null } }),
      ...pricesView(tariff),
      ...(beside &&
        beside.troubles.length > 0 && {
          troubles: beside.troubles.map((trouble) => errorView(trouble)),
        }),
    },
    [
      indexedAtMs === undefined
        ? 'The storage was never listed from here: what is stored in it is not counted.'
        : `As listed on ${formatTime(indexedAtMs)}; what was stored since may be missing.`,
      ...bill.lines.map(
        ({ of, storageClass, objects, bytes, dollars }) =>
          `  ${`${printable(storageClass)}${kinds[of]}`.padEnd(WIDTH)}${formatNumber(objects).padStart(12)}  ${formatBytes(bytes).padStart(10)}  ${dollars === null ? 'no price is known' : dollarsText(dollars)}`,
      ),
      totalText(bill.total, indexedAtMs !== undefined && isAllSeen(beside) ? 'all' : 'part'),
      ...notSeen(beside),
      lately.objects === 0 || puts === undefined
        ? undefined
        : `What came within ${LATELY_DAYS} days (${count(lately.objects, 'object')}) took about ${count(lately.requests, 'request')}, ${dollarsText(puts)} once.`,
      ...(move ? moveLines(move) : []),
      tariffWords(tariff),
    ]
      .filter((line) => line !== undefined)
      .join('\n'),
  );
  for (const { code, title } of beside?.troubles ?? [])
    output.note(`${title}. ${wordsOf(code, 'cli').todo}`, true);
  return beside === undefined || isAllSeen(beside) ? EXIT.done : EXIT.someFailed;
}

const WIDTH = 34;
const kinds = { stored: '', old: ', old versions', unfinished: ', unfinished uploads' } as const;

const isAllSeen = (beside: Beside | undefined): boolean =>
  beside?.old !== undefined &&
  beside.unfinished !== undefined &&
  beside.unfinished.unknown === 0 &&
  !beside.unfinished.isCutOff;

/** Why is told at the end, once. */
const unseen = (found: unknown) => (found === undefined ? '' : undefined);

function notSeen(beside: Beside | undefined): string[] {
  if (beside === undefined)
    return ['Old versions and unfinished uploads were not looked for: they cost, too.'];
  const { old, unfinished } = beside;
  return unseenNotes({ ...unfinished, old: unseen(old), unfinished: unseen(unfinished) });
}

const moveTold = (
  to: StorageClass,
  { days, sums }: ReturnType<typeof movable>,
  tariff: Tariff,
) => ({
  to,
  olderThanDays: days,
  ...moveOf(sums, to, tariff),
});

function moveLines(move: ReturnType<typeof moveTold>): string[] {
  const { to, olderThanDays, objects, bytes } = move;
  const which = olderThanDays === 0 ? '' : ` that were stored at least ${olderThanDays} days ago`;
  return [
    `Moving to ${to}: ${count(objects, 'object')}${which}, ${formatBytes(bytes)}. ${moveText(move)}`,
    ...classNotes(to).map((note) => `  ${note}`),
  ];
}
