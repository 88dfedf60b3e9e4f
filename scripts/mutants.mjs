/**
 * @file Whether the tests bite: switches on one seeded bug after the other (`isMutant` in
 * electron/engine/test-hooks.ts) and runs the tests that must find it. Each must pass without the bug
 * and fail with it. Prints the table; ends with 1 when a bug lives, or a test fails without one.
 *
 *     node scripts/mutants.mjs [NUMBER…]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** @typedef {{ number: number; bug: string; file: string; test: string; env?: Record<string, string>; maySkip?: boolean }} Mutant */

/** @type {readonly Mutant[]} The quickest test that finds it; others do, too. */
const mutants = [
  {
    number: 1,
    bug: 'the file is not looked at again after its last byte was read',
    file: 'tests/engine/changing-file.test.ts',
    test: 'that is written on while it is sent is not published',
  },
  {
    number: 2,
    bug: 'an upload without a proof counts as verified before anybody looked at the object',
    file: 'tests/engine/verify.test.ts',
    test: 'an answer with the checksum',
  },
  {
    number: 3,
    bug: 'an object of the right size counts as the file',
    file: 'tests/engine/verify.test.ts',
    test: 'a copy with another checksum is damaged',
  },
  {
    number: 4,
    bug: 'an upload that the storage dropped counts as done',
    file: 'tests/engine/upload-resume.test.ts',
    test: 'an upload that the storage dropped starts over',
  },
  {
    number: 5,
    bug: 'an object at the key counts as ours',
    file: 'tests/engine/lost-answers.test.ts',
    test: 'at the key of a small file stays as it is',
  },
  {
    number: 6,
    bug: 'each attempt chooses a key of its own',
    file: 'tests/engine/lost-answers.test.ts',
    test: 'when the answer of a small file breaks off, the object is found by its token',
  },
  {
    number: 7,
    bug: 'the number of an upload is written down only after its first part',
    file: 'tests/engine/upload-resume.test.ts',
    test: 'the number of the upload is in the ledger before the first part leaves',
  },
  {
    number: 8,
    bug: 'parts are used again without a look at the file and at the storage',
    file: 'tests/engine/upload-resume.test.ts',
    test: 'a part that the storage has lost, or holds in another form, is sent again',
  },
  {
    number: 9,
    bug: 'an answer without objects counts as an empty bucket',
    file: 'tests/remote/impostor.test.ts',
    test: 'an empty list from what does not name our bucket says nothing',
  },
  {
    number: 10,
    bug: 'the files of a folder that is away count as gone',
    file: 'tests/engine/deleted-before.test.ts',
    test: 'is an empty mount point',
  },
  {
    number: 11,
    bug: 'clean-up takes away what it has not read again',
    file: 'tests/engine/migrate-cleanup.test.ts',
    test: 'is kept: other bytes with the old time',
  },
  {
    number: 12,
    bug: 'the ledger does not wait for the disk',
    file: 'tests/disk/power-cut.test.ts',
    test: 'what was said is still so after each power cut',
    env: { PANSEA_TEST_CUTS: '8' },
    maySkip: true, // Where there is no root or no loop device.
  },
  {
    number: 13,
    bug: 'a file that is there at the start counts as finished',
    file: 'tests/engine/settling.test.ts',
    test: 'that grows is held until it has not changed for the quiet time',
  },
  {
    number: 14,
    bug: 'unfinished uploads of others are ended, too',
    file: 'tests/engine/unfinished.test.ts',
    test: 'an upload whose name was never heard is found by its key',
  },
  {
    number: 15,
    bug: 'what is handed over is in memory alone until it is quiet',
    file: 'tests/engine/handed-over.test.ts',
    test: 'a file that was handed over is sent by the next start',
  },
  {
    number: 16,
    bug: 'an object that a storage does not show at once is sent again',
    file: 'tests/engine/verify.test.ts',
    test: 'a storage that is slow to show what it took is asked again',
  },
  {
    number: 17,
    bug: 'a file that one scan has missed counts as gone',
    file: 'tests/engine/deleted-before.test.ts',
    test: 'is not so after one scan that missed it',
  },
  {
    number: 18,
    bug: 'clean-up does not ask for the object again once it has read the file',
    file: 'tests/engine/migrate-cleanup-meanwhile.test.ts',
    test: 'a file whose object is deleted while the file is read once more is kept',
  },
  {
    number: 19,
    bug: 'equal bytes count as stored without a look at their object',
    file: 'tests/engine/same-bytes.test.ts',
    test: 'whose object is not in the bucket any more are sent',
  },
  {
    number: 20,
    bug: 'what a person deleted in the storage is sent again when its file is touched',
    file: 'tests/engine/same-bytes.test.ts',
    test: 'whose object a person deleted are not sent again when the file is renamed or touched',
  },
  {
    number: 21,
    bug: 'what a damaged ledger says is believed',
    file: 'tests/engine/damaged-ledger.test.ts',
    test: 'is rebuilt also when the copy beside it is gone',
  },
  {
    number: 22,
    bug: 'a clock that is set back puts off what waits',
    file: 'tests/engine/clock.test.ts',
    test: 'a clock that is set back a day during trouble',
  },
  {
    number: 23,
    bug: 'a link is said to last longer than the keys that sign it',
    file: 'tests/engine/share.test.ts',
    test: 'a link that is asked to last longer than',
  },
  {
    number: 24,
    bug: 'every marker of a deletion is taken away, whatever its number names',
    file: 'tests/engine/undelete.test.ts',
    test: 'a marker without a number of its own is left to an admin',
  },
  {
    number: 25,
    bug: 'what the storage said it had completed, and had not, stays open there',
    file: 'tests/engine/unfinished.test.ts',
    test: 'an upload that the storage said it had completed',
  },
  {
    number: 26,
    bug: 'what is logged holds the keys',
    file: 'tests/unit/log.test.ts',
    test: 'the log is one line of JSON for each entry',
  },
  {
    number: 27,
    bug: 'a recording is opened so that it could be written to',
    file: 'tests/disk/read-only.test.ts',
    test: 'a folder that nobody may write to is sent whole',
    maySkip: true, // Where there is no root or no strace.
  },
  {
    number: 28,
    bug: 'names and metadata are taken as they come over the wire',
    file: 'tests/remote/conformance.test.ts',
    test: 'a small object is there with its metadata',
  },
  {
    number: 29,
    bug: 'a download is saved under whatever name its object says',
    file: 'tests/unit/local-name.test.ts',
    test: 'no name at all leads out of the folder',
  },
  {
    number: 30,
    bug: 'each part takes new memory, and none is let go',
    file: 'tests/unit/buffers.test.ts',
    test: 'memory that came back is used again',
  },
];

