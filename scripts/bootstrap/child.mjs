/** @file Running other programs: never through a shell, so paths and arguments may hold spaces. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A failure that the user can do something about: printed as it is, without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * What the bootstrap says goes to stderr: stdout belongs to the task alone.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a program in the foreground until it ends, hands signals on to it, and answers its exit
 * code; one ended by a signal counts as 128 + the signal's number, as in a shell.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string; env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export async function runTask(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: 'inherit' });
  const forget = handSignalsTo(child);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']),
      );
    });
  } finally {
    forget();
  }
}

/**
 * Runs a program to its end, with what it prints on stderr.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string; env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function runSetup(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 2, 2] });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Two of the same signal within this time are one: npm hands on what the process group got too. */
const SAME_SIGNAL_MS = 500;

/** @param {import('node:child_process').ChildProcess} child */
function handSignalsTo(child) {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const handed = new Map();
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    // At a terminal (and always on Windows) the child has had its own Ctrl-C, and a second one may mean "at once".
    const hasOwn = signal === 'SIGINT' && (process.platform === 'win32' || process.stdin.isTTY);
    const isSame = performance.now() - (handed.get(signal) ?? -Infinity) < SAME_SIGNAL_MS;
    if (hasOwn || isSame) return;
    handed.set(signal, performance.now());
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const watch = watchForLostShell(() => onSignal('SIGTERM'));
  return () => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/**
 * A SIGTERM to npm reaches only the shell it runs scripts in, which dies of it without a word to
 * us: losing that shell is how we learn of it. Without npm a lost parent means nothing.
 *
 * @param {() => void} onLost
 */
function watchForLostShell(onLost) {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32')
    return undefined;
  const shell = process.ppid;
  return setInterval(() => {
    if (process.ppid !== shell) onLost();
  }, 250);
}
