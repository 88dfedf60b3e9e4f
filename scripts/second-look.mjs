/**
 * @file What CI does when a few tests failed: runs their files once more, by themselves. On two cores
 * that are shared with three servers, two browsers and Electron a test may meet an hour that it was not
 * written for, and what was sound would not be handed on. What passed only now is printed by name.
 *
 *     node scripts/second-look.mjs RESULTS.json OUTPUT-OF-THE-RUN
 *
 * No second look is taken at what may lose a recording by chance (crashes, models, disks, faults): there,
 * what failed once has failed. Nor at more than three files: that is no bad hour. Nor at a run that went
 * wrong beside its tests: a key that somebody wrote down, an error that no test caught.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const atMost = 3;
const onlyOnce = /^tests\/(crash|models|disk|faults)\//;

const [results = '', output = ''] = process.argv.slice(2);
/** @type {{ testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[] }} */
const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
const failed = testResults
  .filter(({ status }) => status === 'failed')
  .map(({ name, assertionResults }) => ({
    file: path.relative(root, name).replaceAll('\\', '/'),
    tests: assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => fullName),
  }));
const files = failed.map(({ file }) => file);
const besideTests = /Keys can be read in|Unhandled (Error|Rejection)/;
const isFew = files.length > 0 && files.length <= atMost;
const mayPass = isFew && !files.some((file) => onlyOnce.test(file));
if (!mayPass || besideTests.test(readFileSync(output, 'utf8'))) process.exit(1);

console.log(`\nOnce more, by themselves: ${files.join(', ')}`);
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PANSEA_TEST_JSON: '' },
});
if (status !== 0) process.exit(1);
for (const { file, tests } of failed)
  console.log(`Unsteady: failed among all tests, passed alone: ${file}: ${tests.join(', ')}`);
