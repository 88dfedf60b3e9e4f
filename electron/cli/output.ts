/** @file What the command line prints: people's words, or with `--json` one document or one object a line. */
import { once } from 'node:events';
import { styleText } from 'node:util';
import type { Writable } from 'node:stream';
import { remedyOf, wordsOf } from '#shared/catalogue.ts';
import { AppError } from '#shared/errors.ts';
import { isRefusal } from '../engine/s3/refusals.ts';

export const EXIT = {
  done: 0,
  someFailed: 1,
  usage: 2,
  noStorage: 3,
  homeLocked: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BAR_MS = 100;

export type Streams = Readonly<{
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
}>;
export type Output = ReturnType<typeof createOutput>;
type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

export function createOutput(
  streams: Streams,
  options: Readonly<{ json: boolean; quiet: boolean; noColor: boolean }>,
) {
  const { stdout, stderr } = streams;
  const { json, quiet, noColor } = options;
  const hasColor = stdout.isTTY === true && !noColor && !json;
  let bar = '';
  let barAtMs = -Infinity;

  async function piece(text: string): Promise<void> {
    if (!stdout.write(text)) await once(stdout, 'drain');
  }

  function clearBar(): void {
    if (bar !== '') stderr.write(`\r${' '.repeat(bar.length)}\r`);
  }

  return {
    json,
    style: (style: Style, text: string): string =>
      hasColor ? styleText(style, text, { validateStream: false }) : text,
    /** The answer to what was asked: `document` for machines, `text` for people. */
    answer(document: unknown, text: string): void {
      stdout.write(json ? `${JSON.stringify(document)}\n` : `${text}\n`);
    },
    /** One line of a stream, printed above the progress bar. What `needsAttention` is never too much to say. */
    event(object: unknown, text: string | undefined, needsAttention = false): void {
      if (json) stdout.write(`${JSON.stringify(object)}\n`);
      else if (text !== undefined && (needsAttention || !quiet)) {
        clearBar();
        stdout.write(`${text}\n`);
        if (bar !== '') stderr.write(bar);
      }
    },
    /**
     * The answer to what was asked when it is too long to be held: one document for machines whose list
     * `name` grows as it is printed, lines for people.
     */
    document(name: string) {
      let begun = false;
      return {
        isBegun: () => begun,
        async item(object: unknown, text: string | undefined): Promise<void> {
          clearBar();
          if (json)
            await piece(`${begun ? ',' : `{${JSON.stringify(name)}:[`}${JSON.stringify(object)}`);
          else if (text !== undefined) await piece(`${text}\n`);
          begun = true;
          if (bar !== '') stderr.write(bar);
        },
        end(rest: object, text: string): void {
          const open = begun ? '' : `{${JSON.stringify(name)}:[`;
          stdout.write(json ? `${open}],${JSON.stringify(rest).slice(1)}\n` : `${text}\n`);
        },
      };
    },
    /** What goes on beside the answer; never on stdout. */
    note(text: string): void {
      if (quiet) return;
      clearBar();
      stderr.write(`${text}\n`);
      if (bar !== '') stderr.write(bar);
    },
    /**
     * The progress bar's line on a terminal; the empty string ends it. What has to be made first is made
     * only when it is shown, ten times a second at most: for some it changes with each of 500,000 files.
     */
    progress(text: string | (() => string)): void {
      if (stderr.isTTY !== true || quiet || json) return;
      const nowMs = performance.now();
      if (typeof text === 'function' && nowMs - barAtMs < BAR_MS) return;
      barAtMs = nowMs;
      clearBar();
      bar = typeof text === 'function' ? text() : text;
      stderr.write(bar);
    },
    error(error: AppError): void {
      clearBar();
      bar = '';
      const told = errorView(error);
      if (json) stdout.write(`${JSON.stringify({ error: told })}\n`);
      else {
        const { title, remedy } = told;
        const { details } = error;
        stderr.write(`${title}.${details ? `\n  ${details}` : ''}\n${remedy}\n`);
      }
    },
  };
}

/** An error as `--json` shows it. */
export function errorView({ code, title, message, requestId }: AppError) {
  return {
    code,
    title: wordsOf(code, 'cli').title,
    remedy: remedyOf(code, 'cli'),
    detail: message === title ? undefined : message,
    requestId,
  };
}

/** The process's answer to an error. A refusal counts as not being let in. */
export function exitCodeFor(error: AppError): ExitCode {
  const isRefused: boolean = isRefusal(error);
  if (error.scope === 'storage' || isRefused) return EXIT.noStorage;
  if (error.scope === 'usage') return EXIT.usage;
  if (error.code === 'home-locked') return EXIT.homeLocked;
  return EXIT.someFailed;
}
