/**
 * @file Brings the Electron for tests where there is one. By hand, to see where it is:
 *
 *     node scripts/electron/provide.mjs
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { say } from '../bootstrap/child.mjs';
import { bringElectron } from './electron.mjs';
import { ELECTRON_VERSION, runtimePaths, whyNoRuntime } from './runtime.mjs';
import { compileSqlite } from './sqlite.mjs';

/**
 * Never fails: without it the tests in Electron are skipped, and say so. Quick when all is there.
 *
 * @param {string} root
 * @returns {boolean} Whether it is there, or cannot be on this machine.
 */
export function provideTestElectron(root) {
  if (whyNoRuntime(process) !== undefined) return true;
  const { dist, executable, sqlite } = runtimePaths(root);
  try {
    if (!existsSync(executable)) {
      say(`Bringing Electron ${ELECTRON_VERSION} for the tests, 140 MB; only this time…`);
      bringElectron(dist);
    }
    if (!existsSync(sqlite)) {
      say('Compiling better-sqlite3 for it, two to four minutes; only this time…');
      compileSqlite(root, sqlite);
    }
    return true;
  } catch (error) {
    const { stderr, message } = /** @type {{ stderr?: Buffer; message: string }} */ (error);
    const end = stderr?.toString().trimEnd().split('\n').slice(-20).join('\n');
    say(`Not on this machine: the Electron for tests. ${end ?? ''}${message}`);
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.dirname(path.dirname(path.dirname(process.argv[1])));
  if (!provideTestElectron(root)) process.exitCode = 1;
  else console.log(JSON.stringify(runtimePaths(root), undefined, 2));
}
