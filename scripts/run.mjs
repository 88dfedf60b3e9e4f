/**
 * @file What `npm start`, `npm test` and `npm run cli` run. Works on a fresh clone with Node 20:
 * brings Node 24 and the packages first, says so on stderr, then does the task.
 *
 *     node scripts/run.mjs start          the app: with the demo, or with the bucket when AWS is configured
 *     node scripts/run.mjs test ARGS      all tests, or those that ARGS name
 *     node scripts/run.mjs long ARGS       the long profile of the reliability tests: --minutes 30
 *     node scripts/run.mjs mutants         whether the tests find the bugs that are seeded for them
 *     node scripts/run.mjs bench ARGS      how fast it is, beside other clients: scripts/bench/run.ts
 *     node scripts/run.mjs provide        what the tests need beside npm's packages; `test` does it, too
 *     node scripts/run.mjs cli ARGS       the command line, in the folder where the user is
 *     node scripts/run.mjs setup          only brings things; prints the folder of the Node to use
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, isBuildOld } from './bootstrap/build.mjs';
import { runTask, say, SetupError } from './bootstrap/child.mjs';
import { provideDependencies } from './bootstrap/dependencies.mjs';
import { provideNode } from './bootstrap/node24.mjs';
import { hasAwsSettings } from './bootstrap/aws-settings.mjs';
import { provideSystemPackages } from './bootstrap/system-packages.mjs';
import { findElectron } from './electron/launch.mjs';
import { provideTestElectron } from './electron/provide.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [task = '', ...rest] = process.argv.slice(2);
const args = rest[0] === '--' ? rest.slice(1) : rest;

// `--`: Node would take the command line's own --env-file for itself, wherever it stands.
const cli = ['--disable-warning=ExperimentalWarning', '--', path.join(root, 'electron', 'cli.ts')];

/** @param {string} file */
const module = (file) => path.join(root, 'node_modules', ...file.split('/'));

/** @type {Record<string, (node: string, env: NodeJS.ProcessEnv) => Promise<number>>} */
const tasks = {
  async start(node, env) {
    const file = path.join(root, '.env');
    const isSet = hasAwsSettings(existsSync(file) ? readFileSync(file, 'utf8') : '', env);
    if (!isSet)
      say(
        'No AWS settings in .env or AWS_S3_BUCKET: using those set in the window, else the demo, on an S3 server of its own.',
      );
    const demo = isSet ? [] : ['--demo'];
    if (isBuildOld(root)) {
      say('Building the app…');
      await build(root, node, env);
    }
    const electron = findElectron(root, node, env);
    if ('program' in electron)
      return runTask(electron.program, [...electron.args, root, ...demo, ...args], {
        cwd: root,
        env,
      });
    say(`No window of its own, as ${electron.reason}: opening the same one in the browser.`);
    return runTask(node, [...cli, 'serve', '--open', ...demo, ...args], { cwd: root, env });
  },
  provide(_, env) {
    provideSystemPackages(root);
    const hasElectron = !wantsElectron(args) || provideTestElectron(root);
    // Elsewhere its tests are skipped, and say so.
    return Promise.resolve(!hasElectron && env.CI ? 1 : 0);
  },
  async test(node, env) {
    const provided = await tasks.provide?.(node, env);
    if (provided !== 0) return 1;
    say('Building the app for its tests…');
    await build(root, node, env);
    return runTask(node, [module('vitest/vitest.mjs'), 'run', ...args], { cwd: root, env });
  },
  async long(node, env) {
    if ((await tasks.provide?.(node, env)) !== 0) return 1;
    await build(root, node, env);
    return runTask(node, [path.join(root, 'scripts', 'long-tests.mjs'), ...args], {
      cwd: root,
      env,
    });
  },
  mutants(node, env) {
    return runTask(node, [path.join(root, 'scripts', 'mutants.mjs'), ...args], { cwd: root, env });
  },
  bench(node, env) {
    return runTask(node, [path.join(root, 'scripts', 'bench', 'run.ts'), ...args], {
      cwd: root,
      env,
    });
  },
  cli(node, env) {
    // npm runs scripts in the project's folder, and keeps in INIT_CWD where the user called it.
    const cwd = env.npm_lifecycle_event === 'cli' ? env.INIT_CWD : undefined;
    return runTask(node, [...cli, ...args], { cwd: cwd ?? process.cwd(), env });
  },
  setup(node) {
    process.stdout.write(`${path.dirname(node)}\n`);
    return Promise.resolve(0);
  },
};

/**
 * Whether tests in Electron are among those that are asked for: getting it takes minutes.
 *
 * @param {readonly string[]} names
 */
function wantsElectron(names) {
  const files = names.filter((name) => !name.startsWith('-'));
  return files.length === 0 || files.some((name) => name.includes('electron'));
}

/**
 * The environment of everything that follows: Node 24 is the first that is found.
 *
 * @param {string} node
 * @returns {NodeJS.ProcessEnv}
 */
function envWith(node) {
  // Windows calls it Path; with both, which one counts is left to chance.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const before = process.env[name];
  const folders = [path.dirname(node), ...(before === undefined ? [] : [before])];
  return { ...process.env, [name]: folders.join(path.delimiter) };
}

async function main() {
  const run = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
  if (run === undefined)
    throw new SetupError(`node scripts/run.mjs ${Object.keys(tasks).join(' | ')}`);
  const node = await provideNode(root);
  const env = envWith(node);
  await provideDependencies(root, node, env);
  return run(node, env);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof SetupError) say(error.message);
  else console.error(error);
  process.exitCode = 1;
}
