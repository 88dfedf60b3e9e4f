/** @file What an answer about one setting of a bucket means. */
import { AppError } from '#shared/errors.ts';

/** `none` where the storage says by name that there is no such setting. A refusal stays an error. */
export async function settingOr<T>(none: T, names: readonly string[], read: () => Promise<T>) {
  try {
    return await read();
  } catch (error) {
    const name = error instanceof AppError ? (error.cause as Error | undefined)?.name : undefined;
    if (name !== undefined && names.includes(name)) return none;
    throw error;
  }
}

/** A storage that ignores what it was asked for answers with something else: that is no "none". */
export function told<T>(value: T | undefined): T {
  if (value === undefined)
    throw new AppError('not-supported', 'The answer is about something else');
  return value;
}
