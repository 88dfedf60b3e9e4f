/** @file Follows the watched folders: scans are the truth, watchers make them quick, settling decides. */
import { createAhead } from './ahead.ts';
import { createBursts } from './bursts.ts';
import { createChecks } from './checks.ts';
import { judgeFile, judgeHead } from '../container/judge.ts';
import { onceATurn } from '../pauses.ts';
import { createFollowing } from './following.ts';
import { look } from './scan.ts';
import { takesIn } from './selector.ts';
import { createScanning } from './scanning.ts';
import { createSettle } from './settle.ts';
import { createLeftOuts } from './left-out.ts';
import { createSettlingPaths } from './settling-paths.ts';
import type { Intake } from '../queue/intake.ts';
import { destinationOf } from '../queue/targets.ts';
import { movedFrom } from '../upload/twins.ts';
import type { Verdict } from '../container/verdict.ts';
import type { Sighting } from './scan.ts';
import type { AskPresence } from './presence.ts';
import type { Folder, FolderStore } from '../store/folders.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import type { EngineEvent } from '../events.ts';
import type { Log } from '../log.ts';

type WatchingOptions = Readonly<{
  folders: FolderStore;
  jobs: JobStore;
  presence: AskPresence;
  homePath: string;
  intake: Intake;
  /** A file of this job is somewhere else now: stops the job if it runs, then lets it follow its file. */
  onMoved: (job: Job, follow: () => void) => Promise<void>;
  quietMs: number;
  graceMs?: number | undefined;
  nowMs?: (() => number) | undefined;
  rescanMs: number;
  monotonicMs: () => number;
  /** Whether nothing is sent now, because a person wants it so. */
  isPaused: () => boolean;
  emit: (event: EngineEvent) => void;
  onWork: () => void;
  log: Log;
}>;

/** How soon a folder is looked through again in which a file was missing. */
const SECOND_LOOK_MS = 2_000;

