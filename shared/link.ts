import { AppError } from './errors.ts';

/** The longest life of a SigV4 presigned URL: seven days, in seconds (S3 user guide, "Sharing objects with presigned URLs"). */
export const MAX_LINK_SECONDS = 604_800;

export type LinkExpiry = Readonly<{
  expiresAtMs: number;
  because: 'asked' | 'seven-days' | 'credentials';
}>;

/** Of one that temporary keys have signed whose end nobody has told. */
export const MAY_END_SOONER =
  'It may stop working sooner: the sign-in that signs links is temporary, and when it ends is not known.';

/**
 * When a link really stops working, and which of three limits ends it: the time asked for, the seven
 * days that S3 allows, or the credentials that signed it.
 *
 * @param nowMs                 Unix milliseconds.
 * @param expiresInSeconds      What was asked for, ≥ 1.
 * @param credentialsExpireAtMs Unix milliseconds; `undefined` for long-lived keys.
 * @throws AppError `sign-in-expired` when the credentials have already ended.
 */
export function linkExpiry(
  nowMs: number,
  expiresInSeconds: number,
  credentialsExpireAtMs: number | undefined,
): LinkExpiry {
  const askedMs = nowMs + expiresInSeconds * 1_000;
  const longestMs = nowMs + MAX_LINK_SECONDS * 1_000;
  const signedMs = Math.min(askedMs, longestMs);
  if (credentialsExpireAtMs !== undefined && credentialsExpireAtMs < signedMs) {
    if (credentialsExpireAtMs <= nowMs) throw new AppError('sign-in-expired');
    return { expiresAtMs: credentialsExpireAtMs, because: 'credentials' };
  }
  return { expiresAtMs: signedMs, because: askedMs <= longestMs ? 'asked' : 'seven-days' };
}
