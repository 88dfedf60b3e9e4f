/** @file What the command line prints: people's words, or with `--json` one document or one object a line. */
import { once } from 'node:events';
import { styleText } from 'node:util';
import type { Writable } from 'node:stream';
import { remedyOf, wordsOf } from '#shared/troubles/catalogue.ts';
import { AppError } from '#shared/errors.ts';
import { isRefusal } from '../engine/s3/refusals.ts';
import { logTime } from './local-time.ts';

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
  stderr: Writable & { isTTY?: boolean; columns?: number };
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
  const hasBar = stderr.isTTY === true && !quiet && !json;
  let bar = '';
  /** A list of a document that was begun, and not ended. */
  let isOpen = false;
  let drained: Promise<unknown> | undefined;
  let barAtMs = -Infinity;

  async function piece(text: string): Promise<void> {
    if (stdout.write(text)) return;
    drained ??= once(stdout, 'drain').finally(() => (drained = undefined));
    await drained;
  }

  /** What the terminal would break in two could not be cleared again. */
  function fitting(text: string): string {
    const { columns = Infinity } = stderr;
    return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
  }

  function clearBar(): void {
    if (bar !== '') stderr.write(`\r${' '.repeat(bar.length)}\r`);
  }

  return {
    json,
    /** Whether `progress` is seen. */
    hasBar,
    style: (style: Style, text: string): string =>
      hasColor ? styleText(style, text, { validateStream: false }) : text,
    /** The answer to what was asked: `document` for machines, `text` for people. */
    answer(document: unknown, text: string): void {
      stdout.write(json ? `${JSON.stringify(document)}\n` : `${text}\n`);
    },
    /**
     * One line of a stream, printed above the progress bar; with its time where it is kept, not seen as it comes.
     * What `needsAttention` is never too much to say.
     */
    event(object: object, text: string | undefined, needsAttention = false): void {
      const nowMs = Date.now();
      if (json)
        stdout.write(`${JSON.stringify({ ...object, at: new Date(nowMs).toISOString() })}\n`);
      else if (text !== undefined && (needsAttention || !quiet)) {
        clearBar();
        stdout.write(stdout.isTTY ? `${text}\n` : `${logTime(nowMs)}  ${text}\n`);
        if (bar !== '') stderr.write(bar);
      }
    },
    /**
     * The answer to what was asked when it is too long to be held: one document for machines whose list
     * `name` grows as it is printed, lines for people. One at a time; an error ends it.
     */
    document(name: string) {
      const head = `{${JSON.stringify(name)}:[`;
      return {
        /** Settles when there is room for more. */
        async item(object: unknown, text: string | undefined): Promise<void> {
          if (!json && text === undefined) return;
          clearBar();
          const written = piece(
            json ? `${isOpen ? ',' : head}${JSON.stringify(object)}` : `${text}\n`,
          );
          isOpen = true;
          if (bar !== '') stderr.write(bar);
          await written;
        },
        end(rest: object, text: string): void {
          const open = isOpen ? '' : head;
          isOpen = false;
          stdout.write(json ? `${open}],${JSON.stringify(rest).slice(1)}\n` : `${text}\n`);
        },
      };
    },
    /** A person has stopped it: a document that was begun is whole all the same. */
    stopped(text: string): void {
      if (json && isOpen) stdout.write(']}\n');
      this.note(text);
    },
    /** What goes on beside the answer; never on stdout. @param needsAttention As of `event`. */
    note(text: string, needsAttention = false): void {
      if (quiet && !needsAttention) return;
      clearBar();
      stderr.write(`${text}\n`);
      if (bar !== '') stderr.write(bar);
    },
    /**
     * The progress bar's line on a terminal; the empty string ends it. What has to be made first is made
     * only when it is shown, ten times a second at most: for some it changes with each of 500,000 files.
     */
    progress(text: string | (() => string)): void {
      if (!hasBar) return;
      const nowMs = performance.now();
      if (typeof text === 'function' && nowMs - barAtMs < BAR_MS) return;
      barAtMs = nowMs;
      clearBar();
      bar = fitting(typeof text === 'function' ? text() : text);
      stderr.write(bar);
    },
    /** @param verb The words that were called, as `migrate run`, for where to read on. */
    error(error: AppError, verb = ''): void {
      clearBar();
      bar = '';
      const told = errorView(error, verb);
      if (json) stdout.write(`${isOpen ? '],' : '{'}${JSON.stringify({ error: told }).slice(1)}\n`);
      else {
        const { title, remedy } = told;
        const { details } = error;
        stderr.write(`${title}.${details ? `\n  ${details}` : ''}\n${remedy}\n`);
      }
    },
  };
}

/** Where a verb's options are told. */
export const readOn = (verb: string): string =>
  `Run ${['pansea-sync', verb, '--help'].filter(Boolean).join(' ')} to see what is possible.`;

/** Where another way on is open than of other verbs; `where` says it of one thing of several. A scanner that cannot be set looks at nothing yet. */
const REMEDIES: Readonly<Record<string, string>> = {
  'download: download-exists':
    'It was not touched. Choose another name. To replace it: --overwrite.',
  'scanner set: scanner-missing':
    'Nothing was changed. Check its name or its path, then try again.',
  'where: not-a-file': 'Name a file, not a folder or a link.',
  'where: file-unreadable':
    'Check its permissions, or whether another program holds it, then ask again.',
  'scanner set: scan-failed': 'Nothing was changed. See whether the scanner works, then try again.',
};

/** An error as `--json` shows it. */
export function errorView({ code, title, message, requestId }: AppError, verb = '') {
  const { title: told, safe } = wordsOf(code, 'cli');
  return {
    code,
    title: told,
    remedy:
      code === 'usage'
        ? `${safe} ${readOn(verb)}`
        : (REMEDIES[`${verb}: ${code}`] ?? remedyOf(code, 'cli')),
    detail: message === title ? undefined : message,
    requestId,
  };
}

/** The process's answer to an error. A refusal counts as not being let in. */
export function exitCodeFor(error: AppError): ExitCode {
  const isRefused: boolean = isRefusal(error);
  if (error.scope === 'storage' || isRefused) return EXIT.noStorage;
  // Some of it may have been done.
  if (error.code === 'archive-full') return EXIT.someFailed;
  if (error.scope === 'usage') return EXIT.usage;
  if (error.code === 'home-locked') return EXIT.homeLocked;
  return EXIT.someFailed;
}
