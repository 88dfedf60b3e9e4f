/** @file A `.env` file that a person hands over in the window: what is understood of it, and what is not. */
import { parseEnv } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { otherNames, storageNames, storageSettings, type Environment } from './settings.ts';

/** A line that is not used, or whose value cannot be. No value of a line is ever in it. */
export type LineNote = Readonly<{
  /** Counted from 1; `undefined` for what is missing. */
  line: number | undefined;
  name: string | undefined;
  why: string;
  /** With it the connection could not be saved. */
  isWrong: boolean;
}>;

const assignment = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*)$/;
/** As other shells write it. */
const foreign = /^\s*(?:\$env:|set(?:x)?\s+)([A-Za-z_]\w*)\b/i;
/** Of a name that is shown: what is longer was no name. */
const MAX_NAME = 60;
const KEY_PAIR = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
const ANY_BUCKET = 'any-bucket';

/** @returns The storage's variables in it, and a note for each other line. */
export function readEnvText(text: string): { env: Environment; notes: LineNote[] } {
  const all: Environment = parseEnv(text);
  const lines = linesOf(text);
  const names = storageNames.filter((name) => all[name]?.trim());
  const env = Object.fromEntries(names.map((name) => [name, all[name]]));
  const lineOf = (name: string) => lines.findLast((line) => line.name === name)?.line;
  const wrong = troublesOf(env).map(({ name, why }) => ({
    line: lineOf(name),
    name,
    why,
    isWrong: true,
  }));
  const unused = lines.flatMap(({ line, name, raw }) => {
    const why = name === undefined ? unreadable(raw) : unusedWhy(name);
    return why === undefined ? [] : [{ line, name, why, isWrong: false }];
  });
  return { env, notes: [...wrong, ...unused] };
}

/** What of a file beside the command line has no meaning there. The file may be another program's, too. */
export function unusedLines(text: string): LineNote[] {
  return readEnvText(text).notes.filter(
    ({ isWrong, name }) => !isWrong && !(name !== undefined && otherNames.has(name)),
  );
}

type Line = Readonly<{ line: number; name: string | undefined; raw: string }>;

/** Those that say something: neither empty, nor a comment, nor the rest of a quoted value. */
function linesOf(text: string): Line[] {
  const all = text.split(/\r?\n|\r/);
  const lines: Line[] = [];
  for (let at = 0; at < all.length; at += 1) {
    const raw = all[at]!;
    if (/^\s*(?:#|$)/.test(raw)) continue;
    const [, name, value = ''] = assignment.exec(raw) ?? [];
    lines.push({ line: at + 1, name: name?.slice(0, MAX_NAME), raw });
    const [, quote] = /^(["'`])(?!.*\1)/.exec(value) ?? [];
    const end = quote === undefined ? -1 : all.findIndex((one, n) => n > at && one.includes(quote));
    if (end !== -1) at = end;
  }
  return lines;
}

function unreadable(raw: string): string {
  const [, name] = foreign.exec(raw) ?? [];
  return name === undefined
    ? 'is not NAME=value'
    : `is written for another program; write ${name.toUpperCase()}=value`;
}

function unusedWhy(name: string): string | undefined {
  if (storageNames.includes(name)) return undefined;
  if (name === 'PANSEA_HOOK')
    return 'is not a setting of the connection: it holds only in the environment, or in a file that --env-file names';
  if (otherNames.has(name.toUpperCase()) && name === name.toUpperCase())
    return 'is not a setting of the connection: it holds only in the environment, or in a .env file beside the command line';
  if (storageNames.includes(name.toUpperCase()))
    return `has to be written in capitals: ${name.toUpperCase()}`;
  return 'is no setting that Pan-Sea Sync knows';
}

/** Each setting that cannot be used. The engine's own check stops at the first one, so it is asked again without that. */
function troublesOf(env: Environment): { name: string; why: string }[] {
  const troubles: { name: string; why: string }[] = [];
  const rest: Record<string, string | undefined> = { ...env };
  rest['AWS_S3_BUCKET'] ||= ANY_BUCKET; // The one that is in use may be meant: the caller knows.
  for (;;) {
    try {
      storageSettings(rest);
      return troubles;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const [name = ''] = /^\w+/.exec(error.message) ?? [];
      if (troubles.some((known) => known.name === name)) return troubles;
      troubles.push({ name, why: error.message.slice(name.length).trim() });
      // What is missing is half of the keys: the other half is no more use.
      for (const bad of rest[name] === undefined ? KEY_PAIR : [name]) delete rest[bad];
      rest['AWS_S3_BUCKET'] ||= ANY_BUCKET;
    }
  }
}
