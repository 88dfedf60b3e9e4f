/** @file A refusal is named after what was asked for, so that an admin knows what to allow. */
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { Remote } from './remote.ts';

const names = {
  putObject: 'upload-denied',
  putStream: 'upload-denied',
  createUpload: 'upload-denied',
  putPart: 'upload-denied',
  completeUpload: 'upload-denied',
  head: 'read-denied',
  read: 'read-denied',
  deleteObject: 'delete-denied',
  restoreObject: 'restore-denied',
  list: 'list-denied',
  listVersions: 'versions-denied',
  headVersion: 'read-denied',
  removeMarker: 'bring-back-denied',
  listUploads: 'unfinished-denied',
  abortUpload: 'end-denied',
} as const satisfies Partial<Record<keyof Remote, ErrorCode>>;

/** Of a storage that throws `access-denied` for all of them. */
export function withNamedRefusals(remote: Remote): Remote {
  const calls = Object.entries(names).map(([name, code]) => {
    const call = remote[name as keyof typeof names] as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => call(...args).catch((error) => named(code, error))];
  });
  return { ...remote, ...(Object.fromEntries(calls) as Partial<Remote>) };
}

function named(code: ErrorCode, error: unknown): never {
  if (!(error instanceof AppError) || error.code !== 'access-denied') throw error;
  const { message, title, requestId } = error;
  throw new AppError(code, message === title ? undefined : message, { cause: error, requestId });
}

const refusals: ReadonlySet<ErrorCode> = new Set(['access-denied', ...Object.values(names)]);

const closed: ReadonlySet<ErrorCode> = new Set(['object-archived', 'object-restoring']);

/** Whether an object is there, and could not be read for lying in an archive. */
export function isClosed(error: unknown): error is AppError {
  return error instanceof AppError && closed.has(error.code);
}

/** Whether the storage was reached, and did not let this account do it. */
export function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && refusals.has(error.code);
}
