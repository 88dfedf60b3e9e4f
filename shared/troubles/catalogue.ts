/**
 * @file Everything that can be expected to go wrong, as one table: what windows, the command line and the
 * REST routes say of it, how the queue goes on, and whose trouble it is. trouble.ts tells what the columns mean.
 */
import { fileTroubles } from './file-troubles.ts';
import { holds } from './holds.ts';
import { homeTroubles } from './home-troubles.ts';
import { keepingTroubles } from './keeping-troubles.ts';
import type { HoldReason } from '../job.ts';
import { refusalTroubles } from './refusal-troubles.ts';
import { storageTroubles } from './storage-troubles.ts';
import { ALL_SAFE, UNCHANGED, UNTOUCHED, type Trouble, type Words } from './trouble.ts';

const rows = {
  ...storageTroubles,
  ...refusalTroubles,
  ...keepingTroubles,
  ...fileTroubles,
  ...homeTroubles,
  'bad-id': {
    title: 'This class or user id is not allowed',
    safe: UNCHANGED,
    todo: 'Use letters, digits, dot, dash and underscore, starting with a letter or digit, at most 128.',
    retry: 'after-user',
    scope: 'usage',
  },
  'bad-folder': {
    title: 'This folder cannot be watched',
    safe: UNCHANGED,
    todo: 'Choose an existing folder that is not inside another watched folder and does not hold the app’s own data.',
    retry: 'after-user',
    scope: 'usage',
  },
  'settings-missing': {
    title: 'A setting is missing',
    safe: UNTOUCHED,
    todo: 'Add it in Settings, or in the environment or .env file.',
    cli: { todo: 'Set it in the environment or in a .env file; .env.example lists them all.' },
    goTo: 'settings',
    retry: 'after-user',
    scope: 'usage',
  },
  'settings-wrong': {
    title: 'A setting is not valid',
    safe: UNTOUCHED,
    todo: 'Correct it in Settings, or in the environment or .env file that sets it.',
    cli: { todo: 'Correct it in the environment or in the .env file.' },
    goTo: 'settings',
    retry: 'after-user',
    scope: 'usage',
  },
  'options-refused': {
    title: 'Pan-Sea Sync was started with an option that it does not take',
    safe: UNCHANGED,
    todo: 'Start it without what is named below.',
    retry: 'after-user',
    scope: 'usage',
  },
  'keys-unprotected': {
    title: 'This computer has no keychain to keep keys in',
    safe: UNCHANGED,
    todo: 'Put the keys into a profile of the AWS tools, or agree that they are stored without protection.',
    retry: 'after-user',
    scope: 'usage',
  },
  'set-by-school': {
    title: 'This is set by your school',
    safe: UNCHANGED,
    todo: 'Ask your IT team if it has to be different.',
    retry: 'after-user',
    scope: 'usage',
  },
  usage: {
    title: 'This could not be done as entered',
    safe: UNCHANGED,
    todo: 'Check what was entered, then try again.',
    cli: { title: 'The command was not carried out' },
    retry: 'after-user',
    scope: 'usage',
  },
  unexpected: {
    title: 'Something went wrong inside Pan-Sea Sync',
    safe: ALL_SAFE,
    todo: 'Try again; uploads do so by themselves. The log has the details.',
    retry: 'backoff',
    scope: 'file',
  },
} as const satisfies Record<string, Trouble>;

export type ErrorCode = keyof typeof rows;

export const catalogue: Readonly<Record<ErrorCode, Trouble>> = rows;

/** `window` also for the REST routes: whoever runs those has the window beside them. */
type Reader = 'window' | 'cli';

/** What can be in the way of a recording: a trouble, or what it is held for. */
export type Reason = ErrorCode | HoldReason;

const all: Readonly<Record<Reason, Pick<Trouble, keyof Words | 'cli'>>> = { ...rows, ...holds };

/** What a row says to whoever reads it there. */
export function wordsOf(code: Reason, reader: Reader = 'window'): Words {
  const { title, safe, todo, cli } = all[code];
  return { title, safe, todo, ...(reader === 'cli' ? cli : undefined) };
}

/** The answer to "and now?" in one text: first whether the recording is safe, then what to do. */
export function remedyOf(code: Reason, reader: Reader = 'window'): string {
  const { safe, todo } = wordsOf(code, reader);
  return `${safe} ${todo}`;
}
