import { AppError, type ErrorCode } from '#shared/errors.ts';
import { Silence } from './disks.ts';

const reading = new Map<string, ErrorCode>([
  ['ENOENT', 'file-gone'],
  ['ENOTDIR', 'file-gone'],
  ['EACCES', 'file-unreadable'],
  ['EPERM', 'file-unreadable'],
  ['EBUSY', 'file-unreadable'],
  ['EMFILE', 'file-unreadable'],
  // Drives and shares that went away, for now.
  ['ENODEV', 'file-unreadable'],
  ['ESTALE', 'file-unreadable'],
  ['ETIMEDOUT', 'file-unreadable'],
  ['EHOSTDOWN', 'file-unreadable'],
  ['EIO', 'disk-error'],
  ['ELOOP', 'not-a-file'],
  ['EISDIR', 'not-a-file'],
  ['ENXIO', 'not-a-file'],
]);

/** Whether it says that there is no such file. Every other error says nothing of that. */
export function saysGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The system's error for a local file that we read, as one of ours. Anything unknown stays what it is. */
export function toReadError(error: unknown, path: string, atByte?: number): unknown {
  const code = reading.get(String((error as NodeJS.ErrnoException).code));
  const detail = atByte === undefined ? path : `${path} at byte ${atByte}`;
  if (error instanceof Silence)
    return new AppError('file-unreadable', `${detail}: its disk does not answer`, { cause: error });
  return code === undefined ? error : new AppError(code, detail, { cause: error });
}

const opening: Partial<Record<ErrorCode, ErrorCode>> = {
  'file-gone': 'no-such-file',
  'file-unreadable': 'cannot-open',
  'not-a-file': 'cannot-open',
};

/** The same for a file that a person names and that is no recording, such as a plan. One of ours stays what it is. */
export function toNamedError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  const known = toReadError(error, path);
  const code = known instanceof AppError ? opening[known.code] : undefined;
  return code === undefined ? known : new AppError(code, path, { cause: error });
}

/** The same for a file that we write, such as a download. */
export function toWriteError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return new AppError('download-exists', path, { cause: error });
  const why = saysGone(error) ? 'there is no such folder' : code;
  return typeof code === 'string' && code.startsWith('E')
    ? new AppError('cannot-write', `${path}: ${why}`, { cause: error })
    : error;
}
