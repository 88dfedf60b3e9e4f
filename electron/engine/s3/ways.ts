/** @file How a storage is asked that may not know all of what S3 knows. */
import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { Facts, Known } from './known.ts';

/** What a request may carry beyond the least. */
export type Way = Readonly<{ hasCondition: boolean; hasChecksum: boolean }>;
type Named = Readonly<{ condition?: keyof Facts; checksum: keyof Facts }>;

/** What the requests that write may carry, and as what it is remembered. */
export const ofObject = { condition: 'conditionalWrites', checksum: 'checksums' } as const;
export const ofCompletion = { condition: 'conditionalCompletes', checksum: 'checksums' } as const;
export const ofBytes = { checksum: 'checksums' } as const;

/** Bytes are never sent without a sum that shows what the way did to them: every S3 knows Content-MD5. */
export const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('base64');

/** Never writing over an object is worth more than a checksum on the way, so it is given up last. */
const ways: readonly Way[] = [
  { hasCondition: true, hasChecksum: true },
  { hasCondition: true, hasChecksum: false },
  { hasCondition: false, hasChecksum: true },
  { hasCondition: false, hasChecksum: false },
];

/**
 * Sends with all that S3 knows, and, where the storage says that it does not know one of them, without it;
 * that is remembered.
 *
 * @param names What a request carries, and as what it is remembered.
 * @throws The first refusal, when none of the ways is taken.
 */
export async function asItTakes<T>(
  known: Known,
  names: Named,
  send: (way: Way) => Promise<T>,
): Promise<T> {
  const { condition, checksum } = names;
  const mayCarry = (name: keyof Facts | undefined) =>
    name !== undefined && known.get(name) !== false;
  const possible = ways.filter(
    ({ hasCondition, hasChecksum }) =>
      (!hasCondition || mayCarry(condition)) && (!hasChecksum || mayCarry(checksum)),
  );
  let refusal: unknown;
  for (const way of possible) {
    try {
      const answer = await send(way);
      if (condition && !way.hasCondition) forget(condition);
      if (!way.hasChecksum) forget(checksum);
      return answer;
    } catch (error) {
      if (!isForeignToIt(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;

  function forget(name: keyof Facts): void {
    if (known.get(name) !== false) known.set(name, false);
  }
}

/** AWS's relatives say 501, or 400 and the name of the header. */
function isForeignToIt(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  const { code, message } = error;
  return (
    code === 'not-supported' ||
    (code === 'request-refused' &&
      /(?:unsupported|not supported|not implemented).*(?:checksum|if-none-match)|(?:checksum|if-none-match).*(?:unsupported|not supported|not implemented)/i.test(
        message,
      ))
  );
}
