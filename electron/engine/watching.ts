/** @file Follows the watched folders: scans are the truth, watchers make them quick, settling decides. */
import { relative } from 'node:path';
import { judgeFile } from './container/judge.ts';
import { findElsewhere } from './elsewhere.ts';
import { look, selectorFor } from './scan.ts';
import { createScanning } from './scanning.ts';
import { createSettle } from './settle.ts';
import { createSettlingPaths } from './settling-paths.ts';
import { movedFrom } from './twins.ts';
import { watchFolder } from './watch.ts';
import type { Verdict } from './container/verdict.ts';
import type { Sighting } from './scan.ts';
import type { Intake } from './intake.ts';
import type { AskPresence, Presence } from './presence.ts';
import type { Folder, FolderStore } from './store/folders.ts';
import type { Job, JobStore } from './store/jobs.ts';
import type { EngineEvent } from './events.ts';
import type { Log } from './log.ts';

/** How often a folder that went away is looked for, and one that is there is checked to be. */
const CONNECTION_CHECK_MS = 5_000;

/** A settled file, the folder it was found in, and what its bytes say. */
type Arrival = [sighting: Sighting, folder: Folder, verdict: Verdict];

export type WatchingOptions = Readonly<{
  folders: FolderStore;
  jobs: JobStore;
  presence: AskPresence;
  intake: Intake;
  /** A file of this job is somewhere else now: stops the job if it runs, and lets it follow its file. */
  onMoved: (job: Job, ...to: Arrival) => Promise<void>;
  quietMs: number;
  graceMs?: number | undefined;
  nowMs?: (() => number) | undefined;
  rescanMs: number;
  monotonicMs: () => number;
  emit: (event: EngineEvent) => void;
  onWork: () => void;
  log: Log;
}>;

/** Where live watching is limited, the folder is looked through this often, and watching is tried again. */
const LIMITED_RESCAN_MS = 60_000;
/** How soon a folder is looked through again in which a file was missing. */
const SECOND_LOOK_MS = 2_000;

/** A folder as it is followed: with a watcher while it is there. */
type Followed = {
  folder: Folder;
  presence: Presence;
  watcher?: AsyncDisposable;
  /** Since when live watching is limited, on the monotonic clock. */
  limitedMs?: number;
};

