/** @file Programs from outside npm that the tests use: installed on Debian as root, elsewhere named. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { whyNoRuntime } from '../electron/runtime.mjs';
import { say } from './child.mjs';
import { missingPrograms } from './programs.mjs';

/**
 * @typedef {'ffmpeg' | 'curl' | 'chromium' | 'electron' | 'keyring' | 'disks' | 'postgresql' | 'hashes' | 'rgw' | 'swift'} ToolName
 * @typedef {{ platform: string; isDebian: boolean; isRoot: boolean }} Machine
 */

/**
 * @type {Readonly<
 *   Record<ToolName, { title: string; programs: string[]; packages?: string[]; without: string }>
 * >} Packages: Debian's, where their name is not the tool's own.
 */
const tools = {
  ffmpeg: { title: 'ffmpeg', programs: ['ffmpeg'], without: 'tests with real recordings' },
  curl: { title: 'curl', programs: ['curl'], without: 'tests that open a link with curl' },
  chromium: {
    title: 'Chromium',
    programs: ['chromium'],
    without: 'tests of the page in a browser',
  },
  electron: {
    title: 'what Electron needs (Xvfb, GTK, a compiler)',
    programs: ['Xvfb', 'unzip', 'make', 'g++', 'python3'],
    packages: 'xvfb unzip make g++ python3 libgtk-3-0t64 libnss3 libasound2t64 libgbm1'.split(' '),
    without: 'tests of the app in Electron',
  },
  keyring: {
    title: 'a keychain (gnome-keyring)',
    programs: ['gnome-keyring-daemon', 'dbus-daemon', 'dbus-send'],
    packages: 'gnome-keyring libsecret-1-0 dbus dbus-daemon dbus-bin'.split(' '),
    without: 'tests of the app with a keychain',
  },
  disks: {
    title:
      'what cuts power, fails system calls, makes disks and turns clocks (strace, xfs_io, mkfs.ext4, exFAT, faketime)',
    programs: ['strace', 'xfs_io', 'mkfs.ext4', 'mkfs.exfat', 'mount.exfat-fuse', 'faketime'],
    packages: 'strace xfsprogs e2fsprogs exfatprogs exfat-fuse faketime'.split(' '),
    without: 'tests of power cuts, of failing disks, of memory cards and of other clocks',
  },
  postgresql: {
    title: 'PostgreSQL',
    programs: ['pg_createcluster'],
    without: 'the test of a migration’s SQL on PostgreSQL',
  },
  hashes: {
    title: 'what reads hash lists (xmllint, xxhsum)',
    programs: ['xmllint', 'xxhsum'],
    packages: ['libxml2-utils', 'xxhash'],
    without: 'tests of a migration’s hash lists',
  },
  rgw: { title: 'Ceph radosgw', programs: ['radosgw'], without: 'tests on radosgw' },
  swift: {
    title: 'OpenStack Swift',
    programs: ['swift-proxy-server'],
    without: 'tests on Swift',
  },
};
const names = /** @type {ToolName[]} */ (Object.keys(tools));

/**
 * The tools that a test run wants: servers can be left out with PANSEA_TEST_SERVERS.
 *
 * @param {string | undefined} servers
 * @param {{ platform: string; arch: string }} machine
 * @returns {ToolName[]}
 */
export function wantedTools(servers, machine = process) {
  const asked = servers?.split(',').map((name) => name.trim());
  return names.filter((name) => {
    if (name === 'rgw' || name === 'swift') return asked?.includes(name) ?? true;
    if (name === 'disks' || name === 'postgresql' || name === 'hashes')
      return machine.platform === 'linux';
    const isOfElectron = name === 'electron' || name === 'keyring';
    return !isOfElectron || whyNoRuntime(machine) === undefined;
  });
}

/** @param {ToolName} name */
const packagesOf = (name) => tools[name].packages ?? [name];

