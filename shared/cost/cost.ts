/** @file What a bucket costs a month, and what moving some of it to another class would save. An estimate, in US dollars. */
import { count, formatNumber } from '../format.ts';
import { storageClasses, type StorageClass } from '../storage-class.ts';
import { priceOf, type Tariff } from './prices.ts';
import {
  SMALL_BYTES,
  type AgeDays,
  type StoredSum,
  type StoredSums,
  type StoredView,
} from './stored.ts';

type Rates = Pick<Tariff, 'isAmazon' | 'own'>;

export const GIB = 2 ** 30;

/**
 * What Amazon does beside the size, by the S3 user guide ("Understanding and managing Amazon S3 storage classes"):
 * small objects count as 128 KiB, or are not watched; to each object of an archive belong 32 KiB in its class and
 * 8 KiB in STANDARD.
 */
const countsSmall = new Set<StorageClass>(['STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR']);
const isArchive = (name: StorageClass): boolean => name === 'GLACIER' || name === 'DEEP_ARCHIVE';
const ARCHIVE_BYTES = 32 * 1_024;
const INDEX_BYTES = 8 * 1_024;

const isKnown = (name: string): name is StorageClass => storageClasses.some((one) => one === name);

/** @returns Dollars a month; `undefined` where no price is known. */
function monthOf(
  storageClass: string,
  { objects, bytes, smallObjects, smallBytes }: StoredSum,
  rates: Rates,
): number | undefined {
  const price = isKnown(storageClass) ? priceOf(rates, storageClass) : undefined;
  if (price === undefined || !isKnown(storageClass)) return undefined;
  const { isAmazon } = rates;
  const filled =
    isAmazon && countsSmall.has(storageClass) ? smallObjects * SMALL_BYTES - smallBytes : 0;
  const watched = objects - (isAmazon ? smallObjects : 0);
  const size = ((bytes + filled) / GIB) * price.month + (watched / 1_000) * price.watch;
  if (!isAmazon || !isArchive(storageClass)) return size;
  const index = priceOf(rates, 'STANDARD')?.month ?? 0;
  return size + (objects / GIB) * (ARCHIVE_BYTES * price.month + INDEX_BYTES * index);
}

export type BillLine = Readonly<{
  /** `old`: kept below what was written over or deleted. `unfinished`: parts of uploads that were not completed. */
  of: 'stored' | 'old' | 'unfinished';
  storageClass: string;
  objects: number;
  bytes: number;
  /** A month; null where no price is known. */
  dollars: number | null;
}>;
const rankOf = (name: string): number =>
  isKnown(name) ? storageClasses.indexOf(name) : storageClasses.length;

