import { watch } from 'chokidar';
import { join, relative } from 'node:path';
import { isHidden, selectorFor } from './scan.ts';
import type { Folder } from './store/folders.ts';

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
  onSeen: (path: string) => void,
  onError: (error: unknown) => void,
): AsyncDisposable {
  const select = selectorFor(folder.rule);
  const watcher = watch(root, {
    ignoreInitial: true, // The scan at start covers these.
    followSymlinks: false,
    ignored: (path, stats) =>
      stats?.isDirectory() === true
        ? isHidden(relative(root, path))
        : stats?.isFile() === true && select(relative(root, path)) !== undefined,
  });
  const seen = (path: string) => onSeen(join(folder.path, relative(root, path)));
  watcher.on('add', seen).on('change', seen).on('error', onError);
  return { [Symbol.asyncDispose]: () => watcher.close() };
}
