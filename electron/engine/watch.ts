import { watch } from 'chokidar';
import { relative } from 'node:path';
import { selectorFor } from './scan.ts';
import type { Folder } from './store/folders.ts';

/**
 * Reports paths that may have changed. Only a hint: events are lost while the app is closed, on network
 * drives and in bursts, so `scanFolder` walks the same folder at start and again and again, and both
 * feed the same settling.
 */
export function watchFolder(
  folder: Folder,
  onSeen: (path: string) => void,
  onError: (error: unknown) => void,
): AsyncDisposable {
  const select = selectorFor(folder.rule);
  const watcher = watch(folder.path, {
    ignoreInitial: true, // The scan at start covers these.
    followSymlinks: false,
    ignored: (path, stats) =>
      stats?.isFile() === true && select(relative(folder.path, path)) !== undefined,
  });
  watcher.on('add', onSeen).on('change', onSeen).on('error', onError);
  return { [Symbol.asyncDispose]: () => watcher.close() };
}
