/** @file The build of app, command line and page: when it is older than what it is made of. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { runSetup, SetupError } from './child.mjs';

const sources = [
  'electron',
  'renderer',
  'shared',
  'package.json',
  'electron.vite.config.ts',
  'scripts/without-test-hooks.ts',
];
const made = [
  'out/main/index.js',
  'out/main/cli.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
];

/**
 * Builds.
 *
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export async function build(root, node, env) {
  const program = path.join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const code = await runSetup(node, [program, 'build', '--logLevel', 'warn'], { cwd: root, env });
  if (code !== 0) throw new SetupError('The app could not be built: see above.');
}

/**
 * Whether there is a source newer than the build, or no build.
 *
 * @param {string} root
 */
export function isBuildOld(root) {
  const builtMs = Math.min(...made.map((file) => changedMs(path.join(root, file)) ?? 0));
  return sources.some((source) => newestMs(path.join(root, source)) > builtMs);
}

/**
 * @param {string} place A file, or a folder with all that is in it: files that are gone change the folder.
 * @returns {number}
 */
function newestMs(place) {
  const own = changedMs(place) ?? 0;
  if (!statSync(place, { throwIfNoEntry: false })?.isDirectory()) return own;
  return Math.max(own, ...readdirSync(place).map((name) => newestMs(path.join(place, name))));
}

/** @param {string} file */
function changedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
