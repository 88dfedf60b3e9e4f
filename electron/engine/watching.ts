/** @file Follows the watched folders: scans are the truth, watchers make them quick, settling decides. */
import { isConnected, look, scanFolder } from './scan.ts';
import { createSettle } from './settle.ts';
import { watchFolder } from './watch.ts';
import type { Intake } from './intake.ts';
import type { Folder } from './store/folders.ts';
import type { EngineEvent } from './events.ts';
import type { Log } from './log.ts';

/** How often a folder that went away is looked for, and one that is there is checked to be. */
const CONNECTION_CHECK_MS = 5_000;

export type WatchingOptions = Readonly<{
  folders: () => readonly Folder[];
  intake: Intake;
  quietMs: number;
  rescanMs: number;
  monotonicMs: () => number;
  emit: (event: EngineEvent) => void;
  onWork: () => void;
  log: Log;
}>;

export type ScanCount = { found: number; skipped: number; notConnected: number };
export type Watching = ReturnType<typeof createWatching>;

export function createWatching(options: WatchingOptions) {
  const { folders, intake, quietMs, rescanMs, monotonicMs, emit, onWork, log } = options;
  const followed = new Map<number, { folder: Folder; watcher: AsyncDisposable | undefined }>();
  /** Which folder's rule a settling path falls under. */
  const owners = new Map<string, Folder>();
  const stopping = new AbortController();
  const background = new Set<Promise<unknown>>();
  const timers: NodeJS.Timeout[] = [];
  let quiet: (() => void)[] = [];

  const settle = createSettle({
    quietMs,
    monotonicMs,
    onWaiting: ({ path, sizeBytes }) => emit({ type: 'settling', path, sizeBytes }),
    onSettled: (sighting) => {
      const folder = owners.get(sighting.path);
      owners.delete(sighting.path);
      if (folder) intake.accept(sighting, folder);
      onWork();
      checkQuiet();
    },
    onGone: (path) => {
      owners.delete(path);
      checkQuiet();
    },
  });

  function checkQuiet(): void {
    if (owners.size > 0) return;
    for (const resolve of quiet) resolve();
    quiet = [];
  }

  async function scan(folder: Folder, count: ScanCount, signal: AbortSignal): Promise<void> {
    if (!(await isConnected(folder.path))) {
      count.notConnected += 1;
      emit({ type: 'folder', path: folder.path, state: 'not-connected' });
      return;
    }
    for await (const found of scanFolder(folder, signal)) {
      if (found.kind === 'skipped') {
        count.skipped += 1;
        emit({ type: 'skipped', path: found.path, reason: found.reason });
        continue;
      }
      count.found += 1;
      if (!intake.isNews(found.sighting)) continue;
      owners.set(found.sighting.path, folder);
      settle.observe(found.sighting);
    }
  }

  async function scanAll(signal: AbortSignal): Promise<ScanCount> {
    const count: ScanCount = { found: 0, skipped: 0, notConnected: 0 };
    for (const folder of folders()) await scan(folder, count, signal);
    return count;
  }

  async function onHint(folder: Folder, path: string): Promise<void> {
    const found = await look(path);
    if (found.kind !== 'file' || !intake.isNews(found.sighting)) return;
    owners.set(path, folder);
    settle.observe(found.sighting);
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
    inBackground(scan(folder, { found: 0, skipped: 0, notConnected: 0 }, stopping.signal));
  }

  async function unfollow(id: number): Promise<void> {
    const entry = followed.get(id);
    followed.delete(id);
    await entry?.watcher?.[Symbol.asyncDispose]();
  }

  /** Begins to follow folders that came, and lets go of those that went. A watcher whose root went away is dead and silent. */
  async function checkConnections(): Promise<void> {
    for (const folder of folders()) {
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
    /** Looks at one path again, as if the watcher had named it. */
    recheck: (folder: Folder, path: string): void => inBackground(onHint(folder, path)),
    /** Resolves when no file is settling. */
    quiet: (signal: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        quiet.push(resolve);
        checkQuiet();
      }),
    start(): void {
      inBackground(checkConnections());
      timers.push(
        setInterval(() => inBackground(checkConnections()), CONNECTION_CHECK_MS),
        setInterval(() => inBackground(scanAll(stopping.signal)), rescanMs),
      );
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
