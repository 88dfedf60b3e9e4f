/** @file From a file that a person hands over to its job: nothing half-written goes, and nothing is forgotten. */
import { AppError } from '#shared/errors.ts';
import { isSame, type Destination } from '#shared/recording.ts';
import { complete, unfinished, type Verdict } from '../container/verdict.ts';
import { GRACE_MS } from '../defaults.ts';
import { ask, Silence } from '../files/disks.ts';
import { ledgerOf, noteIfBack } from '../library/bring-back.ts';
import { diskOf, isDropped } from './known-jobs.ts';
import { isMutant } from '../test-hooks.ts';
import { unlessAborted } from '../waiting.ts';
import { look, type Found, type Sighting } from '../watch/scan.ts';
import { createSettle, type Settling } from '../watch/settle.ts';
import type { HandUploadContext } from './hand-upload.ts';
import type { TakenIn } from '../store/taken-in.ts';
import type { createWatching } from '../watch/watching.ts';

type Watching = Pick<ReturnType<typeof createWatching>, 'outside' | 'settling'>;
type Taking = Readonly<{
  onTaken?: () => void;
  /** The end of the app does not forget them. */
  isWritten?: boolean;
  /** What was written down before the last end, by its path. */
  before?: ReadonlyMap<string, TakenIn['seen']>;
}>;

/** How long a storage is waited for that may have again what was deleted in it: less than a window waits for a file. */
const LOOK_MS = 3_000;

