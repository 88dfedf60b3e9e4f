/** @file The product's Electron for `npm start`: there, or fetched by its own installer, or not to be had. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { say } from '../bootstrap/child.mjs';

const programs = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
  linux: 'electron',
};

/**
 * Electron's program, or in a few words why there is none to start.
 *
 * @param {string} root
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ program: string; args: string[] } | { reason: string }}
 */
export function findElectron(root, node, env) {
  const { platform } = process;
  const name = programs[/** @type {keyof typeof programs} */ (platform)];
  if (name === undefined) return { reason: `there is no Electron for ${platform}` };
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return { reason: 'there is no screen here' };
  const electron = path.join(root, 'node_modules', 'electron');
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH || path.join(electron, 'dist');
  const program = path.join(dist, name);
  if (!existsSync(program)) {
    if (env.ELECTRON_OVERRIDE_DIST_PATH) return { reason: `there is no Electron in ${dist}` };
    say('Fetching Electron, about 120 MB; only this time…');
    spawnSync(node, [path.join(electron, 'install.js')], { env, stdio: 'ignore' });
    if (!existsSync(program)) return { reason: 'Electron could not be fetched' };
  }
  // Chromium does not start as root otherwise.
  if (process.getuid?.() === 0) return { program, args: ['--no-sandbox'] };
  return platform === 'linux' && !canSandbox(dist)
    ? { reason: 'this system does not let Electron’s sandbox start' }
    : { program, args: [] };
}

/**
 * Whether Chromium's sandbox can start: by the kernel's user namespaces, or by its helper of root's.
 *
 * @param {string} dist
 */
function canSandbox(dist) {
  const isRestricted =
    kernelSetting('apparmor_restrict_unprivileged_userns') === '1' ||
    kernelSetting('unprivileged_userns_clone') === '0';
  const helper = statSync(path.join(dist, 'chrome-sandbox'), { throwIfNoEntry: false });
  return !isRestricted || (helper?.uid === 0 && (helper.mode & 0o4000) !== 0);
}

/** @param {string} name */
function kernelSetting(name) {
  try {
    return readFileSync(`/proc/sys/kernel/${name}`, 'utf8').trim();
  } catch {
    return undefined; // This kernel has no such setting, and no such limit.
  }
}