export function createWatching(options: WatchingOptions) {
  const {
    folders,
    jobs,
    presence,
    homePath,
    intake,
    onMoved,
    quietMs,
    graceMs,
    rescanMs,
    monotonicMs,
  } = options;
  const { emit, onWork, log } = options;
  const paths = createSettlingPaths({ quietMs, monotonicMs });
  /** The folder as it is now; `undefined` when it is not watched any more. */
  const current = (id: number | undefined): Folder | undefined => folders.get(id);
  /** For hundreds of files that are judged in a row. What takes one in asks for the rule itself. */
  const ruleFor = onceATurn((id: number | undefined) => current(id)?.rule);
  const leftOuts = createLeftOuts(options.nowMs ?? Date.now);
  const stopping = new AbortController();
  const background = new Set<Promise<unknown>>();
  const timers = new Set<NodeJS.Timeout>();
  let rescanTimer: NodeJS.Timeout | undefined;
  let isStarted = false;

  const settle = createSettle({
    quietMs,
    graceMs,
    nowMs: options.nowMs,
    monotonicMs,
    judge: (sighting) => judgeFile(sighting, ruleFor(paths.owner(sighting.path))),
    judgeHead: (sighting, head) => judgeHead(sighting, head, ruleFor(paths.owner(sighting.path))),
    onWaiting: ({ path, sizeBytes }, why, isNews) => {
      if (isNews) {
        ahead.drop(path);
        emit({ type: 'settling', path, sizeBytes, why });
      }
      paths.waits(path, why);
    },
    onHalfQuiet: (sighting) => inBackground(ahead.begin(sighting)),
    onSettled: async (sighting, verdict) => {
      const earlier = await jobs.together(() => {
        const folder = folderFor(sighting);
        return folder ? intake.acceptUnlessMoved(sighting, folder, verdict) : [];
      });
      if (earlier.length === 0) return done(sighting);
      return inBackground(trace(earlier, sighting, verdict).finally(() => done(sighting)));
    },
    onGone: (path) => {
      ahead.drop(path);
      paths.release(path);
    },
    onError: (path, error) => log('error', 'A file could not be queued', { path, error }),
  });

  const ahead = createAhead({
    inMs: quietMs / 2,
    isWanted: (path) => {
      if (options.isPaused()) return false;
      const owner = paths.owner(path);
      if (owner === undefined) return true; // It has settled, and is sent whatever becomes of its folder.
      const folder = current(owner);
      return folder !== undefined && destinationOf(folder.rule) !== undefined;
    },
    stopping: stopping.signal,
  });

  const scanning = createScanning({
    folders,
    jobs,
    presence,
    observe,
    onAbsent: secondLook,
    leftOuts,
    emit,
    log,
  });

  const bursts = createBursts<number>((id) => {
    const folder = current(id);
    if (folder) inBackground(scanning.scan(folder, stopping.signal, true));
  });

  const checks = createChecks({ following: () => following, homePath, onWork, inBackground });

  const following = createFollowing({
    folders,
    presence,
    homePath,
    rescanMs,
    monotonicMs,
    onHint: (folder, path) => {
      bursts.hint(folder.id);
      inBackground(onHint(folder, path));
    },
    onHere: (folder) => inBackground(scanning.scan(folder, stopping.signal)),
    onAway: scanning.tellAway,
    onLost: (ended) => inBackground(ended.then(checks.checkAnew)),
    onLimited: checks.inTime,
    isAway: jobs.isAway,
    emit,
    log,
    stopping: stopping.signal,
  });

  function done(taken: Sighting): void {
    release(taken.path, taken);
    onWork();
  }

  /** One that has changed meanwhile is waited for, and is its folder's still. */
  function release(path: string, taken?: Sighting): void {
    if (!settle.waitsFor(path, taken)) paths.release(path);
  }

  async function trace(
    earlier: readonly Job[],
    sighting: Sighting,
    verdict: Verdict,
  ): Promise<void> {
    const job = await movedFrom(earlier, sighting);
    /** Its folder may have another rule since it was found there. */
    const take = () => {
      const folder = folderFor(sighting);
      if (folder && job) intake.acceptMoved(jobs.get(job.id) ?? job, sighting, folder, verdict);
      else if (folder) intake.accept(sighting, folder, verdict);
    };
    return job ? onMoved(job, take) : take();
  }

  /** The folder that takes a settled file in, by its rule of now. */
  function folderFor({ path }: Sighting): Folder | undefined {
    const folder = current(paths.owner(path));
    return folder && takesIn(folder, path) ? folder : undefined;
  }

  function observe(folder: Folder, sightings: readonly Sighting[]): void {
    for (const sighting of intake.newsAmong(sightings, folder)) waitFor(folder, sighting);
  }

  function waitFor({ id }: Folder, sighting: Sighting): void {
    paths.add(sighting.path, id);
    settle.observe(sighting);
  }

  async function lookAt(folder: Folder, path: string): Promise<Sighting | undefined> {
    if ((await presence(folder)) !== 'here') return undefined; // Another disk's, plugged in just now.
    const found = await look(path);
    return found.kind === 'file' ? found.sighting : undefined;
  }

  async function onHint(folder: Folder, path: string): Promise<void> {
    const sighting = await lookAt(folder, path);
    if (sighting) observe(folder, [sighting]);
  }

  function rescanLater(): void {
    rescanTimer = setTimeout(() => {
      inBackground(scanning.scanAll(stopping.signal).finally(rescanLater));
    }, rescanMs);
  }

  /** Also while nobody watches, as in a sync: the next one does it then. */
  function secondLook(folder: Folder): void {
    if (!isStarted) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      inBackground(scanning.scan(folder, stopping.signal, true));
    }, SECOND_LOOK_MS);
    timers.add(timer);
  }

  function inBackground(work: Promise<unknown>): void {
    const guarded = work
      .catch((error: unknown) => {
        if (!stopping.signal.aborted)
          log('error', 'Following a folder failed; it is tried again', { error });
      })
      .finally(() => background.delete(guarded));
    background.add(guarded);
  }

  return {
    scanAll: (signal: AbortSignal, now = false) => scanning.scanAll(signal, now),
    /** What the last scans left out, and why. */
    leftOuts,
    /** What was found in files while they settled. */
    ahead,
    /** Files that are being watched until they stop changing. */
    settling: () => settle.list(),
    /** What the ledger does not show: see `Outstanding`. */
    outside: () => ({
      unseen: settle.list().length,
      notLooked: scanning.notLooked(),
      unreadable: scanning.unreadable(),
      notConnected: following.notConnected(),
    }),
    /** Waits anew until one path is quiet, also where what is there now is known: its older job gives way then. */
    recheck: (folder: Folder, path: string): void => {
      paths.add(path, folder.id); // At once, so that nobody takes the moment before the look for quiet.
      inBackground(
        lookAt(folder, path).then((sighting) =>
          sighting ? waitFor(folder, sighting) : release(path),
        ),
      );
    },
    /** Whether nobody who wants an end waits for a file any more, and the wait for that. */
    isQuiet: paths.isQuiet,
    quiet: paths.quiet,
    /** Looks a folder through at once, since a file of it was not where it was. */
    rescan: (folder: Folder): void => inBackground(scanning.scan(folder, stopping.signal, true)),
    /** Again is harmless. */
    start(): void {
      if (isStarted) return;
      isStarted = true;
      checks.start();
      rescanLater();
    },
    /** Looks at every folder anew, as after the computer slept: nobody told of anything then. */
    lookAgain(): void {
      if (!isStarted) return;
      checks.check();
      inBackground(scanning.scanAll(stopping.signal, true));
    },
    /**
     * Follows a folder that was just added at once, not at the next look. What waits of one that was taken
     * off the list waits for no disk any more.
     */
    foldersChanged(): void {
      if (!isStarted) return;
      onWork();
      inBackground(checks.checkAnew());
    },
    /** Somebody heard that a folder is away, or back. */
    presenceChanged(): void {
      onWork();
      checks.inTime();
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('stopping'));
      checks.stop();
      for (const timer of timers) clearTimeout(timer);
      clearTimeout(rescanTimer);
      bursts.stop();
      settle.stop();
      paths.clear();
      await following.stop();
      await Promise.allSettled(background);
    },
  };
}
