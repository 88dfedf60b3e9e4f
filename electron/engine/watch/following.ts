/** @file Follows the watched folders as they come and go: each has a watcher while it is there. */
import { realpath } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';
import { ask } from '../files/disks.ts';
import { tellsChanges } from '../files/local-disk.ts';
import { findElsewhere } from './elsewhere.ts';
import { placeAmong } from './watchable.ts';
import { diskOf } from './presence.ts';
import { watchFolder } from './watch.ts';
import type { EngineEvent } from '../events.ts';
import type { Log } from '../log.ts';
import type { AskPresence, Presence } from './presence.ts';
import type { Folder, FolderStore } from '../store/folders.ts';

/** How often a folder that went away is looked for. */
export const CONNECTION_CHECK_MS = 5_000;
/**
 * How often those that are there are checked to be, as long as all are: whoever is about to take something from
 * one asks anyway, and mostly its watcher tells of its end at once. With nothing to do, it is what wakes us.
 */
export const STEADY_CHECK_MS = 60_000;
/** Where live watching is limited, the folder is looked through this often, and watching is tried again. */
const LIMITED_RESCAN_MS = 60_000;

type Followed = {
  folder: Folder;
  presence: Presence;
  watcher?: AsyncDisposable;
  /** It is at another path, where it cannot be watched. */
  refusal?: string | undefined;
  /** Since when live watching is limited, on the monotonic clock. */
  limitedMs?: number;
};

type FollowingOptions = Readonly<{
  folders: FolderStore;
  presence: AskPresence;
  /** Holds the ledger and must never be uploaded. */
  homePath: string;
  rescanMs: number;
  monotonicMs: () => number;
  /** Something may have changed at a path. */
  onHint: (folder: Folder, path: string) => void;
  /** A folder is there now: it has to be looked through. */
  onHere: (folder: Folder) => void;
  /** @param detail What there is to say about it, when that is not the usual. */
  onAway: (folder: Folder, how: Exclude<Presence, 'here'>, detail?: string) => void;
  /**
   * A folder seems to be gone, and has to be checked once its watcher has ended: it is dead and silent, also when
   * the same folder is back already.
   */
  onLost: (ended: Promise<void>) => void;
  /** Live watching has become limited. */
  onLimited: () => void;
  /** Whether the last who asked heard that it is not there. */
  isAway: (id: number) => boolean;
  emit: (event: EngineEvent) => void;
  log: Log;
  stopping: AbortSignal;
}>;

export function createFollowing(options: FollowingOptions) {
  const { folders, presence, homePath, rescanMs, monotonicMs, onHint, onHere, onAway } = options;
  const { onLost, onLimited, isAway, emit, log, stopping } = options;
  const followed = new Map<number, Followed>();
  /** Of a folder the last check could not tell. */
  let isUnsure = false;

  async function follow(folder: Folder): Promise<void> {
    const root = await ask(diskOf(folders, folder), () => realpath(folder.path));
    if (stopping.aborted) return;
    const entry: Followed = { folder, presence: 'here' };
    followed.set(folder.id, entry);
    emit({ type: 'folder', path: folder.path, state: 'watching' });
    if (tellsChanges(root))
      entry.watcher = watchFolder(folder, root, {
        onSeen: (path) => onHint(folder, path),
        onLost: () => {
          if (followed.get(folder.id) === entry) onLost(unfollow(folder.id));
        },
        onError: (error) => {
          if (entry.limitedMs !== undefined) return; // Said once, however many folders are in it.
          log('warn', 'Watching is limited; the scan goes on', { folder: folder.path, error });
          limit(entry);
          onLimited();
        },
      });
    else limit(entry);
    onHere(folder);
  }

  function limit(entry: Followed): void {
    entry.limitedMs = monotonicMs();
    const detail = `live watching is limited: checked every ${Math.min(rescanMs, LIMITED_RESCAN_MS) / 1_000} s instead`;
    emit({ type: 'folder', path: entry.folder.path, state: 'watching', detail });
  }

  async function unfollow(id: number): Promise<void> {
    const entry = followed.get(id);
    followed.delete(id);
    await entry?.watcher?.[Symbol.asyncDispose]();
  }

  async function checkConnection(folder: Folder): Promise<void> {
    const now = await presence(folder);
    if (stopping.aborted) return;
    const before = followed.get(folder.id);
    const isLimited =
      before?.limitedMs !== undefined && monotonicMs() - before.limitedMs >= LIMITED_RESCAN_MS;
    if (isLimited && now === 'here' && before.watcher === undefined) {
      before.limitedMs = monotonicMs(); // A share: there is nothing to be tried again, nor to be said.
      return onHere(folder);
    }
    if (before && (now !== before.presence || isLimited)) await unfollow(folder.id);
    if (now === 'here') {
      if (!followed.has(folder.id)) await follow(folder);
      return;
    }
    if (now === before?.presence && now !== 'away') return;
    const identity = folders.identity(folder.id);
    const path = identity && now !== 'silent' ? await findElsewhere(identity) : undefined;
    const isMoved = path !== undefined && path !== folder.path;
    const refusal = isMoved ? await whyNot(folder, path) : undefined;
    if (isMoved && refusal === undefined && folders.move(folder, path)) {
      log('info', 'A folder is at another path', { from: folder.path, to: path });
      return checkConnection({ ...folder, path });
    }
    if (now === before?.presence && refusal === before.refusal) return;
    followed.set(folder.id, { folder, presence: now, refusal });
    onAway(folder, now, refusal);
  }

  /** What keeps a folder from being watched at another path, in words. */
  async function whyNot({ id }: Folder, path: string): Promise<string | undefined> {
    const others = folders.list().filter((folder) => folder.id !== id);
    try {
      // Not within a question: it asks the disks of the others.
      const same = await placeAmong(path, others, folders, homePath);
      return same && `${path} is already watched`;
    } catch (error) {
      if (error instanceof AppError) return error.message;
      throw error;
    }
  }

  return {
    /** Begins to follow folders that came, and lets go of those that went. */
    async check(): Promise<void> {
      isUnsure = false;
      const watched = folders.list();
      for (const [id, { folder }] of followed) {
        const now = watched.find((other) => other.id === id);
        if (now === folder) continue;
        // A folder that is not watched any more, or whose rule has changed: the watcher goes by the old one.
        if (now?.path !== folder.path || JSON.stringify(now.rule) !== JSON.stringify(folder.rule))
          await unfollow(id);
      }
      // Side by side: one that does not answer keeps no other waiting.
      await Promise.all(
        watched.map((folder) =>
          checkConnection(folder).catch((error: unknown) => {
            if (stopping.aborted) return;
            isUnsure = true;
            log('error', 'Following a folder failed; it is tried again', {
              folder: folder.path,
              error,
            });
          }),
        ),
      );
    },
    /** How often a check is wanted: soon where something is not as it should be. */
    everyMs(): number {
      const isCalm = [...followed.values()].every(
        ({ folder, presence: how, limitedMs }) =>
          how === 'here' && limitedMs === undefined && !isAway(folder.id),
      );
      return isCalm && !isUnsure ? STEADY_CHECK_MS : CONNECTION_CHECK_MS;
    },
    /** Folders that are away, as far as anybody has heard: also while they are looked for elsewhere. */
    notConnected: () =>
      folders
        .list()
        .filter(({ id }) => isAway(id) || (followed.get(id)?.presence ?? 'here') !== 'here').length,
    stop: () => Promise.allSettled([...followed.keys()].map(unfollow)),
  };
}
