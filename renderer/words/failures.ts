/** @file Failures of what a person asked for in the window, which may be about the storage alone, or about a list. */
import type { ApiOutput } from '#shared/api.ts';
import { catalogue, remedyOf, wordsOf } from '#shared/troubles/catalogue.ts';
import { AppError, errorCodes, type ErrorCode } from '#shared/errors.ts';
import { UNCHANGED, UNTOUCHED } from '#shared/troubles/trouble.ts';
import { NotAnswering } from '../not-answering.ts';
import { inWindow, tell, type Telling } from './troubles.ts';

/** Their own words are about the call itself. */
const owns: ReadonlySet<ErrorCode> = new Set([
  ...errorCodes.filter((code) => catalogue[code].scope === 'home'),
  'no-object',
  'object-archived',
  'object-restoring',
  'not-archived',
  'fast-restore-full',
  'restore-denied',
  'download-exists',
  'damaged-download',
  'plan-away',
  'cannot-write',
  'nothing-kept',
  'only-in-console',
  'bring-back-denied',
]);

const todos: Partial<Record<ErrorCode, string>> = {
  offline: 'Check the network, then try again.',
  'not-storage':
    'This network may ask you to sign in first: open a browser, then come back and try again.',
  'proxy-refused':
    'The proxy may ask for a name and password: ask your IT team for its full address.',
  busy: 'Try again in a moment.',
  'server-error': 'Try again in a moment.',
  'sign-in-expired': 'Sign in again, then try again.',
  'request-refused': 'Show the details to an admin.',
  'scan-failed': 'See whether the scanner works, then try again.',
  'scanner-missing': 'Check its name or its path, then try again.',
  unexpected: 'Try again. The log has the details.',
};

/** The recordings try again by themselves; a call does not. */
const endsHere: ReadonlySet<ErrorCode> = new Set(['unexpected', 'scan-failed', 'scanner-missing']);

/** A call that failed: of the recordings nothing is said that the failure does not tell. */
export function tellError(error: unknown): Telling {
  if (error instanceof NotAnswering) return silences[error.why];
  const known = error instanceof AppError ? error : new AppError('unexpected', messageOf(error));
  const { code, details } = known;
  const { goTo, ...telling } = tell(code, details && inWindow(details));
  return {
    ...telling,
    ...(endsHere.has(code) && { isWaiting: false }),
    safe: owns.has(code) ? telling.safe : code === 'unexpected' ? UNTOUCHED : UNCHANGED,
    todo: todos[code] ?? telling.todo,
    ...(goTo === undefined || code in todos ? {} : { goTo }),
  };
}

/** What was asked for is what is wrong. */
export const ofTheAsked: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'no-such-file',
  'cannot-open',
  'plan-away',
  'set-by-school',
]);

/** As `tellError`; where what was asked for is what is wrong, that is said and not folded away. */
export function tellAsked(error: unknown): Telling {
  const { detail, ...telling } = tellError(error);
  const isAsked = error instanceof AppError && ofTheAsked.has(error.code);
  return { ...telling, ...(isAsked ? { what: telling.what ?? detail } : { detail }) };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** What is so whether or not anybody answers. */
const ALWAYS = 'Running or not, it changes and deletes no recording on this computer.';
const silences: Record<NotAnswering['why'], Telling> = {
  silent: {
    title: 'Pan-Sea Sync is not answering',
    safe: ALWAYS,
    todo: 'Start it again if it was closed. This window finds it by itself.',
    isWaiting: true,
  },
  refused: {
    title: 'This window is no longer connected',
    safe: ALWAYS,
    todo: 'Close this window and open it again from Pan-Sea Sync.',
  },
};

/** The answer did not come: the storage may have done it. */
const mayBeDone: ReadonlySet<ErrorCode> = new Set([
  'offline',
  'not-storage',
  'server-error',
  'busy',
]);

/** A failure of deleting in the storage. */
export function tellDelete(error: unknown): Telling {
  const telling = tellError(error);
  if (!(error instanceof AppError) || mayBeDone.has(error.code))
    return {
      ...telling,
      safe: 'Whether it is deleted is not known. Nothing on this computer was touched.',
    };
  return owns.has(error.code) ? telling : { ...telling, safe: 'Nothing was deleted.' };
}

/** A failure of bringing back what was deleted there. */
export function tellBringBack(error: unknown): Telling {
  const telling = tellError(error);
  if (error instanceof AppError && !mayBeDone.has(error.code)) return telling;
  return {
    ...telling,
    safe: 'Whether it is back is not known. Look at the list again once the storage answers.',
  };
}

export type WhyLeft = ApiOutput<'uploadFiles'>['left'][number]['why'];

/** Why a file that a person sends was not taken into the queue. */
export const whyLeft = (why: WhyLeft): string =>
  why === 'still-changing'
    ? 'It is still being written. Nothing of it was sent: upload it when that has ended.'
    : `${wordsOf(why).title}. ${remedyOf(why)}`;
