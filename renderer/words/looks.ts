/**
 * @file Troubles of calls that look at the storage, make a link or delete: what they are about may be in the
 * storage alone, so nothing is said of this computer's files, and nothing goes on by itself.
 */
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { tellError, type Telling } from './troubles.ts';

const UNCHANGED = 'Nothing was changed.';

/** Their own words say where the recording is. */
const owns: ReadonlySet<ErrorCode> = new Set([
  'no-object',
  'object-archived',
  'download-exists',
  'damaged-download',
  'cannot-write',
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
  'access-denied':
    'Ask an admin to allow reading objects (s3:GetObject). Without s3:ListBucket, one that was deleted is refused in the same way.',
};

/** A failure of a call that changes nothing in the storage. */
export function tellLook(error: unknown): Telling {
  const { goTo, ...telling } = tellError(error);
  if (!(error instanceof AppError))
    return { ...telling, safe: 'Nothing on this computer was changed.' };
  const { code } = error;
  return {
    ...telling,
    safe: owns.has(code) ? telling.safe : UNCHANGED,
    todo: todos[code] ?? telling.todo,
    ...(goTo === undefined || code in todos ? {} : { goTo }),
  };
}

/** The answer did not come: the storage may have done it. */
const mayBeDone: ReadonlySet<ErrorCode> = new Set([
  'offline',
  'not-storage',
  'server-error',
  'busy',
]);

/** A failure of deleting in the storage. */
export function tellDelete(error: unknown): Telling {
  const telling = tellLook(error);
  if (!(error instanceof AppError) || mayBeDone.has(error.code))
    return {
      ...telling,
      safe: 'Whether it is deleted is not known. Nothing on this computer was touched.',
    };
  if (error.code !== 'access-denied')
    return owns.has(error.code) ? telling : { ...telling, safe: 'Nothing was deleted.' };
  return {
    ...telling,
    safe: 'Nothing was deleted.',
    todo: 'Ask an admin to allow reading and deleting objects (s3:GetObject, s3:DeleteObject).',
  };
}