export function createWatching(options: WatchingOptions) {
  const { folders, jobs, presence, intake, onMoved, quietMs, graceMs, rescanMs, monotonicMs } =
    options;
  const { emit, onWork, log } = options;
  const followed = new Map<number, Followed>();
  const paths = createSettlingPaths({ quietMs, monotonicMs });
  const stopping = new AbortController();
  const background = new Set<Promise<unknown>>();
  const timers = new Set<NodeJS.Timeout>();
  let rescanTimer: NodeJS.Timeout | undefined;
  let checking: Promise<void> | undefined;
  let isStarted = false;

  const settle = createSettle({
    quietMs,
    graceMs,
    nowMs: options.nowMs,
    monotonicMs,
    judge: (sighting) => judgeFile(sighting, current(paths.owner(sighting.path))?.rule),
    onWaiting: ({ path, sizeBytes }, why, isNews) => {
      if (isNews) emit({ type: 'settling', path, sizeBytes, why });
      paths.waits(path, why);
    },
    onSettled: (sighting, verdict) => {
      const folder = current(paths.owner(sighting.path));
      const isWanted =
        folder && selectorFor(folder.rule)(relative(folder.path, sighting.path)) === undefined;
      const earlier = isWanted ? intake.couldBe(sighting) : [];
      if (isWanted && earlier.length > 0) {
        const traced = trace(earlier, sighting, folder, verdict);
        return inBackground(traced.finally(() => done(sighting.path)));
      }
      if (isWanted) intake.accept(sighting, folder, verdict);
      done(sighting.path);
    },
    onGone: paths.release,
    onError: (path, error) => log('error', 'A file could not be queued', { path, error }),
  });

  const scanning = createScanning({
    folders: folders.list,
    jobs,
    presence,
    observe,
    onAbsent: secondLook,
    emit,
    log,
  });

  function done(path: string): void {
    paths.release(path);
    onWork();
  }

  async function trace(earlier: readonly Job[], ...to: Arrival): Promise<void> {
    const job = await movedFrom(earlier, to[0]);
    if (job) return onMoved(job, ...to);
    intake.accept(...to);
  }

  /** The folder as it is now; `undefined` when it is not watched any more. */
  function current(id: number | undefined): Folder | undefined {
    return folders.list().find((folder) => folder.id === id);
  }

  function observe(folder: Folder, sighting: Sighting): boolean {
    if (!intake.isNews(sighting, folder)) return false;
    paths.add(sighting.path, folder.id);
    settle.observe(sighting);
    return true;
  }

  async function onHint(folder: Folder, path: string): Promise<boolean> {
    if ((await presence(folder)) !== 'here') return false; // Another disk's, plugged in just now.
    const found = await look(path);
    return found.kind === 'file' && observe(folder, found.sighting);
  }

  function follow(folder: Folder): void {
    const entry: Followed = { folder, presence: 'here' };
    entry.watcher = watchFolder(
      folder,
      (path) => inBackground(onHint(folder, path)),
      (error) => {
        if (entry.limitedMs !== undefined) return; // Said once, however many folders are in it.
        entry.limitedMs = monotonicMs();
        log('warn', 'Watching is limited; the scan goes on', { folder: folder.path, error });
        const detail = `live watching is limited: checked every ${Math.min(rescanMs, LIMITED_RESCAN_MS) / 1_000} s instead`;
        emit({ type: 'folder', path: folder.path, state: 'watching', detail });
      },
    );
    followed.set(folder.id, entry);
    emit({ type: 'folder', path: folder.path, state: 'watching' });
    inBackground(scanning.scan(folder, stopping.signal));
  }

  async function unfollow(id: number): Promise<void> {
    const entry = followed.get(id);
    followed.delete(id);
    await entry?.watcher?.[Symbol.asyncDispose]();
  }

  /** Begins to follow folders that came, and lets go of those that went. A watcher whose root went away is dead and silent. */
  async function checkConnections(): Promise<void> {
    onWork(); // Another process may have changed the ledger, such as a retry on the command line.
    const watched = folders.list();
    for (const [id, { folder }] of followed) {
      const now = watched.find((other) => other.id === id);
      // A folder that is not watched any more, or whose rule has changed: the watcher goes by the old one.
      if (now?.path !== folder.path || JSON.stringify(now.rule) !== JSON.stringify(folder.rule))
        await unfollow(id);
    }
    // Side by side: one that does not answer keeps no other waiting.
    await Promise.all(watched.map(checkConnection));
  }

  async function checkConnection(folder: Folder): Promise<void> {
    const now = await presence(folder);
    if (stopping.signal.aborted) return;
    const before = followed.get(folder.id);
    const isLimited =
      before?.limitedMs !== undefined && monotonicMs() - before.limitedMs >= LIMITED_RESCAN_MS;
    if (before && (now !== before.presence || isLimited)) await unfollow(folder.id);
    if (now === 'here') {
      if (!followed.has(folder.id)) follow(folder);
      return;
    }
    if (now === before?.presence && now !== 'away') return;
    const identity = folders.identity(folder.id);
    const path = identity && now !== 'silent' ? await findElsewhere(identity) : undefined;
    if (path !== undefined && path !== folder.path && folders.move(folder, path)) {
      log('info', 'A folder is at another path', { from: folder.path, to: path });
      return checkConnection({ ...folder, path });
    }
    if (now === before?.presence) return;
    followed.set(folder.id, { folder, presence: now });
    scanning.tellAway(folder, now);
  }

  /** One check at a time, however long a disk takes to answer. */
  function check(): void {
    checking ??= checkConnections().finally(() => (checking = undefined));
    inBackground(checking);
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
    /** Files that are being watched until they stop changing. */
    settling: () => settle.list(),
    /** Files and folders that the last scans could not look at. */
    unreadable: scanning.unreadable,
    /** Folders that are away, as of the last look. */
    notConnected: () => [...followed.values()].filter(({ presence: how }) => how !== 'here').length,
    /** Looks at one path again, as if the watcher had named it. */
    recheck: (folder: Folder, path: string): void => {
      paths.add(path, folder.id); // At once, so that nobody takes the moment before the look for quiet.
      inBackground(onHint(folder, path).then((isNews) => void (isNews || paths.release(path))));
    },
    /** Whether nobody who wants an end waits for a file any more, and the wait for that. */
    isQuiet: paths.isQuiet,
    quiet: paths.quiet,
    /** Looks a folder through at once, since a file of it was not where it was. */
    rescan: (folder: Folder): void => inBackground(scanning.scan(folder, stopping.signal, true)),
    start(): void {
      isStarted = true;
      check();
      timers.add(setInterval(check, CONNECTION_CHECK_MS));
      rescanLater();
    },
    /** Looks at every folder anew: while the computer slept nobody told of anything. */
    lookAgain(): void {
      if (!isStarted) return;
      check();
      inBackground(scanning.scanAll(stopping.signal, true));
    },
    /** Follows a folder that was just added at once, not at the next look. */
    foldersChanged(): void {
      if (isStarted) inBackground((checking ?? Promise.resolve()).then(check));
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('stopping'));
      for (const timer of timers) clearInterval(timer);
      clearTimeout(rescanTimer);
      settle.stop();
      paths.clear();
      await Promise.allSettled([...followed.keys()].map(unfollow));
      await Promise.allSettled(background);
    },
  };
}