/** @param {string} osRelease The text of /etc/os-release. */
export function namesDebian(osRelease) {
  return /^ID="?debian"?$/m.test(osRelease);
}

/**
 * What to say where nothing may be installed: what is missing, what that skips, how to get it.
 *
 * @param {readonly ToolName[]} missing
 * @param {Machine} machine
 * @returns {string | undefined}
 */
export function advice(missing, machine) {
  if (missing.length === 0) return undefined;
  const titles = missing.map((name) => tools[name].title).join(', ');
  const without = missing.map((name) => tools[name].without).join(', ');
  return `Not on this machine: ${titles}. Skipped for that: ${without}. ${howToGet(missing, machine)}`;
}

/**
 * @param {readonly ToolName[]} missing
 * @param {Machine} machine
 */
function howToGet(missing, { platform, isDebian }) {
  const plain = missing
    .filter((name) => name !== 'rgw' && name !== 'swift')
    .flatMap((name) => (isDebian ? packagesOf(name) : [name]))
    .join(' ');
  const get = {
    darwin: `brew install ${plain}`,
    win32: `winget install ${plain}`,
    linux: isDebian ? `sudo apt-get install ${plain}` : `your package manager has ${plain}`,
  };
  const how = get[/** @type {keyof typeof get} */ (platform)] ?? `install ${plain}`;
  const servers = missing.some((name) => name === 'rgw' || name === 'swift');
  return [
    ...(plain === '' ? [] : [`To get them: ${how}.`]),
    ...(servers ? ['The servers come by themselves when root runs the tests on Debian.'] : []),
  ].join(' ');
}

/**
 * Installs what the tests want and Debian has, or says in one line what is missing. Quick when all
 * is there. Never fails: what cannot be installed is skipped by the tests, which say so.
 *
 * @param {string} root
 */
export function provideSystemPackages(root) {
  const wanted = wantedTools(process.env.PANSEA_TEST_SERVERS);
  const machine = thisMachine();
  if (machine.isDebian && machine.isRoot) installOnDebian(root, wanted);
  const line = advice(wanted.filter(isMissing), machine);
  if (line !== undefined) say(line);
}

/**
 * @param {string} root
 * @param {readonly ToolName[]} wanted
 */
function installOnDebian(root, wanted) {
  const missing = wanted.filter(isMissing);
  // Offline: the tests want the programs, and no service of the system's started.
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' };
  if (missing.length > 0) {
    say(
      `Installing ${missing.map((name) => tools[name].title).join(', ')} with apt for the tests; a minute or two…`,
    );
    env.PANSEA_APT_UPDATED = run('apt-get', [...patient, 'update', '-qq'], env) ? 'yes' : '';
  }
  for (const name of wanted) {
    if (name === 'rgw' || name === 'swift')
      // The script looks closer than `isMissing`, and is done at once when nothing is missing.
      run('bash', [path.join(root, 'tests', 'support', 'servers', name, 'install.sh')], env);
    else if (missing.includes(name))
      run('apt-get', [...patient, ...install, ...packagesOf(name)], env);
  }
}

const patient = ['-o', 'DPkg::Lock::Timeout=300'];
const install = ['install', '-qq', '-y', '--no-install-recommends'];

/**
 * Runs a program; what it prints is shown only when it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(program, args, env) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return true;
  const end = `${stdout}${stderr}`.trimEnd().split('\n').slice(-20).join('\n');
  say(`${program} ${args.join(' ')} failed:\n${end}`);
  return false;
}

/** @param {ToolName} name */
const isMissing = (name) => missingPrograms(tools[name].programs).length > 0;

/** @returns {Machine} */
function thisMachine() {
  let osRelease = '';
  try {
    osRelease = readFileSync('/etc/os-release', 'utf8');
  } catch {
    // Not Linux.
  }
  const { platform } = process;
  return { platform, isDebian: namesDebian(osRelease), isRoot: process.getuid?.() === 0 };
}
