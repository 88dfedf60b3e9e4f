import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A folder for its owner alone, with those around it. Node's own `recursive` never ends where a system lets
 * nobody make a folder and says that it is not there, although the one around it is, as in `/proc`.
 *
 * @throws What the system says, and `EEXIST` when something else is there.
 */
export function makeFolderSync(path: string): void {
  const around = dirname(path);
  if (around !== path && !existsSync(around)) makeFolderSync(around);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
