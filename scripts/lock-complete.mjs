/**
 * @file Fails when package-lock.json would make `npm ci` fail for somebody else: npm quietly leaves
 * out the platform packages that a registry lacks, and then refuses the lock file on the platforms
 * they are for. An address in it would tie everybody to the registry it was made with.
 */
import { readFileSync } from 'node:fs';

/**
 * @typedef {{ version?: string; resolved?: string; link?: boolean; optionalDependencies?: Record<string, string> }} Entry
 * @type {{ packages: Record<string, Entry> }}
 */
const { packages } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
);

/** @param {string} where */
const nameOf = (where) => where.replace(/^.*node_modules\//, '');

const held = new Set(Object.keys(packages).map(nameOf));
/** @type {string[]} */
const faults = [];
for (const [where, { version, resolved, optionalDependencies = {} }] of Object.entries(packages)) {
  if (resolved !== undefined) faults.push(`${nameOf(where)} is bound to ${resolved}`);
  for (const name of Object.keys(optionalDependencies))
    if (!held.has(name))
      faults.push(`${nameOf(where)} ${version} lists ${name}, which the lock file lacks`);
}

for (const fault of faults) console.error(`package-lock.json: ${fault}`);
if (faults.length > 0) process.exitCode = 1;
else console.log(`package-lock.json holds all ${held.size} packages, for every platform`);