/** A line for each class, from the usual one to the coldest; those that nobody here knows last. */
function linesOf(of: BillLine['of'], sums: StoredSums | undefined, rates: Rates): BillLine[] {
  return Object.entries(sums ?? {})
    .filter(([, { objects }]) => objects > 0)
    .toSorted(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
    .map(([storageClass, sum]) => ({
      of,
      storageClass,
      objects: sum.objects,
      bytes: sum.bytes,
      dollars: monthOf(storageClass, sum, rates) ?? null,
    }));
}

/** @returns `isWhole`: every price is known. */
function totalOf(lines: readonly BillLine[]) {
  return {
    objects: lines.reduce((sum, { objects }) => sum + objects, 0),
    bytes: lines.reduce((sum, { bytes }) => sum + bytes, 0),
    dollars: lines.reduce((sum, { dollars }) => sum + (dollars ?? 0), 0),
    isWhole: lines.every(({ dollars }) => dollars !== null),
  };
}

/** All that is known to be paid for. What could not be seen is left out, and has to be said beside it. */
export function billOf(
  held: Readonly<{
    stored: StoredSums;
    old?: StoredSums | undefined;
    unfinished?: StoredSums | undefined;
  }>,
  rates: Rates,
) {
  const lines = [
    ...linesOf('stored', held.stored, rates),
    ...linesOf('old', held.old, rates),
    ...linesOf('unfinished', held.unfinished, rates),
  ];
  return { lines, total: totalOf(lines) };
}

/** How much of what costs was looked at: `looking`: not yet all of it. `part`: all that could be, or was asked for. */
export type Looked = 'all' | 'looking' | 'part';

/** The sum, in a line. That nothing is stored is said only where all was looked at. */
export function totalText(
  { objects, dollars, isWhole }: ReturnType<typeof totalOf>,
  looked: Looked,
): string {
  if (objects === 0)
    return {
      all: 'Nothing is stored: it costs nothing a month.',
      looking: 'Nothing was found so far.',
      part: 'What it costs is not known: not all of it was looked at.',
    }[looked];
  if (!isWhole && dollars === 0) return 'What it costs cannot be said without prices.';
  const without = [
    !isWhole && 'has no price here',
    looked === 'part' && 'was not looked at',
  ].filter((what) => what !== false);
  const soFar = looked === 'looking' ? ' so far' : '';
  const left = without.length === 0 ? '' : `, without what ${without.join(' or ')}`;
  return `Estimate: about ${dollarsText(dollars)} a month${soFar}${left}`;
}

type Unseen = Readonly<{
  /** Why they could not be seen; empty where that is said elsewhere, left out where they were. */
  old?: string | undefined;
  unfinished?: string | undefined;
  /** Unfinished uploads of which nobody can tell what they hold. */
  unknown?: number | undefined;
  isCutOff?: boolean | undefined;
}>;

const unseen = (what: string, why: string): string =>
  `${what} could not be seen: where there are any, it costs more. ${why}`.trimEnd();

/** What could not be looked at, in sentences: where there is any of it, it costs more. */
export function unseenNotes({ old, unfinished, unknown = 0, isCutOff = false }: Unseen): string[] {
  return [
    ...(old === undefined ? [] : [unseen('Old versions', old)]),
    ...(unfinished === undefined ? [] : [unseen('Unfinished uploads', unfinished)]),
    ...(unknown === 0
      ? []
      : [
          `Of ${count(unknown, 'unfinished upload')} nobody knows how much they hold: it costs more.`,
        ]),
    ...(isCutOff ? ['There may be more unfinished uploads than were looked at.'] : []),
  ];
}

/**
 * What storing it has cost, in requests, once. An upload in parts into an archive sends them at the price of STANDARD
 * and is completed at that of the archive (S3 user guide, "Multipart upload and pricing").
 *
 * @returns `undefined` where a price is not known.
 */
export function putsOf(lately: StoredView['lately'], rates: Rates): number | undefined {
  let dollars = 0;
  for (const [name, { objects, requests }] of Object.entries(lately)) {
    const price = isKnown(name) ? priceOf(rates, name) : undefined;
    const parts = isKnown(name) && isArchive(name) ? priceOf(rates, 'STANDARD') : price;
    if (price === undefined || parts === undefined) return undefined;
    dollars += (objects * price.puts + (requests - objects) * parts.puts) / 1_000;
  }
  return dollars;
}

/** Parts of unfinished uploads are asked for as STANDARD where they are on their way into an archive. */
export const partsClass = (storageClass: string | null): string =>
  storageClass === null || storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'
    ? 'STANDARD'
    : storageClass;

/** From where a rule of a bucket may move into a class: S3 user guide, "Transitioning objects using S3 Lifecycle". */
const comesFrom: Readonly<Record<StorageClass, readonly StorageClass[]>> = {
  STANDARD: [],
  STANDARD_IA: ['STANDARD'],
  INTELLIGENT_TIERING: ['STANDARD', 'STANDARD_IA'],
  ONEZONE_IA: ['STANDARD', 'STANDARD_IA', 'INTELLIGENT_TIERING'],
  GLACIER_IR: ['STANDARD', 'STANDARD_IA', 'INTELLIGENT_TIERING'],
  GLACIER: ['STANDARD', 'STANDARD_IA', 'INTELLIGENT_TIERING', 'ONEZONE_IA', 'GLACIER_IR'],
  DEEP_ARCHIVE: [
    'STANDARD',
    'STANDARD_IA',
    'INTELLIGENT_TIERING',
    'ONEZONE_IA',
    'GLACIER_IR',
    'GLACIER',
  ],
};
export const moveTargets = storageClasses.filter((name) => comesFrom[name].length > 0);

/** As long it has to lie in the bucket before a rule may move it there: the same page of the S3 user guide. */
export const leastAge = (target: StorageClass): AgeDays =>
  target === 'STANDARD_IA' || target === 'ONEZONE_IA' ? 30 : 0;

/** What a rule may move to `target` of what is at least `days` old. @returns Of how many days it is then. */
export function movable({ older }: StoredView, target: StorageClass, days: AgeDays) {
  const least = leastAge(target);
  const age = days < least ? least : days;
  return { days: age, sums: older.find((one) => one.days === age)?.sums ?? {} };
}

export type Move = Readonly<{
  objects: number;
  bytes: number;
  /** Too small to be moved by rule. */
  leftObjects: number;
  /** A month, less what it costs there; below zero it costs more. `undefined` where a price is not known. */
  saves: number | undefined;
  /** For being moved. */
  once: number | undefined;
}>;

/** What becomes of it when a rule of the bucket moves it to `target`. */
export function moveOf(sums: StoredSums, target: StorageClass, rates: Rates): Move {
  let [objects, bytes, leftObjects] = [0, 0, 0];
  let saves: number | undefined = 0;
  for (const name of comesFrom[target]) {
    const sum = sums[name];
    if (sum === undefined) continue;
    const goes: StoredSum = {
      objects: sum.objects - sum.smallObjects,
      bytes: sum.bytes - sum.smallBytes,
      smallObjects: 0,
      smallBytes: 0,
    };
    leftObjects += sum.smallObjects;
    objects += goes.objects;
    bytes += goes.bytes;
    const before = monthOf(name, goes, rates);
    const then = monthOf(target, goes, rates);
    saves =
      saves === undefined || before === undefined || then === undefined
        ? undefined
        : saves + before - then;
  }
  const price = priceOf(rates, target);
  return { objects, bytes, leftObjects, saves, once: price && (objects / 1_000) * price.moves };
}

const cents = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });
const round = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 0,
});

