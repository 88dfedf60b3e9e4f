/**
 * @file Where the Electron for tests is, and whether it is there. It is not the product's: the
 * registry holds only an older one, whose Node-API 9 wants a better-sqlite3 of its own. Both are
 * kept outside the checkout, under a name that changes with what they are made of.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingPrograms } from '../bootstrap/programs.mjs';

export const ELECTRON_VERSION = '33.2.1';

/**
 * @typedef {object} Runtime
 * @property {string} dist The folder of Electron, as electron-builder's `electronDist` wants it.
 * @property {string} executable
 * @property {string} sqlite better-sqlite3's binary for it.
 */

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * The paths, whether or not anything is there.
 *
 * @param {string} root The checkout.
 * @returns {Runtime}
 */
export function runtimePaths(root) {
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const base = path.join(cache, 'pansea-sync-tests');
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const { version, integrity } = lock.packages['node_modules/better-sqlite3'];
  const app = ['main.js', 'package.json'].map((file) => path.join('default_app', file));
  const dist = path.join(base, `electron-${ELECTRON_VERSION}-${hash('electron.mjs', ...app)}`);
  return {
    dist,
    executable: path.join(dist, 'electron'),
    sqlite: path.join(base, `better-sqlite3-${version}-${hash(integrity, 'sqlite.mjs')}.node`),
  };
}

/** @param {readonly string[]} parts Files of this folder, or plain texts. */
function hash(...parts) {
  const sum = createHash('sha256');
  for (const part of parts) {
    const file = path.join(here, part);
    sum.update(existsSync(file) ? readFileSync(file) : part);
  }
  return sum.digest('hex').slice(0, 12);
}

/**
 * Why this machine cannot have it; `undefined` when it can.
 *
 * @param {{ platform: string; arch: string }} machine
 */
export function whyNoRuntime({ platform, arch }) {
  return platform === 'linux' && arch === 'x64'
    ? undefined
    : `the Electron for tests is for Linux x64, and this is ${platform} ${arch}`;
}

/**
 * Why the tests in a real Electron cannot run now; `undefined` when they can.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function runtimeMissing(root) {
  const reason = whyNoRuntime(process);
  if (reason !== undefined) return reason;
  const { executable, sqlite } = runtimePaths(root);
  if (!existsSync(executable) || !existsSync(sqlite))
    return 'the Electron for tests has not been brought: npm test brings it';
  return missingPrograms(['Xvfb']).length === 0 ? undefined : 'Xvfb is not installed';
}
