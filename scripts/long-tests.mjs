/**
 * @file The long profile of the reliability tests: random courses with new seeds, every crash point,
 * every system call, power cuts, full disks, the table of faults. Bounded in time; prints the sum.
 *
 *     node scripts/long-tests.mjs [--minutes 30]
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.dirname(import.meta.dirname);
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new RangeError('--minutes needs a number above 0');
const folder = mkdtempSync(path.join(tmpdir(), 'pansea-long-'));
const figuresFile = path.join(folder, 'figures');

/**
 * One after the other: with all at once, none would find the machine as it is for a user. Shares of the
 * time; those without one take what they take.
 *
 * @type {readonly { tests: string; share?: number }[]}
 */
const suites = [
  { tests: 'tests/crash' },
  { tests: 'tests/engine/one-writer' },
  { tests: 'tests/faults' },
  { tests: 'tests/disk/full-disk' },
  { tests: 'tests/disk/power-cut', share: 0.25 },
  { tests: 'tests/disk/killed-calls', share: 0.25 },
  { tests: 'tests/models', share: 0.4 },
];

/**
 * @param {{ tests: string; share?: number }} suite
 * @returns {Promise<number>} The exit code.
 */
function run({ tests, share = 0.1 }) {
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', tests], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PANSEA_TEST_SERVERS: 'none',
      PANSEA_TEST_PROFILE: 'long',
      PANSEA_TEST_MINUTES: String(minutes * share),
      PANSEA_TEST_FIGURES: figuresFile,
    },
  });
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}

const started = performance.now();
const failed = [];
for (const suite of suites) if ((await run(suite)) !== 0) failed.push(suite.tests);
/** @type {Record<string, number | string>[]} */
const lines = existsSync(figuresFile)
  ? readFileSync(figuresFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
rmSync(folder, { recursive: true, force: true });
const sum = (/** @type {string} */ name) =>
  lines.reduce((total, line) => total + Number(line[name] ?? 0), 0);
console.log(`\n== Long run of ${((performance.now() - started) / 60_000).toFixed(0)} minutes`);
for (const line of lines) console.log(JSON.stringify(line));
console.log(
  `courses ${sum('courses')}, faults ${sum('faults')}, kills ${sum('kills')}, power cuts ${sum('powerCuts')}, ` +
    `promises looked for afterwards ${sum('promises')}, recordings compared ${sum('recordings')}`,
);
console.log(failed.length === 0 ? 'Recordings lost: 0' : `FAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
