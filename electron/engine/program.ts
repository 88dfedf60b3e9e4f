/**
 * @file A program that a person has named: found when it is named, so that what is run later is one file, whatever the search
 * path is then; and run with no shell, none of our keys in its environment, bounded in time and in what is kept of its words.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export type Ended = Readonly<{
  /** `null` when it was killed, by us or by a signal. */
  code: number | null;
  isOverTime: boolean;
  /** The beginning of what it said, as it came. */
  said: string;
}>;

/** More than a sentence of a scanner; the rest is read and forgotten, so that it never waits for us. */
const MAX_SAID_BYTES = 4_096;
/** Characters of a program's words that people get to see. */
const MAX_WORDS = 300;
/** Whoever has ended but left its output to a child of its own is not waited for. */
const OUTPUT_MS = 1_000;

/** What a program needs to find its files, and nothing that signs or opens anything. */
const passedOn = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'USERPROFILE',
  'ProgramData',
]);

/** @returns The program's absolute path; `undefined` when there is none that this user may start. */
export async function findProgram(
  name: string,
  searchPath = process.env['PATH'] ?? '',
): Promise<string | undefined> {
  if (isAbsolute(name)) return (await mayStart(name)) ? name : undefined;
  // A path that begins at the folder where somebody happens to stand means another program tomorrow.
  if (/[/\\]/.test(name)) return undefined;
  for (const folder of searchPath.split(delimiter).filter(isAbsolute))
    if (await mayStart(join(folder, name))) return join(folder, name);
  return undefined;
}

async function mayStart(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * @param input What it can read on its standard input.
 * @throws What `spawn` reports for a program that cannot be started, and the signal's reason.
 */
export async function runProgram(
  [program = '', ...args]: readonly string[],
  {
    limitMs,
    signal,
    input = '',
  }: Readonly<{ limitMs: number; signal: AbortSignal; input?: string }>,
): Promise<Ended> {
  signal.throwIfAborted();
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => passedOn.has(name)),
  );
  const isGroup = process.platform !== 'win32';
  const child = spawn(program, args, {
    env: { ...env, LC_ALL: 'C.UTF-8' },
    stdio: 'pipe',
    windowsHide: true,
    // A group of its own: what it has started ends with it.
    detached: isGroup,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  child.once('error', reject);
  // Where no descriptor is free it has no streams either, against what its type says.
  if (child.pid === undefined) return promise;
  // Whoever ends without having read it all has read what it wants.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const said: Buffer[] = [];
  let room = MAX_SAID_BYTES;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      if (room > 0) said.push(piece.subarray(0, room));
      room -= piece.length;
    });
  const end = (code: number | null, isOverTime: boolean) =>
    resolve({ code, isOverTime, said: Buffer.concat(said).toString('utf8') });
  child.once('close', (code) => end(code, false));
  child.once('exit', (code) => setTimeout(() => end(code, false), OUTPUT_MS).unref());
  const timer = setTimeout(() => {
    // Not when it has ended: one that hangs in the kernel ends no sooner for being killed.
    end(null, true);
    kill(child, isGroup);
  }, limitMs);
  const stop = () => {
    reject(signal.reason as Error);
    kill(child, isGroup);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // One that hangs in the kernel keeps nobody from ending.
    child.unref();
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function kill(child: ChildProcess, isGroup: boolean): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (isGroup) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** How it ended where that was not well, in the middle of a sentence. @param name As people know it. */
export function endText(name: string, { code, isOverTime }: Ended, limitMs: number): string {
  if (isOverTime) return `${name} did not come to an end within ${limitMs / 1_000} seconds`;
  return code === null ? `${name} broke off` : `${name} ended with ${code}`;
}

/** A program's words as one line of plain text: nothing in it moves a cursor, turns a line around or goes on for ever. */
export function plainWords(said: string): string {
  const lines = stripVTControlCharacters(said)
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) =>
      line
        .replaceAll(/[\p{C}\p{Bidi_Control}]+/gu, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  const words = lines.join(' · ');
  // Not through the middle of a character.
  return words.length > MAX_WORDS
    ? `${words.slice(0, MAX_WORDS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
    : words;
}
