import { FSWatcher } from 'chokidar';
import { lstat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { isHidden, selectorFor } from './selector.ts';
import type { Folder } from '../store/folders.ts';

/**
 * chokidar reads all directories of another one together, and the looks at their files that wait then take
 * more memory than all that it keeps of them, which the process never gives back: 360 MiB for 100,000 files
 * in 1,000 directories, and 90 when one is read after the other.
 */
class Watcher extends FSWatcher {
  #before: Promise<unknown> = Promise.resolve();

  override createScanStream(
    ...args: Parameters<FSWatcher['createScanStream']>
  ): ReturnType<FSWatcher['createScanStream']> {
    const stream = super.createScanStream(...args)?.pause();
    if (stream === undefined) return undefined;
    const closed = new Promise((resolve) => stream.once('close', resolve));
    this.#before = this.#before.then(() => {
      stream.resume();
      return closed;
    });
    return stream;
  }
}

type WatchEvents = Readonly<{
  onSeen: (path: string) => void;
  /** The folder itself was moved, removed or unmounted, or something in it that has its name was. */
  onLost: () => void;
  onError: (error: unknown) => void;
}>;

/**
 * Reports paths that may have changed. Only a hint: events are lost while the app is closed, on network
 * drives and in bursts, so `scanFolder` walks the same folder at start and again and again, and both
 * feed the same settling.
 *
 * @param root Where the folder really is: links inside are not followed, the folder itself may be one.
 */
export function watchFolder(
  folder: Folder,
  root: string,
  { onSeen, onLost, onError }: WatchEvents,
): AsyncDisposable {
  const select = selectorFor(folder.rule);
  const watcher = new Watcher({
    ignoreInitial: true, // The scan at start covers these.
    followSymlinks: false,
    ignored: (path, stats) =>
      stats?.isDirectory() === true
        ? isHidden(relative(root, path))
        : stats?.isFile() === true && select(relative(root, path)) !== undefined,
  });
  const seen = (path: string) => onSeen(join(folder.path, relative(root, path)));
  const name = basename(root);
  watcher.on('raw', (event, path, by) => {
    const { watchedPath } = by as Readonly<{ watchedPath?: string }>;
    if (event !== 'rename' || path !== name || watchedPath !== root) return;
    // One in it that has its name came or was written anew: the folder itself is where it was.
    lstat(join(root, name)).catch(onLost);
  });
  watcher.on('add', seen).on('change', seen).on('error', onError).add(root);
  return { [Symbol.asyncDispose]: () => watcher.close() };
}
