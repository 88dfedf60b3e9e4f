import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { SetupError } from './child.mjs';

/**
 * npm's own JavaScript file. Started with it, npm runs on the Node of our choice and needs no
 * shell, not even on Windows, where `npm` itself is a batch file.
 *
 * @returns {string}
 */
export function npmCli() {
  const found = npmCliCandidates(process.env, process.execPath).find((file) => existsSync(file));
  if (found === undefined)
    throw new SetupError(
      'npm was not found beside Node: install Node with npm from https://nodejs.org.',
    );
  return realpathSync(found);
}

/**
 * Where it may be: named by the npm that runs us, beside Node, or behind the `npm` on PATH.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} execPath
 * @returns {string[]}
 */
export function npmCliCandidates(env, execPath) {
  const file = path.join('node_modules', 'npm', 'bin', 'npm-cli.js');
  const named = env.npm_execpath ?? '';
  const bin = path.dirname(execPath);
  const folders = (env.PATH ?? env.Path ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '');
  return [
    ...(path.basename(named) === 'npm-cli.js' ? [named] : []), // Not when yarn or pnpm runs us.
    path.join(bin, file),
    path.join(bin, '..', 'lib', file),
    ...folders.flatMap((folder) => [path.join(folder, file), path.join(folder, '..', 'lib', file)]),
    ...folders.map((folder) =>
      path.join(folder, '..', 'share', 'nodejs', 'npm', 'bin', 'npm-cli.js'),
    ),
  ];
}
