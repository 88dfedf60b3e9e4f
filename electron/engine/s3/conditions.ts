/** @file "Never over an existing object", as far as a storage knows how to say it. */
import { AppError } from '#shared/errors.ts';

export type NeverOver = <T>(send: (isConditional: boolean) => Promise<T>) => Promise<T>;

/**
 * Sends with `If-None-Match: *` until the storage says that it knows no conditional writes (Swift answers
 * 501). From then on the HEAD before each upload and the fresh UUID in each key have to do.
 */
export function createNeverOver(): NeverOver {
  let hasConditions = true;
  return async (send) => {
    const isConditional = hasConditions;
    try {
      return await send(isConditional);
    } catch (error) {
      if (!isConditional || !(error instanceof AppError) || error.code !== 'not-supported')
        throw error;
      hasConditions = false;
      return send(false);
    }
  };
}
