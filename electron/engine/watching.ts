/** @file Follows the watched folders: scans are the truth, watchers make them quick, settling decides. */
import { relative } from 'node:path';
import { isConnected, look, scanFolder, selectorFor } from './scan.ts';
import { createSettle } from './settle.ts';
import { watchFolder } from './watch.ts';
import type { Verdict } from './container/verdict.ts';
import type { Sighting } from './scan.ts';
import type { Intake } from './intake.ts';
import type { Folder } from './store/folders.ts';
import type { Job } from './store/jobs.ts';
import type { EngineEvent } from './events.ts';
import type { Log } from './log.ts';

/** How often a folder that went away is looked for, and one that is there is checked to be. */
const CONNECTION_CHECK_MS = 5_000;

/** A settled file, the folder it was found in, and what its bytes say. */
type Arrival = [sighting: Sighting, folder: Folder, verdict: Verdict];

export type WatchingOptions = Readonly<{
  folders: () => readonly Folder[];
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

export type ScanCount = {
  found: number;
  /** Left out by a rule, or no file at all. */
  skipped: number;
  /** Files and folders that could not be looked at: there may be recordings among them. */
  unreadable: number;
  notConnected: number;
};
const nothingYet: Readonly<ScanCount> = { found: 0, skipped: 0, unreadable: 0, notConnected: 0 };

export function createWatching(options: WatchingOptions) {
  const { folders, intake, onMoved, quietMs, graceMs, rescanMs, monotonicMs } = options;
  const { emit, onWork, log } = options;
  const followed = new Map<number, { folder: Folder; watcher: AsyncDisposable | undefined }>();
  /** Which folder a settling path was found in. Its rule is read when the file has settled: it may have changed. */
  const owners = new Map<string, number>();
  /** Settling paths whose recorder may take long to go on: nobody waits for them. */
  const inGrace = new Set<string>();
  /** What the last scan of each folder could not look at. */
  const unreadable = new Map<number, number>();
  const stopping = new AbortController();
  const background = new Set<Promise<unknown>>();
  const timers: NodeJS.Timeout[] = [];
  let quiet: (() => void)[] = [];

  const settle = createSettle({
    quietMs,
    graceMs,
    nowMs: options.nowMs,
    monotonicMs,
    onWaiting: ({ path, sizeBytes }, why) => {
      if (why === 'unfinished') inGrace.add(path);
      else inGrace.delete(path);
      emit({ type: 'settling', path, sizeBytes, why });
      checkQuiet();
    },
    onSettled: (sighting, verdict) => {
      const folder = current(owners.get(sighting.path));
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
    onGone: release,
    onError: (path, error) => log('error', 'A file could not be queued', { path, error }),
  });

  function done(path: string): void {
    release(path);
    onWork();
  }

  /** Of a file that may be an earlier job's: it is, unless that job's file is still at its own path too. */
  async function trace(earlier: readonly Job[], ...to: Arrival): Promise<void> {
    const [sighting] = to;
    for (const job of earlier) {
      const there = await look(job.path);
      if (there.kind === 'file' && there.sighting.inode === sighting.inode) continue;
      return onMoved(job, ...to);
    }
    intake.accept(...to);
  }

  /** The folder as it is now; `undefined` when it is not watched any more. */
  function current(id: number | undefined): Folder | undefined {
    return folders().find((folder) => folder.id === id);
  }

  function release(path: string): void {
    owners.delete(path);
    inGrace.delete(path);
    checkQuiet();
  }

  function checkQuiet(): void {
    if (owners.size > inGrace.size) return;
    for (const resolve of quiet) resolve();
    quiet = [];
  }

  async function scan(folder: Folder, count: ScanCount, signal: AbortSignal): Promise<void> {
    if (!(await isConnected(folder.path))) {
      count.notConnected += 1;
      emit({ type: 'folder', path: folder.path, state: 'not-connected' });
      return;
    }
    const before = count.unreadable;
    try {
      for await (const found of scanFolder(folder, signal)) {
        if (found.kind === 'skipped') {
          const { path, reason, code } = found;
          count[code === 'file-unreadable' ? 'unreadable' : 'skipped'] += 1;
          emit({ type: 'skipped', path, reason, code });
          continue;
        }
        count.found += 1;
        observe(folder, found.sighting);
      }
    } catch (error) {
      // One folder that cannot be read does not keep the others from being looked at.
      if (signal.aborted) throw error;
      count[(await isConnected(folder.path)) ? 'unreadable' : 'notConnected'] += 1;
      log('warn', 'A folder cannot be read', { folder: folder.path, error });
      const detail = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
      emit({ type: 'folder', path: folder.path, state: 'not-connected', detail });
    }
    unreadable.set(folder.id, count.unreadable - before);
  }

  function observe(folder: Folder, sighting: Sighting): boolean {
    if (!intake.isNews(sighting)) return false;
    owners.set(sighting.path, folder.id);
    settle.observe(sighting);
    return true;
  }

  async function scanAll(signal: AbortSignal): Promise<ScanCount> {
    const count = { ...nothingYet };
    for (const folder of folders()) await scan(folder, count, signal);
    return count;
  }

  async function onHint(folder: Folder, path: string): Promise<boolean> {
    const found = await look(path);
    return found.kind === 'file' && observe(folder, found.sighting);
  }

  function follow(folder: Folder): void {
    const watcher = watchFolder(
      folder,
      (path) => inBackground(onHint(folder, path)),
      (error) => {
        log('warn', 'Watching is limited; the scan goes on', { folder: folder.path, error });
        emit({
          type: 'folder',
          path: folder.path,
          state: 'watching',
          detail: 'checked from time to time',
        });
      },
    );
    followed.set(folder.id, { folder, watcher });
    emit({ type: 'folder', path: folder.path, state: 'watching' });
    inBackground(scan(folder, { ...nothingYet }, stopping.signal));
  }

  async function unfollow(id: number): Promise<void> {
    const entry = followed.get(id);
    followed.delete(id);
    await entry?.watcher?.[Symbol.asyncDispose]();
  }

  /** Begins to follow folders that came, and lets go of those that went. A watcher whose root went away is dead and silent. */
  async function checkConnections(): Promise<void> {
    onWork(); // Another process may have changed the ledger, such as a retry on the command line.
    const watched = folders();
    for (const [id, { folder }] of followed) {
      const now = watched.find((other) => other.id === id);
      // A folder that is not watched any more, or whose rule has changed: the watcher goes by the old one.
      if (JSON.stringify(now?.rule) !== JSON.stringify(folder.rule)) await unfollow(id);
    }
    for (const folder of watched) {
      const there = await isConnected(folder.path);
      if (stopping.signal.aborted) return;
      if (there && !followed.get(folder.id)?.watcher) follow(folder);
      else if (!there && followed.get(folder.id)?.watcher !== undefined) {
        await unfollow(folder.id);
        emit({ type: 'folder', path: folder.path, state: 'not-connected' });
      } else if (!there && !followed.has(folder.id)) {
        followed.set(folder.id, { folder, watcher: undefined });
        emit({ type: 'folder', path: folder.path, state: 'not-connected' });
      }
    }
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
    scanAll,
    /** Files that are being watched until they stop changing. */
    settling: () => settle.list(),
    /** Files and folders that the last scans could not look at. */
    unreadable: () => folders().reduce((sum, { id }) => sum + (unreadable.get(id) ?? 0), 0),
    /** Folders that are away, as of the last look. */
    notConnected: () =>
      [...followed.values()].filter(({ watcher }) => watcher === undefined).length,
    /** Looks at one path again, as if the watcher had named it. */
    recheck: (folder: Folder, path: string): void => {
      owners.set(path, folder.id); // At once, so that nobody takes the moment before the look for quiet.
      inBackground(onHint(folder, path).then((isNews) => void (isNews || release(path))));
    },
    /** Whether nothing is settling that will soon have settled. */
    isQuiet: (): boolean => owners.size === inGrace.size,
    /** Resolves when no file is settling, and at the latest after `limitMs`. */
    quiet: (signal: AbortSignal, limitMs: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(resolve, Math.max(0, limitMs));
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        quiet.push(() => {
          clearTimeout(limit);
          resolve();
        });
        checkQuiet();
      }),
    start(): void {
      inBackground(checkConnections());
      timers.push(
        setInterval(() => inBackground(checkConnections()), CONNECTION_CHECK_MS),
        setInterval(() => inBackground(scanAll(stopping.signal)), rescanMs),
      );
    },
    /** Looks at every folder anew: while the computer slept nobody told of anything. */
    lookAgain(): void {
      if (timers.length === 0) return;
      inBackground(checkConnections().then(() => scanAll(stopping.signal)));
    },
    /** Follows a folder that was just added at once, not at the next look. */
    foldersChanged(): void {
      if (timers.length > 0) inBackground(checkConnections());
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('stopping'));
      for (const timer of timers) clearInterval(timer);
      settle.stop();
      owners.clear();
      await Promise.allSettled([...followed.keys()].map(unfollow));
      await Promise.allSettled(background);
    },
  };
}
