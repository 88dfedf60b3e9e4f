/** @file The dress rehearsal of a migration: every file of an archive looked at, nothing sent, nothing changed. */
import { access, constants, lstat, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { v4 } from 'uuid';
import { AppError } from '#shared/errors.ts';
import { listTariff, type Tariff } from '#shared/cost/prices.ts';
import { estimateFor, type Estimate } from '#shared/migration/estimate.ts';
import { count } from '#shared/format.ts';
import { addTo, noFiles, type Sum } from '#shared/migration/migration.ts';
import { MAX_OBJECT_BYTES } from '#shared/parts.ts';
import {
  planProblems,
  type PlanEnd,
  type PlanLine,
  type PlanProblem,
} from '#shared/migration/plan.ts';
import type { Destination } from '#shared/recording.ts';
import { isMedia } from '../container/media.ts';
import { toWriteError } from '../files/file-errors.ts';
import { isAwkward, WINDOWS_PATH_LENGTH } from '../library/names.ts';
import { inSlices } from '../pauses.ts';
import { rehash } from '../audit/rehash.ts';
import type { Remote } from '../s3/remote.ts';
import type { Sighting } from '../watch/scan.ts';
import { openInventory, type Inventory, type InventoryVersion } from '../store/inventory.ts';
import type { JobStore } from '../store/jobs.ts';
import type { OpenOptions } from '../store/open.ts';
import { doubtAbout, readProblem } from './doubts.ts';
import { scanArchive } from './scan-archive.ts';
import { passes } from './patience.ts';
import { writePlan } from './plan-file.ts';
import { createPlanTotals } from './plan-totals.ts';
import { jobOf } from './run.ts';
import { readTargets, type TargetOf } from './targets.ts';

type PlanOptions = Readonly<{
  root: string;
  /** A CSV, as `readMapping` has it; before the timetable. */
  mapping?: string | undefined;
  /** A CSV, as `readTimetable` has it, and the zone of its clock. */
  timetable?: Readonly<{ file: string; zone: string }> | undefined;
  out: string;
  /** Who sends what the mapping names no user of. */
  userId: string;
  /** Megabits per second that times are reckoned with. */
  mbit?: Estimate['mbit'] | undefined;
  /** What the storage is paid by; Amazon's list unless told. */
  tariff?: (() => Tariff) | undefined;
  /** Whether to leave out what looks unfinished or is not what its name says, which else is only named. */
  onlyWhole?: boolean | undefined;
  /** What changed within so many milliseconds is not finished. */
  quietMs: number;
  nowMs: () => number;
  /** What was sent before, where there is a ledger. */
  jobs?: Pick<JobStore, 'ofVersion'> | undefined;
  /** Where one is set up. */
  remote?: Remote | undefined;
}> &
  OpenOptions;

/**
 * `comparing`: files as large as another are read, to find the same bytes. `total` grows once, when some begin
 * alike; while `looking` nobody knows it.
 */
export type PlanProgress = Readonly<{
  phase: 'looking' | 'comparing';
  done: Sum;
  total: Sum | null;
}>;

/** Two recordings of one recorder are rarely alike so far. */
const HEAD_BYTES = 64 * 1024;
/** Files that are looked into at a time. */
const ABREAST = 16;

/**
 * Writes the plan of a migration.
 *
 * @param onProblem Hears of each, in the plan's order, before it is written.
 * @throws AppError `usage` when the archive is not there, cannot be opened, or the mapping cannot be used,
 *   `download-exists` and `cannot-write` for the plan's file; what the storage refuses, such as `list-denied`.
 */
export async function planMigration(
  options: PlanOptions,
  onProgress: (progress: PlanProgress) => void,
  onProblem: (problem: PlanProblem) => Promise<void>,
  signal: AbortSignal,
): Promise<Omit<PlanEnd, 'sha256'>> {
  const root = await realpath(options.root).catch((error: unknown) => {
    throw new AppError('usage', `There is no folder ${options.root}`, { cause: error });
  });
  // Found out at the end only, it would have been hours for nothing.
  if (await lstat(options.out).catch(() => undefined))
    throw new AppError('download-exists', options.out);
  await access(dirname(options.out) + sep, constants.W_OK).catch((error: unknown) => {
    throw toWriteError(error, options.out);
  });
  await options.remote?.list('', 1, undefined, signal).catch((error: unknown) => {
    // One that is away is asked again by the run; what an admin has to allow is not found out days later.
    if (!passes(error)) throw error;
  });
  const inventory = openInventory(options);
  try {
    const targetOf = await readTargets(root, inventory, options);
    await takeStock(root, targetOf, inventory, options, onProgress, signal);
    await findDuplicates(root, inventory, onProgress, signal);
    for await (const _ of inSlices(inventory.compare())) signal.throwIfAborted();
    for await (const problem of inSlices(inventory.problems())) await onProblem(problem);
    const totals = createPlanTotals(
      (file, to) =>
        options.jobs !== undefined &&
        jobOf(options.jobs, { root }, { ...file, to })?.state.kind === 'verified',
    );
    for await (const file of inSlices(inventory.files())) totals.add(file);
    const end = {
      ...totals.total(),
      problems: inventory.counts(),
      groups: totals.groups(),
      estimate: estimateFor(totals.sends(), options.tariff?.() ?? listTariff, options.mbit),
    };
    const head = { root, id: v4(), madeAt: new Date(options.nowMs()).toISOString() };
    await writePlan(options.out, linesOf(head, inventory), end);
    return end;
  } finally {
    inventory.close();
  }
}

function* linesOf(
  head: Readonly<{ id: string; root: string; madeAt: string }>,
  inventory: Inventory,
): Generator<PlanLine> {
  yield { panseaPlan: 1, ...head };
  yield* inventory.problems();
  for (const { target, isCopy: _, ...version } of inventory.files())
    yield { ...version, to: JSON.parse(target) as Destination };
}

async function takeStock(
  root: string,
  targetOf: TargetOf,
  inventory: Inventory,
  options: PlanOptions,
  onProgress: (progress: PlanProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const done = noFiles();
  const underWay: Promise<void>[] = [];
  const add = async (path: string, sighting: Sighting, target: string) => {
    const doubt = await doubtAbout(path, sighting, signal);
    const isUnread = doubt !== undefined && planProblems[doubt.problem].blocks;
    const isOut = doubt !== undefined && !isUnread && options.onlyWhole === true;
    if (doubt !== undefined) inventory.note(isOut ? { ...doubt, problem: 'doubtful' } : doubt);
    if (isUnread || isOut) return;
    const { sizeBytes, mtimeNs } = sighting;
    inventory.add({ path, sizeBytes, mtimeNs, target });
    // Kept as they are: a key holds none of them, and the metadata each.
    const awkward = path.split('/').find(isAwkward);
    if (awkward !== undefined) inventory.note({ problem: 'illegal-name', path, detail: awkward });
    if (path.length > WINDOWS_PATH_LENGTH)
      inventory.note({ problem: 'long-name', path, detail: count(path.length, 'character') });
  };
  try {
    for await (const found of scanArchive(root, signal)) {
      if (found.kind === 'skipped') {
        const { code = 'left-out', reason } = found;
        const problem = code === 'file-unreadable' ? 'unreadable' : code;
        inventory.note({ problem, path: pathBelow(root, found.path), detail: reason });
        continue;
      }
      const { sighting } = found;
      addTo(done, sighting);
      onProgress({ phase: 'looking', done: { ...done }, total: null });
      const path = pathBelow(root, sighting.path);
      const goes = targetOf(path, sighting.mtimeNs);
      const problem = blockOf(path, sighting, goes, options);
      if (problem !== undefined) inventory.note(problem);
      else {
        const adding = add(path, sighting, goes.target!.target);
        // It is waited for below. That it fails before must not end the program.
        adding.catch(() => {});
        underWay.push(adding);
      }
      if (underWay.length < ABREAST) continue;
      await Promise.all(underWay);
      underWay.length = 0;
    }
    await Promise.all(underWay);
  } catch (error) {
    // None of them writes into what is closed by then.
    await Promise.allSettled(underWay);
    throw error;
  }
}

function pathBelow(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

/** What keeps a file from being sent, by what is known without opening it. */
function blockOf(
  path: string,
  { sizeBytes, mtimeNs }: Sighting,
  { target, when }: ReturnType<TargetOf>,
  { quietMs, nowMs }: PlanOptions,
): PlanProblem | undefined {
  if (target === undefined) return { problem: 'unmapped', path, detail: when };
  const { line, otherLine, isValid } = target;
  if (otherLine !== undefined)
    return {
      problem: 'mapped-twice',
      path,
      detail: `lines ${line} and ${otherLine}${when === undefined ? '' : ` of the timetable, ${when}`}`,
    };
  if (!isValid) return { problem: 'bad-mapping', path, detail: `line ${line}: ${target.target}` };
  const { kind } = JSON.parse(target.target) as Destination;
  if (kind === 'audio' && !isMedia(path)) return { problem: 'not-a-recording', path };
  if (sizeBytes === 0) return { problem: 'empty', path };
  if (sizeBytes > MAX_OBJECT_BYTES) return { problem: 'over-limit', path };
  const ageMs = nowMs() - Number(BigInt(mtimeNs) / 1_000_000n);
  if (ageMs >= 0 && ageMs < quietMs) return { problem: 'still-changing', path };
  return undefined;
}

/** Reads the beginnings of files that are as large as another, and of those that begin alike the whole. */
async function findDuplicates(
  root: string,
  inventory: Inventory,
  onProgress: (progress: PlanProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const done = noFiles();
  const total = noFiles();
  const read = async (
    files: () => Iterable<InventoryVersion>,
    bytesOf: (sizeBytes: number) => number,
    keep: (file: InventoryVersion, sha256: string) => void,
  ) => {
    const wanted = ({ isAlike, sizeBytes }: InventoryVersion) => (isAlike ? bytesOf(sizeBytes) : 0);
    for await (const file of inSlices(files()))
      if (wanted(file) > 0) addTo(total, { sizeBytes: wanted(file) });
    for await (const file of inSlices(files())) {
      const sizeBytes = wanted(file);
      if (sizeBytes === 0) continue;
      try {
        keep(file, await hashOf(root, file, sizeBytes, signal));
      } catch (error) {
        if (signal.aborted) throw error;
        inventory.note(readProblem(file.path, error));
      }
      addTo(done, { sizeBytes });
      onProgress({ phase: 'comparing', done: { ...done }, total: { ...total } });
    }
  };
  await read(
    inventory.sameSize,
    (sizeBytes) => Math.min(sizeBytes, HEAD_BYTES),
    ({ path, sizeBytes }, sha256) => inventory.setHead(path, sha256, sizeBytes <= HEAD_BYTES),
  );
  await read(
    inventory.sameHead,
    (sizeBytes) => (sizeBytes > HEAD_BYTES ? sizeBytes : 0),
    ({ path }, sha256) => inventory.setHash(path, sha256),
  );
}

async function hashOf(
  root: string,
  version: InventoryVersion,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const source = { ...version, path: join(root, version.path), file: undefined };
  return rehash(source, signal, sizeBytes);
}
