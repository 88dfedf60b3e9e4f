/** @file The project's npm packages: installed when missing, again when package-lock.json has changed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { runSetup, say, SetupError } from './child.mjs';
import { npmCli } from './npm.mjs';

/**
 * @typedef {{ version?: string; integrity?: string; optional?: boolean; os?: string[]; cpu?: string[] }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 */

/**
 * Why `npm ci` must run; `undefined` when what is installed is what package-lock.json asks for.
 *
 * @param {Lock} lock package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json: what npm writes there when an
 *   installation is complete, so half an installation has none.
 * @param {{ platform: string; arch: string }} machine
 * @returns {string | undefined}
 */
export function whyInstall(lock, installed, { platform, arch }) {
  if (installed === undefined) return 'they are not installed yet';
  const wanted = Object.entries(lock.packages).filter(([where]) => where !== '');
  for (const [where, entry] of wanted) {
    const have = installed.packages[where];
    if (have === undefined && entry.optional === true) continue; // For another platform.
    if (have?.version !== entry.version || have?.integrity !== entry.integrity)
      return 'package-lock.json has changed';
  }
  for (const [where, { os, cpu }] of Object.entries(installed.packages)) {
    if (lock.packages[where] === undefined) return 'package-lock.json has changed';
    if (!admits(os, platform) || !admits(cpu, arch))
      return 'those installed are for another kind of machine';
  }
  return undefined;
}

/**
 * Brings node_modules of `root` in line with package-lock.json.
 *
 * @param {string} root
 * @param {string} node The Node that npm runs on: it also decides which versions npm accepts.
 * @param {NodeJS.ProcessEnv} env
 */
export async function provideDependencies(root, node, env) {
  const lock = readLock(path.join(root, 'package-lock.json'));
  if (lock === undefined)
    throw new SetupError('package-lock.json is missing: is this a whole copy?');
  const installed = readLock(path.join(root, 'node_modules', '.package-lock.json'));
  const reason = whyInstall(lock, installed, process);
  if (reason === undefined) return;
  say(`Installing the project's packages with npm (${reason}); about half a minute…`);
  const code = await runSetup(
    node,
    [npmCli(), 'ci', '--no-audit', '--no-fund', '--no-update-notifier'],
    {
      cwd: root,
      env,
    },
  );
  if (code !== 0)
    throw new SetupError(
      'npm could not install the packages: see above. Run the same command again.',
    );
}

/**
 * npm's rule for `os` and `cpu`: one of the list, and none of those with a `!`.
 *
 * @param {string[] | undefined} list
 * @param {string} value
 */
function admits(list, value) {
  if (list === undefined || list.length === 0) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((item) => item.startsWith('!'));
}

/**
 * @param {string} file
 * @returns {Lock | undefined}
 */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