/** `$12.30`, `$1,234`, `under $0.01`. */
export function dollarsText(dollars: number): string {
  if (dollars > 0 && dollars < 0.005) return 'under $0.01';
  return (Math.abs(dollars) >= 1_000 ? round : cents).format(dollars);
}

/** `$0.0125`, as a list has it. */
export const priceText = (dollars: number): string =>
  `$${new Intl.NumberFormat('en', { maximumFractionDigits: 6, useGrouping: false }).format(dollars)}`;

/** How it pays, in a sentence: what a person decides by. */
export function moveText({ objects, leftObjects, saves, once }: Move): string {
  if (objects === 0)
    return leftObjects === 0
      ? 'Nothing there would be moved.'
      : 'All of it is too small to be moved by a rule: below 128 KB each.';
  const left =
    leftObjects === 0 ? '' : ` ${formatNumber(leftObjects)} below 128 KB each would stay.`;
  if (saves === undefined || once === undefined)
    return `What it would save cannot be said without the prices.${left}`;
  if (saves === 0) return `It would save nothing.${left}`;
  if (saves < 0)
    return `It would save nothing: it would cost ${dollarsText(-saves)} more a month.${left}`;
  const months = Math.ceil(once / saves);
  const back =
    months <= 1
      ? 'which is back within a month'
      : `which is back in ${formatNumber(months)} months`;
  return `It would save ${dollarsText(saves)} a month. Moving it costs ${dollarsText(once)} once, ${back}.${left}`;
}
