/** @file With what the storage is asked to encrypt new objects. */

/**
 * S3 API, `x-amz-server-side-encryption`. Without one the bucket's own default holds.
 *
 * `keyId`: of `aws:kms`, as the storage names it (on AWS an id, an ARN or `alias/…`); without it the
 * account's own key for S3.
 */
export type Encryption = Readonly<
  { algorithm: 'AES256' } | { algorithm: 'aws:kms'; keyId?: string }
>;

const ALGORITHMS = ['AES256', 'aws:kms'] as const;

/** As people see the choice, the bucket's default first. */
export const encryptionChoices = ['', ...ALGORITHMS] as const;

/** What an HTTP header carries, without spaces. */
const keyPattern = /^[\x21-\x7e]{1,2048}$/;

/**
 * @param algorithm Empty for the bucket's default, or for `aws:kms` when there is a key.
 * @returns What is wrong with it, in words that go on after the setting's name, when it cannot be.
 */
export function readEncryption(
  algorithm: string | undefined,
  keyId: string | undefined,
): { encryption: Encryption | undefined } | { wrong: 'algorithm' | 'key'; why: string } {
  const chosen = algorithm ?? (keyId === undefined ? undefined : 'aws:kms');
  if (chosen === undefined) return { encryption: undefined };
  if (chosen === 'AES256')
    return keyId === undefined
      ? { encryption: { algorithm: chosen } }
      : { wrong: 'key', why: 'is only for aws:kms: AES256 uses the storage’s own keys' };
  if (chosen !== 'aws:kms')
    return {
      wrong: 'algorithm',
      why: 'must be AES256, aws:kms, or empty for the bucket’s default',
    };
  if (keyId === undefined) return { encryption: { algorithm: chosen } };
  if (!keyPattern.test(keyId))
    return { wrong: 'key', why: 'must be a key’s id, ARN or alias, without spaces' };
  return { encryption: { algorithm: chosen, keyId } };
}

/** `AES256`, or `aws:kms` with its key. */
export function encryptionText(algorithm: string, keyId?: string | null): string {
  return keyId ? `${algorithm}, key ${keyId}` : algorithm;
}