const asked = process.argv.slice(2);
const unknown = asked.filter((word) => !mutants.some(({ number }) => `${number}` === word));
if (unknown.length > 0) {
  const last = mutants.at(-1)?.number;
  console.error(`There is no seeded bug ${unknown.join(', ')}: they go from 1 to ${last}.`);
  process.exit(1);
}

const root = path.dirname(import.meta.dirname);
const results = mkdtempSync(path.join(tmpdir(), 'pansea-mutants-'));
const AT_ONCE = 2;
const LIMIT_MS = 240_000;

/**
 * Runs one mutant's test, with the bug or without it.
 *
 * @param {Mutant} mutant
 * @param {boolean} withBug
 * @returns {Promise<{ passed: number; failed: number; skipped: string | undefined; seconds: number }>}
 */
async function runTest({ number, file, test, env }, withBug) {
  const outputFile = path.join(results, `${number}-${withBug}.json`);
  const started = performance.now();
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const pattern = test.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const args = [vitest, 'run', file, '-t', pattern, '--reporter=json', '--outputFile', outputFile];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: {
      ...process.env,
      PANSEA_TEST_SERVERS: 'none',
      PANSEA_TEST_JSON: '',
      ...env,
      ...(withBug ? { MUTANT: String(number) } : {}),
    },
    stdio: 'ignore',
    timeout: LIMIT_MS,
  });
  await new Promise((resolve) => child.once('close', resolve));
  const seconds = (performance.now() - started) / 1_000;
  /** @type {{ status: string; fullName: string }[]} */
  const tests = JSON.parse(readFileSync(outputFile, 'utf8')).testResults.flatMap(
    (/** @type {{ assertionResults: { status: string; fullName: string }[] }} */ result) =>
      result.assertionResults,
  );
  const named = tests.filter(({ fullName }) => fullName.includes(test));
  const count = (/** @type {string} */ status) =>
    named.filter((one) => one.status === status).length;
  const passed = count('passed');
  const failed = count('failed');
  const skipped = passed + failed === 0 && named.length > 0 ? 'not on this machine' : undefined;
  return { passed, failed, skipped, seconds };
}

/**
 * @param {Mutant} mutant
 * @returns {Promise<{ verdict: string; isGood: boolean }>}
 */
async function judge(mutant) {
  const without = await runTest(mutant, false);
  if (mutant.maySkip && without.skipped !== undefined)
    return { verdict: `skipped, ${without.skipped}`, isGood: true };
  if (without.failed > 0) return { verdict: 'its test fails WITHOUT the bug', isGood: false };
  if (without.passed === 0) return { verdict: 'its test was NOT FOUND', isGood: false };
  const { failed, seconds } = await runTest(mutant, true);
  if (failed === 0) return { verdict: 'LIVES: its test does not find it', isGood: false };
  return { verdict: `killed in ${seconds.toFixed(0)} s`, isGood: true };
}

const chosen = mutants.filter(({ number }) => asked.length === 0 || asked.includes(`${number}`));
const waiting = [...chosen];
/** @type {Map<number, { verdict: string; isGood: boolean }>} */
const verdicts = new Map();

async function work() {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift())
    verdicts.set(
      mutant.number,
      await judge(mutant).catch((error) => ({ verdict: `NOT RUN: ${error}`, isGood: false })),
    );
}

try {
  await Promise.all(Array.from({ length: AT_ONCE }, work));
} finally {
  rmSync(results, { recursive: true, force: true });
}
for (const { number, bug, file } of chosen)
  console.log(
    `${String(number).padStart(2)}  ${bug}\n    ${verdicts.get(number)?.verdict}, ${file}`,
  );
const bad = [...verdicts.values()].filter(({ isGood }) => !isGood).length;
const skipped = [...verdicts.values()].filter(({ verdict }) => verdict.startsWith('skipped'));
if (skipped.length > 0)
  console.log(`Skipped: ${skipped.length} seeded bugs, whose tests cannot run on this machine`);
console.log(`${chosen.length - bad - skipped.length} of ${chosen.length} seeded bugs were found.`);
process.exitCode = bad > 0 ? 1 : 0;