/** @param stopping Ends what goes on in the background; what is written down stays so. */
export function createHandTaking(context: HandUploadContext, stopping: AbortSignal) {
  const { jobs, takenIn, intake, queue, events, ahead, quietMs, monotonicMs, log } = context;
  /** Of these no job was made yet. */
  const unsettled = new Set<string>();
  const settles = new Set<ReturnType<typeof createSettle>>();
  let going: Promise<void> | undefined;
  const onError = (path: string, error: unknown) =>
    log('error', 'A file could not be queued', { path, error });

  /** What was deleted, and brought back elsewhere since, is not sent a second time. */
  async function lookForReturned(sighting: Sighting, to: Destination): Promise<void> {
    const { database, remote, nowMs } = context;
    const gone = jobs
      .ofVersion(sighting)
      .filter((job) => isDropped(job, 'deleted') && isSame(job.destination, to));
    if (gone.length === 0) return;
    const ledger = ledgerOf(database, jobs, nowMs);
    const soon = AbortSignal.any([stopping, AbortSignal.timeout(LOOK_MS)]);
    for (const job of gone) await noteIfBack(remote, ledger, job, soon);
    // What is written down is looked at again by the next start.
    stopping.throwIfAborted();
  }

  /** Waits until the files are quiet and makes them jobs; what cannot become one gets its error. */
  async function take(
    paths: readonly string[],
    to: Destination,
    results: Map<string, number | AppError>,
    signal: AbortSignal,
    { onTaken, isWritten, before }: Taking = {},
  ): Promise<void> {
    const open = new Set(paths);
    const all = Promise.withResolvers<void>();
    for (const path of open) unsettled.add(path);
    const note = (path: string, result: number | AppError) => {
      results.set(path, result);
      open.delete(path);
      unsettled.delete(path);
      if (open.size === 0) all.resolve();
    };
    async function accept(sighting: Sighting, verdict: Verdict, isUnseen = false): Promise<void> {
      await lookForReturned(sighting, to);
      const { id } = await jobs.together(() => {
        takenIn.remove(sighting.path, to);
        const job = intake.acceptByHand(sighting, to, verdict);
        const isGoing = isUnseen && job.state.kind === 'queued';
        return isGoing ? jobs.apply(job.id, [{ type: 'missed' }]) : job;
      });
      note(sighting.path, id);
      onTaken?.();
    }
    /** Since when each is as it was last told, on the monotonic clock. */
    const since = new Map<string, number>();
    /** Of one that a program keeps open and does not write to, when nobody waits here for an answer. */
    function askPerson(sighting: Sighting): void {
      const { path } = sighting;
      const isLong = monotonicMs() - (since.get(path) ?? Infinity) >= GRACE_MS;
      if (before === undefined || !isLong || !open.has(path)) return;
      const taken = accept(sighting, unfinished('not-closed'));
      taken.catch((error: unknown) => onError(path, error));
    }
    /** As an upload that has failed it is told, unless it is there, or nobody can say. */
    async function missed(seen: TakenIn['seen']): Promise<void> {
      const now = await ask(seen.device, () => look(seen.path));
      if (now.kind === 'file' || now.code === 'file-unreadable') settle.observe(seen);
      else await accept(seen, complete, true);
    }
    const settle = createSettle({
      quietMs,
      monotonicMs,
      onWaiting: (sighting, why, isNews) => {
        if (!isNews && why === 'open') askPerson(sighting);
        if (!isNews) return;
        const { path, sizeBytes } = sighting;
        since.set(path, monotonicMs());
        ahead.drop(path);
        events.emit({ type: 'settling', path, sizeBytes, why });
      },
      onHalfQuiet(sighting) {
        // Of one that is known most likely nothing is sent.
        if (jobs.ofVersion(sighting).length === 0) void ahead.begin(sighting);
      },
      graceMs: 0, // Somebody waits for the answer.
      onSettled: accept,
      onGone(path) {
        const seen = before?.get(path);
        if (seen === undefined) return note(path, new AppError('file-gone', path));
        missed(seen).catch((error: unknown) => {
          onError(path, error);
          settle.observe(seen);
        });
      },
      onError,
    });
    settles.add(settle);
    try {
      const written: Promise<unknown>[] = [];
      async function begin(path: string): Promise<void> {
        const found = await lookAt(diskOf(jobs, path), path);
        if (found instanceof AppError) note(path, found);
        else if (found.kind === 'skipped') note(path, refusal(found));
        else if (found.sighting.sizeBytes === 0) note(path, new AppError('empty-file', path));
        else {
          // Of a disk that answers too late it has been told that nothing was taken.
          if (signal.aborted) return;
          // Bug 15: it is in memory alone until it is quiet.
          if (isWritten && !isMutant(15))
            written.push(jobs.together(() => takenIn.put(found.sighting, to)));
          written.at(-1)?.catch(() => {}); // Nobody may be waiting for it any more.
          settle.observe(found.sighting);
        }
      }
      // Side by side: a disk that does not answer keeps the files of no other waiting.
      await unlessAborted(Promise.all(before ? [] : paths.map(begin)), signal);
      // As it was when it was handed over: whether it still is, is what settling looks for.
      for (const seen of before?.values() ?? []) settle.observe(seen);
      await unlessAborted(
        Promise.all(written).then(() => all.promise),
        signal,
      );
    } finally {
      settle.stop();
      settles.delete(settle);
      for (const path of open) {
        ahead.drop(path);
        unsettled.delete(path);
      }
    }
  }

  async function goOnWith(all: readonly TakenIn[]): Promise<void> {
    const places = Map.groupBy(all, ({ to }) => JSON.stringify(to));
    await Promise.all(
      [...places.values()].map((files) => {
        const before = new Map(files.map(({ seen }) => [seen.path, seen]));
        const taking = { before, onTaken: () => queue.soon() };
        return take([...before.keys()], files[0]!.to, new Map(), stopping, taking);
      }),
    ).catch((error: unknown) => {
      if (!stopping.aborted) log('error', 'What was handed over could not be taken in', { error });
    });
  }

  /** Those of folders, and those that a person has handed over. */
  function settling({ settling: ofFolders }: Watching): Settling[] {
    const known = new Map(
      [...settles].flatMap((one) => one.list()).map((each) => [each.sighting.path, each]),
    );
    for (const each of ofFolders()) known.set(each.sighting.path, each);
    return [...known.values()];
  }

  return {
    take,
    /**
     * Goes on with what a person handed over before the last end. Again is harmless.
     *
     * @returns Resolves when they are in the queue, or after `patienceMs`: those that are left stay written down.
     */
    goOn: async (patienceMs?: number): Promise<void> => {
      going ??= goOnWith(takenIn.list());
      if (patienceMs === undefined) return going;
      const patience = AbortSignal.timeout(Math.max(0, Math.ceil(patienceMs)));
      await unlessAborted(going, patience).catch((error: unknown) => {
        if (!patience.aborted) throw error;
      });
    },
    settling,
    /** What is on its way to the ledger: a file that is in a folder, too, counts once. */
    outside: (watching: Watching) => ({
      ...watching.outside(),
      unseen: new Set([
        ...settling(watching).map(({ sighting }) => sighting.path),
        ...unsettled,
        ...takenIn.list().map(({ seen }) => seen.path),
      ]).size,
    }),
  };
}

const lookAt = (disk: string, path: string): Promise<Found | AppError> =>
  ask(disk, () => look(path)).catch((error: unknown) => {
    if (!(error instanceof Silence)) throw error;
    return new AppError('file-unreadable', path, { cause: error });
  });

function refusal({ path, reason, code }: Extract<Found, { kind: 'skipped' }>): AppError {
  // Only a file that is gone again has no code.
  return code === undefined
    ? new AppError('no-file', path)
    : new AppError(code, `${path}: ${reason}`);
}
